//! The slug's own files, as its app sees them: a read-only folder at `/app`, and `paas:app/files` on the same folder.
//!
//! Folders are made of hard links to the blobs, once per slug and node. They hold plain files and folders only, so no path in them leads elsewhere.
mod folder;
mod host;
mod trees;

pub(crate) use folder::{Entry, Folder};
pub(crate) use host::{Seen, link};
pub(crate) use trees::{Tree, Trees};

use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// Where an app sees them.
pub(crate) const APP: &str = "/app";
/// Where a component of several sees its own, as Spin shows them.
pub(crate) const ROOT: &str = "/";

/// Shows the app its files, if it has some.
pub(crate) fn preopen(wasi: &mut WasiCtxBuilder, tree: Option<&Tree>, at: &str) -> wasmtime::Result<()> {
    if let Some(tree) = tree {
        wasi.preopened_dir(tree.path(), at, FsPerms::ReadOnly)?.initial_cwd(at);
    }
    Ok(())
}
