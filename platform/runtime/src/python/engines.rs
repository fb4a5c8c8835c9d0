//! The engines of a node: each is split, compiled and loaded once, however many apps run on it; its library is unpacked once.
use super::split;
use crate::{
    Refusal, RuntimeError, Shared,
    cache::Wait,
    compile::{CODE, blocking},
    files::Folder,
    instance::State,
    javascript::split::SNAPSHOT,
    program::{self, Program},
    worker, working_set,
};
use paas_model::Digest;
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use wasmtime::{
    Module,
    component::{Component, Linker},
};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// The parts of an engine, as the ends of their names in the cache.
pub(super) const LINK: &str = "joined";
pub(super) const BASE: &str = "base";
const PARTS: [&str; 2] = [LINK, BASE];
/// The cache's kind for unpacked libraries.
const LIBRARY: &str = "library";

/// The blobs of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Blobs {
    pub component: Digest,
    /// A tar file of the standard library.
    pub library: Digest,
}

/// Engines that are loaded.
#[derive(Default)]
pub(crate) struct Engines(Mutex<HashMap<Blobs, Arc<Engine>>>);

/// An engine, ready to be linked to snapshots.
pub(super) struct Engine {
    link: Component,
    /// The standard library's files.
    pub library: Arc<Folder>,
}

impl Engine {
    /// An app: the engine with this memory.
    pub(super) fn link(&self, linker: &Linker<State>, snapshot: &Module) -> wasmtime::Result<Program> {
        let mut linker = linker.clone();
        linker.root().module(SNAPSHOT, snapshot)?;
        working_set::link(&mut linker, Arc::default(), State::lies_at)?;
        Ok(match super::Program::new(linker.instantiate_pre(&self.link)?) {
            Ok(app) => Program::Python(Arc::new(app)),
            Err(of_an_earlier_slug) => Program::Proxy(ProxyPre::new(of_an_earlier_slug)?),
        })
    }
}

/// The name of a part in the cache.
pub(super) fn part(engine: Digest, name: &str) -> String {
    format!("{engine}-{name}")
}

/// Whether [`get`] is quick.
pub(super) fn is_ready(rt: &Shared, engine: Blobs) -> bool {
    PARTS.iter().all(|name| rt.cache.path(CODE, &part(engine.component, name)).exists())
}

/// The engine, made now if this node has never had it.
pub(super) async fn get(rt: &Arc<Shared>, engine: Blobs) -> Result<Arc<Engine>, Refusal> {
    if let Some(found) = found(rt, engine).await? {
        return Ok(found);
    }
    let lock = rt.making.lock(&part(engine.component, "making"));
    let _making = lock.lock().await;
    if let Some(found) = found(rt, engine).await? {
        return Ok(found);
    }
    make(rt, engine.component).await?;
    let damaged = || RuntimeError::WorkerFailed("a compiled engine was damaged on its way into the cache".into());
    Ok(found(rt, engine).await?.ok_or_else(damaged)?)
}

/// As [`find`], for a task.
async fn found(rt: &Arc<Shared>, engine: Blobs) -> Result<Option<Arc<Engine>>, Refusal> {
    let rt = rt.clone();
    blocking(move || find(&rt, engine, Wait::May)).await?
}

/// The engine, loaded now if it is not in memory; `None` if the cache lacks a part of it, or has one that does not load.
pub(super) fn find(rt: &Shared, engine: Blobs, wait: Wait) -> Result<Option<Arc<Engine>>, Refusal> {
    let loaded_before = loaded(rt, engine);
    if loaded_before.is_some() || wait == Wait::Never {
        return Ok(loaded_before);
    }
    let _one = rt.opening.lock(("engine", engine));
    if let Some(loaded) = loaded(rt, engine) {
        return Ok(Some(loaded));
    }
    let link = match open(rt, engine) {
        Ok(Some(link)) => link,
        Ok(None) => return Ok(None),
        Err(RuntimeError::Load(error)) => {
            tracing::warn!(engine = %engine.component, error = %format!("{error:#}"), "A compiled engine does not load: it is made again.");
            return Ok(None);
        }
        Err(fault) => return Err(fault.into()),
    };
    let fresh = Arc::new(Engine { link, library: Arc::new(unpack(rt, engine.library)?) });
    rt.python.0.lock().unwrap_or_else(PoisonError::into_inner).insert(engine, fresh.clone());
    Ok(Some(fresh))
}

