//! wasm → native code in the cache, by a worker, once per content and engine.
use crate::{Refusal, RuntimeError, Shared, cache::Wait, engine::Kind, kept, program::Binary, worker};
use paas_model::{AppId, Digest};
use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
};

/// The cache's kind for compiled modules, and for components of the plain engine.
pub(crate) const CODE: &str = "code";
/// The cache's kind for components of the concurrent engine.
const CONCURRENT_CODE: &str = "concurrent";

/// Where a worker that is told `out` puts code: it alone sees which engine the code is for.
pub(crate) fn written(out: &Path, kind: Kind) -> PathBuf {
    match kind {
        Kind::Plain => out.into(),
        Kind::Concurrent => out.with_extension(CONCURRENT_CODE),
    }
}

/// Under which kind the cache has an engine's code.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Plain => CODE,
        Kind::Concurrent => CONCURRENT_CODE,
    }
}

/// Code out of the cache, and the engine it is for.
pub(crate) struct Native {
    pub(crate) file: File,
    pub(crate) kind: Kind,
}

/// One lock per file that is being made, so that it is made once however many ask.
#[derive(Default)]
pub(crate) struct Making(Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>);

impl Making {
    pub(crate) fn lock(&self, id: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, lock| Arc::strong_count(lock) > 1);
        all.entry(id.into()).or_default().clone()
    }
}

/// The native code of the blob `wasm`, compiled now if it is not in the cache, with what `app` has of an earlier compilation.
pub(crate) async fn code(rt: &Arc<Shared>, wasm: Digest, app: AppId) -> Result<Native, Refusal> {
    if let Some(native) = cached(rt, wasm).await? {
        return Ok(native);
    }
    let lock = rt.making.lock(&wasm.to_string());
    let _making = lock.lock().await;
    if let Some(native) = cached(rt, wasm).await? {
        return Ok(native);
    }
    compile(rt, wasm, app).await?;
    let damaged = || RuntimeError::WorkerFailed("what it compiled was damaged on its way into the cache".into());
    Ok(cached(rt, wasm).await?.ok_or_else(damaged)?)
}

/// As [`code`], of several, beside one another.
pub(crate) async fn all(rt: &Arc<Shared>, wasm: &[Binary], app: AppId) -> Result<Vec<Native>, Refusal> {
    futures::future::try_join_all(wasm.iter().map(|wasm| code(rt, wasm.digest, app))).await
}

/// Compiles whether or not there is something in the cache.
async fn compile(rt: &Arc<Shared>, wasm: Digest, app: AppId) -> Result<(), Refusal> {
    let source = rt.blobs.path(&wasm);
    rt.largest.check(&source)?;
    let scratch = rt.cache.scratch()?;
    let (out, functions) = (scratch.path().join("code"), scratch.path().join("functions"));
    let mut arguments = vec!["compile".as_ref(), source.as_os_str(), out.as_os_str()];
    let mut input = Stdio::null();
    if kept::are_worthwhile(&source) {
        arguments.push(functions.as_os_str());
        input = kept::find(rt, kept::Kind::Functions, app).await?.map_or(input, Stdio::from);
    }
    worker::run_on(&rt.worker, arguments, input).await?;
    let kind = Kind::ALL.into_iter().find(|kind| written(&out, *kind).exists());
    let kind = kind.ok_or_else(|| RuntimeError::WorkerFailed("it compiled and left nothing".into()))?;
    rt.cache.put(name(kind), &wasm.to_string(), &written(&out, kind))?;
    if functions.exists() {
        kept::keep(rt, kept::Kind::Functions, app, functions, scratch);
    }
    Ok(())
}

/// What the cache has of it.
async fn cached(rt: &Arc<Shared>, wasm: Digest) -> Result<Option<Native>, RuntimeError> {
    let rt = rt.clone();
    blocking(move || find(&rt, wasm, Wait::May)).await
}

/// As [`cached`], for any thread.
pub(crate) fn find(rt: &Shared, wasm: Digest, wait: Wait) -> Option<Native> {
    let id = wasm.to_string();
    Kind::ALL.into_iter().find_map(|kind| rt.cache.find(name(kind), &id, wait).map(|file| Native { file, kind }))
}

/// Whether the cache has something, right or not.
pub(crate) fn is_there(rt: &Shared, wasm: Digest) -> bool {
    Kind::ALL.into_iter().any(|kind| rt.cache.path(name(kind), &wasm.to_string()).exists())
}

/// Runs what may wait for the disk where waiting is allowed.
pub(crate) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, RuntimeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| RuntimeError::Panicked)
}
