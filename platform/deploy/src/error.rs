//! A refusal (the developer acts) or a fault (ours).
use paas_builder::BuilderError;
use paas_runtime::{Refusal, RuntimeError};
use paas_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The request makes no sense as it stands; the text says what to do.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    NotFound(String),
    /// Something else happened meanwhile; trying again may help.
    #[error("{0}")]
    Conflict(String),
    #[error("the store failed")]
    Store(#[source] StoreError),
    #[error("the builder failed")]
    Builder(#[from] BuilderError),
    #[error("the runtime failed")]
    Runtime(#[source] RuntimeError),
    #[error("{0}")]
    Fault(String),
}

/// What the developer can act on is a refusal, wherever it was noticed.
impl From<StoreError> for DeployError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(_) => Self::Refused(error.to_string()),
            StoreError::NoApp | StoreError::NoRelease(_) => Self::NotFound(error.to_string()),
            StoreError::Conflict { .. } => Self::Conflict(error.to_string()),
            _ => Self::Store(error),
        }
    }
}

impl From<Refusal> for DeployError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::App(text) => Self::Refused(text),
            Refusal::Fault(error) => Self::Runtime(error),
        }
    }
}

pub type Result<T, E = DeployError> = std::result::Result<T, E>;

impl DeployError {
    /// Whether trying again later cannot help: the developer has to change something first.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::NotFound(_))
    }

    /// Words for the developer: a refusal as it is; a fault without its inner parts, which are in the platform's log.
    pub fn public(&self) -> String {
        match self {
            Self::Refused(text) | Self::NotFound(text) | Self::Conflict(text) => text.clone(),
            Self::Store(error) if error.is_unavailable() => "The platform's database is not reachable right now. Try again in a minute.".into(),
            Self::Store(_) | Self::Builder(_) | Self::Runtime(_) | Self::Fault(_) => {
                "The platform failed, not your app. Try again; the operator finds the cause in the platform's log.".into()
            }
        }
    }
}
