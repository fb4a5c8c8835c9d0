//! What an app reaches beyond its own memory, the same for all of its instances.
use crate::{
    RuntimeError, Shared,
    files::{Tree, Trees},
    outbound::Client,
};
use paas_model::Target;
use std::sync::Arc;

pub(crate) struct World {
    /// What it sees at `/app`.
    pub(crate) files: Option<Tree>,
    /// The hosts it may call, and its connections to them.
    pub(crate) client: Arc<Client>,
}

impl World {
    pub(crate) async fn open(rt: &Arc<Shared>, target: &Target) -> Result<Arc<Self>, RuntimeError> {
        Ok(Arc::new(Self { files: Trees::of(rt, target).await?, client: Client::new(rt.network.clone(), target) }))
    }
}
