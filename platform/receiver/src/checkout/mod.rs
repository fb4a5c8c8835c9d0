//! Writes the files of a commit or an archive into a folder, trusting nothing in them: first a plan of the whole tree with all sizes, then the files.
use crate::{ReceiverError, repository::Objects};
use git2::Oid;
use std::path::Path;

pub(crate) mod archive;
mod links;
mod plan;
mod write;

/// What a source may be; beyond it the push is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckoutLimits {
    /// All files together.
    pub total_bytes: u64,
    pub file_bytes: u64,
    /// Files, links and folders.
    pub entries: usize,
    /// Folders in folders.
    pub depth: usize,
    /// A path from the source's root.
    pub path_bytes: usize,
}

impl Default for CheckoutLimits {
    fn default() -> Self {
        Self { total_bytes: 512 << 20, file_bytes: 128 << 20, entries: 50_000, depth: 64, path_bytes: 4096 }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckoutStats {
    /// Files and links.
    pub files: usize,
    pub bytes: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The developer acts: says which path, and what to do.
    #[error("{0}")]
    Refused(String),
    /// We act.
    #[error("the source could not be written")]
    Fault(#[source] ReceiverError),
}

impl From<git2::Error> for CheckoutError {
    fn from(error: git2::Error) -> Self {
        Self::Fault(ReceiverError::repository("reading the source")(error))
    }
}

/// For `Err`: a refusal about a path. Paths are escaped: they are the developer's words and may hold anything.
fn refused<T>(path: &str, why: impl std::fmt::Display) -> Result<T, CheckoutError> {
    Err(CheckoutError::Refused(format!("{} {why}", path.escape_debug())))
}

pub(crate) fn checkout(objects: &Objects, commit: &str, into: &Path, limits: &CheckoutLimits) -> Result<CheckoutStats, CheckoutError> {
    let repository = objects.open()?;
    let tree = repository.find_commit(Oid::from_str(commit)?)?.tree_id();
    let root = plan::plan(&repository, tree, limits)?;
    links::check(&root)?;
    write::write(&write::Origin::Git(&repository), &root, into)
}
