//! What an app reaches beyond its own memory, the same for all of its instances.
use crate::{
    Refusal, Shared,
    files::{Tree, Trees},
    outbound::Client,
    python,
};
use paas_model::Target;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(crate) struct World {
    /// Its slug's files, if it sees some.
    pub(crate) files: Option<Tree>,
    /// Where it sees them.
    pub(crate) files_at: &'static str,
    /// What a Python app sees at `/python`.
    pub(crate) library: Option<Tree>,
    /// The hosts it may call, and its connections to them.
    pub(crate) client: Arc<Client>,
    /// A key is derived for one of its requests at a time.
    pub(crate) deriving: Arc<Semaphore>,
}

impl World {
    /// May wait for the disk.
    pub(crate) fn open(rt: &Shared, target: &Target, files_at: &'static str) -> Result<Arc<Self>, Refusal> {
        Ok(Arc::new(Self {
            files: Trees::find(rt, target)?,
            files_at,
            library: python::library(rt, target)?,
            client: Client::new(rt.network.clone(), target),
            deriving: Arc::new(Semaphore::new(1)),
        }))
    }
}
