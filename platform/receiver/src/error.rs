//! What can go wrong here that is not the developer's doing.
use std::{io, path::PathBuf};

/// A fault of the platform. What a developer did wrong travels as [`crate::Rejected`] or [`crate::CheckoutError::Refused`].
#[derive(Debug, thiserror::Error)]
pub enum ReceiverError {
    #[error("{step} failed for {}", path.display())]
    File { step: &'static str, path: PathBuf, source: io::Error },
    #[error("the hook's socket {} has a longer path than the system allows (107 bytes); choose a shorter run folder", .0.display())]
    SocketPath(PathBuf),
    #[error("git could not be started; install git 2.34 or newer")]
    NoGit(#[source] io::Error),
    #[error("git {command} failed: {stderr}")]
    Git { command: &'static str, stderr: String },
    #[error("git {0} did not end in time")]
    Slow(&'static str),
    #[error("limiting the resources of git failed")]
    Limits(#[source] io::Error),
    #[error("{step} failed in the repository")]
    Repository { step: &'static str, source: git2::Error },
    #[error("a task of the receiver ended early")]
    Task(#[from] tokio::task::JoinError),
}

impl ReceiverError {
    /// For `map_err`: the step and the path that an I/O error lacks.
    pub(crate) fn file(step: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { step, path, source }
    }

    /// For `map_err`: the step that a libgit2 error lacks.
    pub(crate) fn repository(step: &'static str) -> impl FnOnce(git2::Error) -> Self {
        move |source| Self::Repository { step, source }
    }
}
