//! JavaScript apps: many apps on one compiled engine, each with the memory that its boot left behind.
//!
//! A slug holds the app before boot. Making a release boots it once, in a worker, with the release's environment; the memory afterwards becomes a
//! module without code, the snapshot. A request's instance is the shared engine with a copy-on-write copy of that memory.
pub(crate) mod boot; // start here: what happens in the worker
mod engines;
mod files;
mod holes;
mod host;
mod link;
mod packed;
mod resting;
pub(crate) mod split;
mod tidy;
pub(crate) mod worker;
mod zygote;
mod zygotes;

pub(crate) use engines::Engines;
pub(crate) use resting::{Resting, WHOLE_BYTES};
pub(crate) use tidy::{forget, tidy};
pub(crate) use worker::boot_main;
pub(crate) use zygote::zygote_main;
pub(crate) use zygotes::Zygotes;

use crate::{Refusal, RuntimeError, Shared, cache::Wait, compile::blocking, instance::State, program};
use paas_model::{Digest, Launch, Manifest, Target, output::Output};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi_http::p2::bindings::ProxyPre;

/// The cache's kind for compiled snapshots. They contain the release's config.
pub(crate) const SNAPSHOT: &str = "snapshot";

/// The blobs that a JavaScript app boots from.
#[derive(Clone, Copy)]
struct Files {
    app: Digest,
    ground: Option<Digest>,
    engine: Digest,
    initializer: Digest,
    settings: Digest,
}

impl Files {
    fn of(manifest: &Manifest, launch: &Launch) -> Result<Self, Refusal> {
        let Launch::Javascript { file, ground, engine } = launch else {
            return Err(Refusal::app("This app's web process is not a JavaScript app. Deploy it again."));
        };
        let part = |name: &str| program::blob(manifest, &format!("{engine}/{name}"));
        Ok(Self {
            app: program::blob(manifest, file)?,
            ground: ground.as_ref().map(|ground| program::blob(manifest, ground)).transpose()?,
            engine: part("engine.wasm")?,
            initializer: part("initializer.js")?,
            settings: part("engine.json")?,
        })
    }

    fn of_target(target: &Target) -> Result<Self, Refusal> {
        Self::of(&target.manifest, program::web(&target.manifest)?)
    }

    /// Names what a boot depends on; the cache's folder names the rest (engine version, processor).
    fn snapshot_id(&self, target: &Target) -> String {
        let mut hash = Sha256::new();
        for digest in [self.app, self.engine, self.initializer, self.settings].into_iter().chain(self.ground) {
            hash.update(format!("{digest}\n"));
        }
        for (path, file) in target.manifest.app_files().into_iter().flatten() {
            hash.update(format!("{path} {}\n", file.digest));
        }
        hash.update(serde_json::to_vec(&*target.env).expect("config vars are a map of strings"));
        hex::encode(hash.finalize())
    }
}

/// Prepares the engine that the slug names, in a push: the first JavaScript app on a node waits for it.
pub(crate) async fn check(rt: &Arc<Shared>, manifest: &Manifest, launch: &Launch, output: &Output) -> Result<(), Refusal> {
    let files = Files::of(manifest, launch)?;
    if !engines::is_ready(rt, files.engine) {
        output.step("Compiling the JavaScript engine (once on this node)");
    }
    engines::get(rt, files.engine).await.map(|_| ())
}

/// Boots the release, unless its snapshot is there; says what the developer should know of the boot.
pub(crate) async fn prepare(rt: &Arc<Shared>, target: &Target) -> Result<Option<String>, Refusal> {
    let files = Files::of_target(target)?;
    engines::get(rt, files.engine).await?;
    let id = files.snapshot_id(target);
    if resting::is_there(rt, &id) {
        return Ok(None);
    }
    boot_once(rt, target, files, &id).await
}

/// Whether [`find`] will find something, as far as names tell.
pub(crate) fn is_there(rt: &Shared, target: &Target) -> Result<bool, Refusal> {
    let files = Files::of_target(target)?;
    Ok(engines::is_ready(rt, files.engine) && resting::is_there(rt, &files.snapshot_id(target)))
}

/// Has the engine that the release needs in memory, if this node has it: the release's first request then finds it there.
pub(crate) fn warm(rt: &Shared, target: &Target) -> Result<(), Refusal> {
    resting::survey(rt);
    Ok(engines::find(rt, Files::of_target(target)?.engine, Wait::May).map(drop)?)
}

/// Links the snapshot to the engine, if the cache has both; and says what the snapshot takes on the disk for as long as it is mapped.
pub(crate) fn find(rt: &Shared, target: &Target, linker: &Linker<State>, wait: Wait) -> Result<Option<(ProxyPre<State>, u64)>, Refusal> {
    let files = Files::of_target(target)?;
    let Some(engine) = engines::find(rt, files.engine, wait)? else { return Ok(None) };
    let id = files.snapshot_id(target);
    let Some(snapshot) = found(rt, &id, wait)? else { return Ok(None) };
    Ok(Some((engine.link(linker, &snapshot).map_err(RuntimeError::Load)?, resting::bytes(rt, &id))))
}

/// The snapshot, if the cache has it and it loads.
pub(crate) fn found(rt: &Shared, id: &str, wait: Wait) -> Result<Option<wasmtime::Module>, RuntimeError> {
    match open(rt, id, wait) {
        Err(RuntimeError::Load(error)) => {
            tracing::warn!(id, error = %format!("{error:#}"), "A snapshot does not load: it is made again.");
            rt.cache.remove(SNAPSHOT, id);
            rt.cache.remove(resting::PACKED, id);
            Ok(None)
        }
        opened => opened,
    }
}

fn open(rt: &Shared, id: &str, wait: Wait) -> Result<Option<wasmtime::Module>, RuntimeError> {
    resting::get(rt, id, wait).map(|file| program::open_module(&rt.engine, file)).transpose()
}

/// Whether there is one that loads.
pub(crate) async fn is_whole(rt: &Arc<Shared>, id: &str) -> bool {
    let (rt, id) = (rt.clone(), id.to_string());
    blocking(move || open(&rt, &id, Wait::May)).await.is_ok_and(|opened| opened.is_ok_and(|snapshot| snapshot.is_some()))
}

/// However many ask at the same time, one boot answers all of them.
async fn boot_once(rt: &Arc<Shared>, target: &Target, files: Files, id: &str) -> Result<Option<String>, Refusal> {
    let lock = rt.making.lock(id);
    let _making = lock.lock().await;
    if is_whole(rt, id).await {
        return Ok(None);
    }
    engines::get(rt, files.engine).await?;
    worker::boot(rt, target, files, id).await
}
