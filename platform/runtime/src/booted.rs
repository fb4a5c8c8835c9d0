//! Core modules that start ahead of their requests: each release once, in a worker, with its environment. The memory afterwards becomes a module without code,
//! the snapshot, and takes the place of the program's own: a request's instance begins with a copy-on-write copy of it.
mod boot; // start here: what happens in the worker
mod worker;

pub(crate) use worker::boot_main;

use crate::{
    Refusal, Shared,
    cache::Wait,
    javascript::{SNAPSHOT, found, is_whole, split::MEMORY},
    program::{self, Binary, Program},
};
use paas_model::{Launch, Target};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use wasmtime::Module;

/// Whether a program that says so can start ahead of its requests.
pub(crate) fn check(program: &Program) -> Result<(), Refusal> {
    match program {
        Program::Modules(modules) if modules.can_boot() => Ok(()),
        _ => Err(Refusal::app(
            "This app is to start ahead of its requests (`boots`), for which it needs a first library that has a 32-bit memory without a maximum and nothing else, and an exported function _resume. \
             Build it again with a current toolchain.",
        )),
    }
}

/// Names what a boot depends on; the cache's folder names the rest (engine version, processor).
pub(crate) fn snapshot_id(target: &Target) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("modules of {}\n", target.slug));
    if let Some(Launch::Wasm { file, libraries, .. }) = target.manifest.web() {
        hash.update(format!("{libraries:?} {file}\n"));
    }
    hash.update(serde_json::to_vec(&*target.env).expect("config vars are a map of strings"));
    hex::encode(hash.finalize())
}

/// Boots the release, unless its snapshot is there; says what the developer should know of the boot.
pub(crate) async fn prepare(rt: &Arc<Shared>, target: &Target, wasm: &[Binary]) -> Result<Option<String>, Refusal> {
    if is_there(rt, target) {
        return Ok(None);
    }
    let id = snapshot_id(target);
    // However many ask at the same time, one boot answers all of them.
    let lock = rt.making.lock(&id);
    let _making = lock.lock().await;
    if is_whole(rt, &id).await {
        return Ok(None);
    }
    worker::boot(rt, target, wasm, &id).await
}

/// Whether the release has booted, as far as names tell.
pub(crate) fn is_there(rt: &Shared, target: &Target) -> bool {
    rt.cache.path(SNAPSHOT, &snapshot_id(target)).exists()
}

/// The program in the memory that its boot left, and the size of its code, if the cache has all of it.
pub(crate) fn find(rt: &Shared, target: &Target, wasm: &[Binary], wait: Wait) -> Result<Option<(Program, u64)>, Refusal> {
    match found(rt, &snapshot_id(target), wait)? {
        None => Ok(None),
        Some(snapshot) if is_late(&snapshot) => program::find(rt, wasm, wait),
        Some(snapshot) => program::find_in(rt, wasm, &snapshot, wait),
    }
}

/// Whether the snapshot says that the program starts with each request: it has no memory then.
fn is_late(snapshot: &Module) -> bool {
    snapshot.get_export(MEMORY).and_then(|export| export.memory().map(|memory| memory.minimum())) == Some(0)
}
