//! wasm → native code in the cache, by a worker, once per content and engine.
use crate::{Refusal, RuntimeError, Shared, worker};
use paas_model::Digest;
use std::{
    collections::HashMap,
    fs::File,
    sync::{Arc, Mutex, PoisonError},
};

/// The cache's kind for compiled components and modules.
pub(crate) const CODE: &str = "code";

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

/// The native code of the blob `wasm`, compiled now if it is not in the cache.
pub(crate) async fn code(rt: &Arc<Shared>, wasm: Digest) -> Result<File, Refusal> {
    if let Some(file) = cached(rt, wasm).await? {
        return Ok(file);
    }
    let lock = rt.making.lock(&wasm.to_string());
    let _making = lock.lock().await;
    if let Some(file) = cached(rt, wasm).await? {
        return Ok(file);
    }
    compile(rt, wasm).await?;
    let damaged = || RuntimeError::WorkerFailed("what it compiled was damaged on its way into the cache".into());
    Ok(cached(rt, wasm).await?.ok_or_else(damaged)?)
}

/// Compiles whether or not there is something in the cache.
pub(crate) async fn compile(rt: &Shared, wasm: Digest) -> Result<(), Refusal> {
    let scratch = rt.cache.scratch()?;
    let out = scratch.path().join("code");
    worker::run(&rt.worker, ["compile".as_ref(), rt.blobs.path(&wasm).as_os_str(), out.as_os_str()]).await?;
    Ok(rt.cache.put(CODE, &wasm.to_string(), &out)?)
}

/// What the cache has of it.
pub(crate) async fn cached(rt: &Arc<Shared>, wasm: Digest) -> Result<Option<File>, RuntimeError> {
    let rt = rt.clone();
    blocking(move || rt.cache.get(CODE, &wasm.to_string())).await
}

/// Runs what may wait for the disk where waiting is allowed.
pub(crate) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Result<R, RuntimeError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| RuntimeError::Panicked)
}
