//! Why a command ended badly, and the exit code that says so to scripts.
use crate::output;

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// The words are for people and end with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Unauthorized(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Unreachable(String),
    /// Whoever read our output has stopped (`paas logs | head`): no failure of the user's.
    #[error("nobody reads the output any more")]
    Closed,
}

impl Failure {
    /// As documented in `paas --help`; 69 is EX_UNAVAILABLE of sysexits.h.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Unauthorized(_) => 3,
            Self::NotFound(_) => 4,
            Self::Unreachable(_) => 69,
        }
    }

    pub fn report(&self) {
        if !matches!(self, Self::Closed) {
            output::complain(&self.to_string());
        }
    }

    /// A step on this machine failed.
    pub fn local(step: impl std::fmt::Display, cause: impl std::fmt::Display) -> Self {
        Self::Refused(format!("Could not {step}: {cause}."))
    }
}
