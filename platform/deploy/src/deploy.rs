//! The room's one object: what it works with.
use crate::{error::Result, output::Outputs, running::Running};
use futures::Stream;
use paas_builder::Builder;
use paas_model::{Address, BuildId};
use paas_runtime::Runtime;
use paas_store::Store;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// A router that takes longer than this has a fault of its own, which its log tells.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(60);

/// Makes releases. Cheap to clone.
#[derive(Clone)]
pub struct Deploy {
    parts: Arc<Parts>,
    pub(crate) outputs: Outputs,
    pub(crate) running: Running,
}

/// What [`Deploy`] is put together from.
pub struct Parts {
    pub store: Store,
    pub builder: Builder,
    pub runtime: Runtime,
    pub address: Address,
    /// Builds of different apps that run at the same time on this node; others wait.
    pub builds_at_once: usize,
    /// The newest version of the routes that this node's router answers by.
    pub published: watch::Receiver<u64>,
}

impl std::ops::Deref for Deploy {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Deploy {
    pub fn new(parts: Parts) -> Self {
        let running = Running::new(parts.builds_at_once);
        Self { parts: Arc::new(parts), outputs: Outputs::default(), running }
    }

    /// What builds run in.
    pub fn builder(&self) -> &Builder {
        &self.builder
    }

    /// The output of a build: what there is, then what comes, until the build ends.
    pub async fn build_output(&self, build: BuildId) -> Result<impl Stream<Item = String> + Send + use<>> {
        self.outputs.follow(&self.store, build).await
    }

    /// Waits until this node answers by routes of at least this version. A release that is made stays made if the router lags.
    pub(crate) async fn wait_until_published(&self, routes_version: u64) {
        let mut published = self.published.clone();
        let seen = published.wait_for(|version| *version >= routes_version);
        if !matches!(tokio::time::timeout(PUBLISHED_WITHIN, seen).await, Ok(Ok(_))) {
            tracing::error!(routes_version, "the router does not follow; the change is made, but not answered by yet");
        }
    }
}
