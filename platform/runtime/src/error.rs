//! What can go wrong, by who acts on it.
use std::{io, path::PathBuf};

/// Our own fault: logged, never shown to the developer in detail.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    #[error("the WebAssembly engine does not start: {0:#}")]
    Engine(wasmtime::Error),
    #[error("the epoch thread does not start")]
    Ticker(#[source] io::Error),
    #[error("the runtime's cache at {path} fails: {source}")]
    Cache { path: PathBuf, source: io::Error },
    #[error("the slug file {path} cannot be read: {source}")]
    Blob { path: PathBuf, source: io::Error },
    #[error("the worker does not start: {0}")]
    Worker(#[source] io::Error),
    #[error("the worker failed: {0}")]
    WorkerFailed(String),
    #[error("compiled code does not load: {0:#}")]
    Load(wasmtime::Error),
    #[error("the certificate authorities in {path} cannot be read: {reason}")]
    Authorities { path: PathBuf, reason: String },
    #[error("a task of the runtime panicked")]
    Panicked,
}

/// Why a slug cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The developer acts; the words say how.
    #[error("{0}")]
    App(String),
    /// We act.
    #[error("The platform could not prepare this app. Try again; if it stays, tell the operator. ({0})")]
    Fault(#[from] RuntimeError),
}

impl Refusal {
    pub(crate) fn app(text: impl Into<String>) -> Self {
        Self::App(text.into())
    }
    /// Whether the platform is to blame.
    pub fn is_fault(&self) -> bool {
        matches!(self, Self::Fault(_))
    }
}
