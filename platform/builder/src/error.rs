//! Why there is no slug.
use std::{io, path::PathBuf};

/// A fault: the platform or its machine is in a bad state; the operator acts.
#[derive(Debug, thiserror::Error)]
pub enum BuilderError {
    #[error("{action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("reading {}: {message}", path.display())]
    Buildpack { path: PathBuf, message: String },
    #[error(
        "the {buildpack} buildpack needs the program {program}, which this machine does not have; install it, or put its folder on the PATH of paasd"
    )]
    Program { buildpack: String, program: String },
    #[error("writing the SBOM: {0}")]
    Sbom(String),
    #[error("the build's thread ended without an answer")]
    Thread,
}

/// What ends a build without a slug.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The developer acts. Complete sentences, maybe several lines, without any ` !     ` in front.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Fault(#[from] BuilderError),
}

/// Names the step and the path of an I/O failure.
pub(crate) trait At<T> {
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, BuilderError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: impl Into<PathBuf>) -> Result<T, BuilderError> {
        self.map_err(|source| BuilderError::Io { action, path: path.into(), source })
    }
}