fn loaded(rt: &Shared, engine: Blobs) -> Option<Arc<Engine>> {
    rt.python.0.lock().unwrap_or_else(PoisonError::into_inner).get(&engine).cloned()
}

/// What the cache holds of the engine, or nothing if it lacks a part.
fn open(rt: &Shared, engine: Blobs) -> Result<Option<Component>, RuntimeError> {
    let files: Option<Vec<File>> = PARTS.iter().map(|name| rt.cache.get(CODE, &part(engine.component, name))).collect();
    let link = files.map(|files| program::open_component(&rt.engine, &files[0])).transpose()?;
    if let Some(link) = &link {
        program::touch(link.text());
    }
    Ok(link)
}

/// Splits the engine and has a worker compile its parts, 8 seconds of processor time, and make immortal what lies in its memory.
async fn make(rt: &Arc<Shared>, engine: Digest) -> Result<(), Refusal> {
    let scratch = rt.cache.scratch()?;
    let (wasm, started, folder) = (rt.blobs.path(&engine), rt.blobs.started(&engine), scratch.path().to_owned());
    blocking(move || write_parts(&wasm, &started, &folder)).await??;
    let (wasm, code) = (|name: &str| scratch.path().join(name), |name: &str| scratch.path().join(format!("{name}-code")));
    for name in PARTS {
        compile(rt, &wasm(name), &code(name)).await?;
    }
    worker::run(&rt.worker, ["settle-python".as_ref(), code(LINK).as_os_str(), code(BASE).as_os_str(), wasm(BASE).as_os_str()]).await?;
    compile(rt, &wasm(BASE), &code(BASE)).await?;
    PARTS.iter().try_for_each(|name| Ok(rt.cache.put(CODE, &part(engine, name), &code(name))?))
}

async fn compile(rt: &Shared, wasm: &Path, out: &Path) -> Result<(), Refusal> {
    worker::run(&rt.worker, ["compile".as_ref(), wasm.as_os_str(), out.as_os_str()]).await
}

fn write_parts(wasm: &Path, started: &Path, folder: &Path) -> Result<(), Refusal> {
    let read = |path: &Path| fs::read(path).map_err(|source| RuntimeError::Blob { path: path.into(), source });
    let started = started.exists().then(|| read(started)).transpose()?;
    let engine = split::split(&read(wasm)?, started.as_deref()).map_err(|error| {
        Refusal::app(format!("The Python engine of this slug cannot be used: {error}. Push again; if it stays, tell the operator."))
    })?;
    for (name, content) in PARTS.iter().zip([engine.link, engine.base]) {
        let path = folder.join(name);
        fs::write(&path, content).map_err(|source| RuntimeError::Cache { path, source })?;
    }
    Ok(())
}

/// The library's folder, made now if it is not there. A folder that has its name is whole.
fn unpack(rt: &Shared, library: Digest) -> Result<Folder, Refusal> {
    let place = rt.cache.path(LIBRARY, &library.to_string());
    if !place.is_dir() {
        let fails = |source| RuntimeError::Cache { path: place.clone(), source };
        let scratch = rt.cache.scratch()?;
        let new = scratch.path().join("library");
        let archive = File::open(rt.blobs.path(&library)).map_err(fails)?;
        extract(archive, &new).map_err(|error| {
            Refusal::app(format!("The Python library of this slug cannot be used: {error}. Push again; if it stays, tell the operator."))
        })?;
        fs::create_dir_all(place.parent().expect("a cache path has a folder")).map_err(fails)?;
        fs::rename(&new, &place).map_err(fails)?;
    }
    Ok(Folder::new(place))
}

/// Plain files and folders only: what else an archive can hold could lead out of the folder.
fn extract(archive: File, folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    for entry in tar::Archive::new(io::BufReader::new(archive)).entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            return Err(io::Error::other("it holds something that is not a file"));
        }
        if !entry.unpack_in(folder)? {
            return Err(io::Error::other("it holds a path that leads out of it"));
        }
    }
    Ok(())
}
