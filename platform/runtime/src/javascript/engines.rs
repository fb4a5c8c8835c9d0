//! The engines of a node: each is split, compiled and loaded once, however many apps run on it.
use super::split::{self, ENGINE, SNAPSHOT};
use crate::{
    Refusal, RuntimeError, Shared,
    cache::Wait,
    compile::{CODE, blocking},
    instance::State,
    program, worker, working_set,
};
use paas_model::Digest;
use std::{
    collections::HashMap,
    fs::{self, File},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use wasmtime::{
    Module,
    component::{Component, Linker},
};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// The parts of an engine, as the ends of their names in the cache.
const PARTS: [&str; 2] = ["code", "base"];

/// Engines that are loaded, by the digest of their component.
#[derive(Default)]
pub(crate) struct Engines(Mutex<HashMap<Digest, Arc<Engine>>>);

/// An engine, ready to be linked to snapshots.
pub(super) struct Engine(Component);

impl Engine {
    /// An app: the engine with this memory.
    pub(super) fn link(&self, linker: &Linker<State>, snapshot: &Module) -> wasmtime::Result<ProxyPre<State>> {
        let mut linker = linker.clone();
        linker.root().module(SNAPSHOT, snapshot)?;
        working_set::link(&mut linker, Arc::default(), State::lies_at)?;
        ProxyPre::new(linker.instantiate_pre(&self.0)?)
    }
}

/// The name of a part in the cache.
pub(super) fn part(engine: Digest, name: &str) -> String {
    format!("{engine}-{name}")
}

/// Whether [`get`] is quick.
pub(super) fn is_ready(rt: &Shared, engine: Digest) -> bool {
    PARTS.iter().all(|name| rt.cache.path(CODE, &part(engine, name)).exists())
}

/// The engine, made now if this node has never had it.
pub(super) async fn get(rt: &Arc<Shared>, engine: Digest) -> Result<Arc<Engine>, Refusal> {
    if let Some(found) = found(rt, engine).await? {
        return Ok(found);
    }
    let lock = rt.making.lock(&part(engine, "making"));
    let _making = lock.lock().await;
    if let Some(found) = found(rt, engine).await? {
        return Ok(found);
    }
    make(rt, engine).await?;
    let damaged = || RuntimeError::WorkerFailed("a compiled engine was damaged on its way into the cache".into());
    Ok(found(rt, engine).await?.ok_or_else(damaged)?)
}

/// As [`find`], for a task.
async fn found(rt: &Arc<Shared>, engine: Digest) -> Result<Option<Arc<Engine>>, RuntimeError> {
    let rt = rt.clone();
    blocking(move || find(&rt, engine, Wait::May)).await?
}

/// The engine, loaded now if it is not in memory; `None` if the cache lacks a part of it, or has one that does not load.
pub(super) fn find(rt: &Shared, engine: Digest, wait: Wait) -> Result<Option<Arc<Engine>>, RuntimeError> {
    let loaded_before = loaded(rt, engine);
    if loaded_before.is_some() || wait == Wait::Never {
        return Ok(loaded_before);
    }
    let _one = rt.opening.lock((ENGINE, engine));
    if let Some(loaded) = loaded(rt, engine) {
        return Ok(Some(loaded));
    }
    let fresh = match open(rt, engine) {
        Ok(Some(fresh)) => Arc::new(fresh),
        Ok(None) => return Ok(None),
        Err(RuntimeError::Load(error)) => {
            tracing::warn!(%engine, error = %format!("{error:#}"), "A compiled engine does not load: it is made again.");
            return Ok(None);
        }
        Err(fault) => return Err(fault),
    };
    rt.engines.0.lock().unwrap_or_else(PoisonError::into_inner).insert(engine, fresh.clone());
    Ok(Some(fresh))
}

fn loaded(rt: &Shared, engine: Digest) -> Option<Arc<Engine>> {
    rt.engines.0.lock().unwrap_or_else(PoisonError::into_inner).get(&engine).cloned()
}

/// What the cache holds of the engine, or nothing if it lacks a part.
fn open(rt: &Shared, engine: Digest) -> Result<Option<Engine>, RuntimeError> {
    let files: Option<Vec<File>> = PARTS.iter().map(|name| rt.cache.get(CODE, &part(engine, name))).collect();
    let Some(files) = files else { return Ok(None) };
    let link = program::open_component(&rt.engine, &files[0])?;
    program::touch(link.text());
    Ok(Some(Engine(link)))
}

/// Splits the engine and has a worker compile its parts: 8 seconds of processor time, nearly all of it for the code.
async fn make(rt: &Arc<Shared>, engine: Digest) -> Result<(), Refusal> {
    let scratch = rt.cache.scratch()?;
    let (wasm, folder) = (rt.blobs.path(&engine), scratch.path().to_owned());
    blocking(move || write_parts(&wasm, &folder)).await??;
    for name in PARTS {
        let (wasm, out) = (scratch.path().join(name), scratch.path().join(format!("{name}-code")));
        worker::run(&rt.worker, ["compile".as_ref(), wasm.as_os_str(), out.as_os_str()]).await?;
        rt.cache.put(CODE, &part(engine, name), &out)?;
    }
    Ok(())
}

fn write_parts(wasm: &Path, folder: &Path) -> Result<(), Refusal> {
    let bytes = fs::read(wasm).map_err(|source| RuntimeError::Blob { path: wasm.into(), source })?;
    let engine = split::split(&bytes).map_err(|error| {
        Refusal::app(format!("The JavaScript engine of this slug cannot be used: {error}. Push again; if it stays, tell the operator."))
    })?;
    for (name, content) in PARTS.iter().zip([engine.link, engine.base]) {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|source| RuntimeError::Cache { path, source })?;
    }
    Ok(())
}
