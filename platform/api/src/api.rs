//! What handlers work with.
use crate::log_session::LogSessions;
use paas_deploy::Deploy;
use paas_logs::Logs;
use paas_metrics::Metrics;
use paas_model::{AccountId, Address};
use paas_receiver::Receiver;
use paas_store::Store;
use std::{ops::Deref, sync::Arc};

/// What the API is put together from.
pub struct Parts {
    pub store: Store,
    pub deploy: Deploy,
    pub receiver: Receiver,
    pub logs: Logs,
    pub metrics: Metrics,
    pub address: Address,
    /// Whose key also opens what is about all apps.
    pub admin: AccountId,
}

/// The state of all handlers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Inner>);

pub(crate) struct Inner {
    parts: Parts,
    pub log_sessions: LogSessions,
}

impl Api {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner { parts, log_sessions: LogSessions::default() }))
    }
}

impl Deref for Api {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.parts
    }
}
