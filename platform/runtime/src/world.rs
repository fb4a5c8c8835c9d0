//! What an app reaches beyond its own memory, the same for all of its instances.
use crate::{
    Refusal, Shared,
    files::{Tree, Trees},
    outbound::Client,
    python,
};
use paas_model::Target;
use std::sync::Arc;

pub(crate) struct World {
    /// What it sees at `/app`.
    pub(crate) files: Option<Tree>,
    /// What a Python app sees at `/python`.
    pub(crate) library: Option<Tree>,
    /// The hosts it may call, and its connections to them.
    pub(crate) client: Arc<Client>,
}

impl World {
    pub(crate) async fn open(rt: &Arc<Shared>, target: &Target) -> Result<Arc<Self>, Refusal> {
        Ok(Arc::new(Self {
            files: Trees::of(rt, target).await?,
            library: python::library(rt, target).await?,
            client: Client::new(rt.network.clone(), target),
        }))
    }
}
