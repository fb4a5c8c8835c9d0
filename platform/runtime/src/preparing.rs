//! Makes what this node's cache lacks, beside the requests: after an upgrade of the engine, say, which makes all compiled code useless.
//!
//! One release at a time, so that the processors stay with the visitors; those that somebody has just asked for, then the most used.
use crate::{Refusal, Shared, booted, cache::Wait, compile, components::named, files::Trees, javascript, program, python};
use paas_model::{Launch, ReleaseId, Target};
use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// A release that could not be prepared is not tried again before this, however often it is asked for.
const AGAIN_AFTER: Duration = Duration::from_secs(60);

pub(crate) struct Preparing {
    turn: Semaphore,
    /// Releases that wait for their turn, are at it (`None`), or have failed.
    asked: Mutex<HashMap<ReleaseId, Option<Instant>>>,
}

impl Default for Preparing {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), asked: Mutex::default() }
    }
}

impl Preparing {
    /// Whether the caller is the one to do it.
    fn begin(&self, release: ReleaseId) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, failed| failed.is_none_or(|at| at.elapsed() < AGAIN_AFTER));
        match asked.contains_key(&release) {
            true => false,
            false => asked.insert(release, None).is_none(),
        }
    }

    fn end(&self, release: ReleaseId, done: bool) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        match done {
            true => asked.remove(&release),
            false => asked.insert(release, Some(Instant::now())),
        };
    }
}

/// Makes everything that the release needs on this node: its files, native code, and the snapshot of an app that boots. Cheap when it is there.
/// Gives what the developer should know of the boot.
pub(crate) async fn prepare(rt: &Arc<Shared>, target: &Target) -> Result<Option<String>, Refusal> {
    let Some(components) = target.manifest.components() else { return prepare_one(rt, target).await };
    for (name, component) in &components.components {
        let prepared = prepare_one(rt, &target.part(components, component)).await;
        prepared.map_err(|refusal| named(name, refusal))?;
    }
    Ok(None)
}

async fn prepare_one(rt: &Arc<Shared>, target: &Target) -> Result<Option<String>, Refusal> {
    Trees::of(rt, target).await?;
    match program::web(&target.manifest)? {
        Launch::Wasm { file, libraries, boots } => {
            let wasm = program::binaries(&target.manifest, file, libraries)?;
            compile::all(rt, &wasm, target.app).await?;
            if *boots { booted::prepare(rt, target, &wasm).await } else { Ok(None) }
        }
        Launch::Javascript { .. } => javascript::prepare(rt, target).await,
        Launch::Python { .. } => python::prepare(rt, target).await,
        Launch::Static(_) => Ok(None),
        Launch::Components(_) => Err(program::several()),
    }
}

/// As [`prepare`], when nobody else of those that wait is at it.
pub(crate) async fn in_turn(rt: &Arc<Shared>, target: &Target) -> Result<(), Refusal> {
    // Never closed, so there is always a turn to come.
    let _turn = rt.preparing.turn.acquire().await;
    prepare(rt, target).await.map(|_| ())
}

/// Begins to make what a request has found missing; the request does not wait.
pub(crate) fn soon(rt: &Arc<Shared>, target: &Target) {
    if rt.preparing.begin(target.release) {
        let (rt, target) = (rt.clone(), target.clone());
        tokio::spawn(async move { begun(&rt, &target).await });
    }
}

/// Makes what is missing of all of these, the most used first.
pub(crate) async fn all(rt: &Arc<Shared>, targets: Vec<Target>) {
    let shared = rt.clone();
    let looked = compile::blocking(move || missing(&shared, targets)).await;
    let mut missing = looked.unwrap_or_else(|error| {
        tracing::error!(%error, "what this node's cache lacks could not be found out");
        Vec::new()
    });
    if missing.is_empty() {
        return;
    }
    tracing::info!(releases = missing.len(), "this node's cache lacks the code of releases: it is made now, the most used first");
    missing.sort_by_key(|target| Reverse(rt.demand.of(target.app)));
    for target in &missing {
        if rt.preparing.begin(target.release) {
            begun(rt, target).await;
        }
    }
    tracing::info!("the code of all releases is there");
}

async fn begun(rt: &Arc<Shared>, target: &Target) {
    let made = in_turn(rt, target).await;
    if let Err(refusal) = &made {
        tracing::error!(%refusal, app.name = %target.app_name, release.version = %target.version, "a release could not be prepared");
    }
    rt.preparing.end(target.release, made.is_ok());
}

/// Those that the cache lacks something of. What visitors of the others would wait for is done on the way.
fn missing(rt: &Shared, targets: Vec<Target>) -> Vec<Target> {
    let mut missing = Vec::new();
    let mut warmth = Warmth::default();
    for target in targets {
        if !is_there(rt, &target) {
            missing.push(target);
        } else if let Err(refusal) = warmth.give(rt, &target) {
            tracing::warn!(%refusal, app.name = %target.app_name, "what its first request needs could not be loaded ahead of it");
        }
    }
    missing
}

/// What is in memory before the first requests: the engines, of which there are few, and of the server's own code what loads a program.
#[derive(Default)]
struct Warmth {
    rehearsed: bool,
}

impl Warmth {
    fn give(&mut self, rt: &Shared, target: &Target) -> Result<(), Refusal> {
        match program::web(&target.manifest)? {
            Launch::Javascript { .. } => javascript::warm(rt, target),
            Launch::Python { .. } => python::warm(rt, target),
            Launch::Components(components) => components.components.values().try_for_each(|part| self.give(rt, &target.part(components, part))),
            Launch::Wasm { file, libraries, .. } if !self.rehearsed => {
                self.rehearsed = true;
                program::find(rt, &program::binaries(&target.manifest, file, libraries)?, Wait::May).map(drop)
            }
            Launch::Wasm { .. } | Launch::Static(_) => Ok(()),
        }
    }
}

/// By name only: whether it is whole is found out by whoever loads it.
fn is_there(rt: &Shared, target: &Target) -> bool {
    let there = || match program::web(&target.manifest)? {
        Launch::Wasm { file, libraries, boots } => {
            let compiled = program::binaries(&target.manifest, file, libraries)?.iter().all(|wasm| compile::is_there(rt, wasm.digest));
            Ok(compiled && (!boots || booted::is_there(rt, target)))
        }
        Launch::Javascript { .. } => javascript::is_there(rt, target),
        Launch::Python { .. } => python::is_there(rt, target),
        Launch::Static(_) => Ok(true),
        Launch::Components(components) => Ok(components.components.values().all(|component| is_there(rt, &target.part(components, component)))),
    };
    // What can never be prepared is not missing.
    there().unwrap_or(true)
}
