//! Python apps: many apps on one compiled CPython, each with the memory that its boot left behind.
//!
//! A slug holds the app before boot: its files and packages at `/app`. Making a release imports it once, in a worker, with the release's environment; the
//! memory afterwards becomes a module without code, the snapshot. A request's instance is the shared engine with a copy-on-write copy of that memory.
mod boot; // start here: what happens in the worker
mod bytecode;
mod engines;
mod exchange;
mod join;
mod lasting;
mod link;
mod serve;
mod split;
mod worker;

pub(crate) use bytecode::link as link_bytecode;
pub(crate) use engines::Engines;
pub(crate) use exchange::{Exchange, link as link_exchange};
pub(crate) use serve::{Program, Served};
pub(crate) use worker::{boot_main, settle_main};

use crate::{
    Refusal, RuntimeError, Shared,
    cache::Wait,
    files::Tree,
    instance::State,
    javascript::{SNAPSHOT, found, is_whole},
    program,
};
use engines::Blobs;
use paas_model::{Launch, Manifest, Target, output::Output};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

fn engine(manifest: &Manifest, folder: &str) -> Result<Blobs, Refusal> {
    let part = |name: &str| program::blob(manifest, &format!("{folder}/{name}"));
    Ok(Blobs { component: part("engine.wasm")?, library: part("library.tar")? })
}

/// The app's name and its engine, if the release is a Python app.
fn launch(target: &Target) -> Result<(&str, Blobs), Refusal> {
    match program::web(&target.manifest)? {
        Launch::Python { app, engine: folder } => Ok((app, engine(&target.manifest, folder)?)),
        _ => Err(Refusal::app("This app's web process is not a Python app. Deploy it again.")),
    }
}

/// Names what a boot depends on; the cache's folder names the rest (engine version, processor).
pub(crate) fn snapshot_id(target: &Target) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}\n", target.slug));
    if let Some(Launch::Python { app, .. }) = target.manifest.web() {
        hash.update(format!("{app}\n"));
    }
    hash.update(serde_json::to_vec(&*target.env).expect("config vars are a map of strings"));
    hex::encode(hash.finalize())
}

/// Prepares the engine that the slug names, in a push: the first Python app on a node waits for it.
pub(crate) async fn check(rt: &Arc<Shared>, manifest: &Manifest, folder: &str, output: &Output) -> Result<(), Refusal> {
    let engine = engine(manifest, folder)?;
    if !engines::is_ready(rt, engine) {
        output.step("Compiling the Python engine (once on this node)");
    }
    engines::get(rt, engine).await.map(|_| ())
}

/// Boots the release, unless its snapshot is there; says what the developer should know of the boot.
pub(crate) async fn prepare(rt: &Arc<Shared>, target: &Target) -> Result<Option<String>, Refusal> {
    engines::get(rt, launch(target)?.1).await?;
    let id = snapshot_id(target);
    if rt.cache.path(SNAPSHOT, &id).exists() {
        return Ok(None);
    }
    boot_once(rt, target, &id).await
}

/// Whether [`find`] will find something, as far as names tell.
pub(crate) fn is_there(rt: &Shared, target: &Target) -> Result<bool, Refusal> {
    Ok(engines::is_ready(rt, launch(target)?.1) && rt.cache.path(SNAPSHOT, &snapshot_id(target)).exists())
}

/// Has the engine that the release needs in memory, if this node has it: the release's first request then finds it there.
pub(crate) fn warm(rt: &Shared, target: &Target) -> Result<(), Refusal> {
    engines::find(rt, launch(target)?.1, Wait::May).map(drop)
}

/// Links the snapshot to the engine, if the cache has both.
pub(crate) fn find(rt: &Shared, target: &Target, linker: &Linker<State>, wait: Wait) -> Result<Option<program::Program>, Refusal> {
    let Some(engine) = engines::find(rt, launch(target)?.1, wait)? else { return Ok(None) };
    let Some(snapshot) = found(rt, &snapshot_id(target), wait)? else { return Ok(None) };
    Ok(Some(engine.link(linker, &snapshot).map_err(RuntimeError::Load)?))
}

/// However many ask at the same time, one boot answers all of them.
async fn boot_once(rt: &Arc<Shared>, target: &Target, id: &str) -> Result<Option<String>, Refusal> {
    let lock = rt.making.lock(id);
    let _making = lock.lock().await;
    if is_whole(rt, id).await {
        return Ok(None);
    }
    worker::boot(rt, target, id).await
}

/// The standard library of a Python app whose engine is there.
pub(crate) fn library(rt: &Shared, target: &Target) -> Result<Option<Tree>, Refusal> {
    match program::web(&target.manifest)? {
        Launch::Python { .. } => Ok(engines::find(rt, launch(target)?.1, Wait::May)?.map(|engine| engine.library.clone())),
        _ => Ok(None),
    }
}

/// Shows a Python app its library, where the engine expects it.
pub(crate) fn preopen(wasi: &mut WasiCtxBuilder, library: Option<&Tree>) -> wasmtime::Result<()> {
    if let Some(library) = library {
        wasi.preopened_dir(library.path(), boot::LIBRARY, FsPerms::ReadOnly)?;
    }
    Ok(())
}
