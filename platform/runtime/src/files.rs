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

/// Shows the app its files, if it has some.
pub(crate) fn preopen(wasi: &mut WasiCtxBuilder, tree: Option<&Tree>) -> wasmtime::Result<()> {
    if let Some(tree) = tree {
        wasi.preopened_dir(tree.path(), APP, FsPerms::ReadOnly)?.initial_cwd(APP);
    }
    Ok(())
}
