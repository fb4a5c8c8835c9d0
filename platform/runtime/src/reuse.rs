//! Instances that answer several requests, one after the other, because their app chose so (`reuse`).
//!
//! A kept instance belongs to one release on one node. It is let go after so many requests, at a certain age, and after everything that was not
//! a good end: a trap, an error instead of an answer, a limit, a visitor who left.
use crate::{
    Refusal, Shared,
    components::named,
    crowd::Crowd,
    held::{Held, Left},
    instance::{self, Record, State},
    program::{self, Program},
    python,
};
use paas_model::{Launch, Target, limits::Limits};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};
use wasmtime::Store;
use wasmtime_wasi_http::{p2::bindings::Proxy, p3::bindings::Service};

/// Instances that wait for another request, over all apps of a node: a quarter of those that may exist.
pub(crate) const KEPT: usize = 250;
/// How often old instances are looked for.
const SWEEP: Duration = Duration::from_secs(5);

/// The kept instances of a release; one of the kinds is used.
pub(crate) struct Pools {
    pub(crate) proxies: Arc<Pool<Proxy>>,
    pub(crate) services: Arc<Pool<Service>>,
    pub(crate) pythons: Arc<Pool<python::Served>>,
    /// Instead of `services`, if one instance may have several requests inside.
    pub(crate) crowd: Option<Crowd>,
}

impl Pools {
    /// `None` for an app that wants a fresh instance for each request, which is the default.
    pub(crate) fn new(limits: &Limits, node: &Arc<Semaphore>) -> Option<Self> {
        let pools = || Self {
            proxies: Pool::new(limits, node.clone()),
            services: Pool::new(limits, node.clone()),
            pythons: Pool::new(limits, node.clone()),
            crowd: Crowd::new(limits, node),
        };
        (limits.reuse > 1).then(pools)
    }
}

pub(crate) struct Pool<I> {
    requests: u64,
    age: Duration,
    node: Arc<Semaphore>,
    idle: Mutex<Vec<Kept<I>>>,
    sweeping: AtomicBool,
}

/// An instance between two requests.
struct Kept<I> {
    store: Store<State>,
    instance: I,
    life: Life,
    _place: OwnedSemaphorePermit,
}

/// What an instance has behind it.
struct Life {
    requests: u64,
    born: Instant,
}

/// What a request runs in: a store, its instance if it has answered before, and the way back.
pub(crate) struct Room<I> {
    pub(crate) store: Store<State>,
    pub(crate) ready: Option<I>,
    pub(crate) home: Home<I>,
}

/// Where an instance goes after its request.
pub(crate) struct Home<I>(Option<(Arc<Pool<I>>, Life)>);

impl<I: Send + 'static> Room<I> {
    /// From the pool if it has one, else with the store that `fresh` makes.
    pub(crate) fn of<E>(pool: Option<&Arc<Pool<I>>>, record: &Arc<Record>, fresh: impl FnOnce() -> Result<Store<State>, E>) -> Result<Self, E> {
        let Some(pool) = pool else { return Ok(Self { store: fresh()?, ready: None, home: Home(None) }) };
        if let Some(Kept { mut store, instance, life, .. }) = pool.take() {
            instance::renew(&mut store, record);
            record.reused();
            return Ok(Self { store, ready: Some(instance), home: Home(Some((pool.clone(), life))) });
        }
        let life = Life { requests: 0, born: Instant::now() };
        Ok(Self { store: fresh()?, ready: None, home: Home(Some((pool.clone(), life))) })
    }
}

impl<I: Send + 'static> Home<I> {
    /// After a request that ended well; whoever does not come here is gone. Gives back what is not kept.
    pub(crate) fn keep(self, store: Held<State>, instance: I, record: &Record) -> Left {
        match self.0 {
            Some((pool, life)) if record.went_well() => {
                store.data().learn();
                pool.keep(store.take(), instance, Life { requests: life.requests + 1, ..life });
                None
            }
            _ => Some(store),
        }
    }
}

impl<I: Send + 'static> Pool<I> {
    fn new(limits: &Limits, node: Arc<Semaphore>) -> Arc<Self> {
        let age = Duration::from_millis(limits.reuse_age_ms);
        Arc::new(Self { requests: limits.reuse, age, node, idle: Mutex::default(), sweeping: AtomicBool::new(false) })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept<I>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one used last, whose memory is the warmest.
    fn take(&self) -> Option<Kept<I>> {
        let kept = self.idle().pop()?;
        (kept.life.born.elapsed() < self.age).then_some(kept)
    }

    fn keep(self: &Arc<Self>, store: Store<State>, instance: I, life: Life) {
        if life.requests >= self.requests || life.born.elapsed() >= self.age {
            return;
        }
        let Ok(place) = self.node.clone().try_acquire_owned() else { return };
        self.idle().push(Kept { store, instance, life, _place: place });
        self.sweep_later();
    }

    /// One task for each pool that is not empty.
    fn sweep_later(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.sweeping.swap(true, Relaxed) {
            return;
        }
        let (pool, every) = (Arc::downgrade(self), SWEEP.min(self.age));
        runtime.spawn(async move {
            loop {
                sleep(every).await;
                if !Weak::upgrade(&pool).is_some_and(|pool| pool.sweep()) {
                    return;
                }
            }
        });
    }

    /// Lets old instances go; says whether there are others.
    fn sweep(&self) -> bool {
        let mut idle = self.idle();
        let old: Vec<_> = idle.extract_if(.., |kept| kept.life.born.elapsed() >= self.age).collect();
        let more = !idle.is_empty();
        self.sweeping.store(more, Relaxed);
        drop(idle);
        drop(old); // which frees memory, and takes its time
        more
    }
}

const NO_REUSE: &str = "reuse-concurrent is for instances that answer several requests, and this app chose none. Choose both: paas limits:set reuse=64 reuse-concurrent=8";
const NO_SERVICE: &str = "This app cannot have several requests in one instance at the same time: only a component that exports wasi:http/handler@0.3 can. \
                          Take the choice back first: paas limits:unset reuse-concurrent";

/// Whether an app that chose reuse can have it; better told now than by an instance that fails at its second request.
pub(crate) async fn check(rt: &Arc<Shared>, target: &Target) -> Result<(), Refusal> {
    let several = target.limits.reuse_concurrent > 1;
    if target.limits.reuse <= 1 {
        return if several { Err(Refusal::app(NO_REUSE)) } else { Ok(()) };
    }
    let Some(components) = target.manifest.components() else { return check_one(rt, target).await };
    for (name, component) in &components.components {
        check_one(rt, &target.part(components, component)).await.map_err(|refusal| named(name, refusal))?;
    }
    Ok(())
}

async fn check_one(rt: &Arc<Shared>, target: &Target) -> Result<(), Refusal> {
    let web = program::web(&target.manifest)?;
    if target.limits.reuse_concurrent > 1 {
        let program = match web {
            Launch::Wasm { file, libraries, .. } => {
                Some(program::load(rt, program::binaries(&target.manifest, file, libraries)?, target.app).await?.0)
            }
            _ => None,
        };
        return if matches!(program, Some(Program::Service(_))) { Ok(()) } else { Err(Refusal::app(NO_SERVICE)) };
    }
    let why = match web {
        Launch::Javascript { .. } => "the event loop of the JavaScript engine ends with its first answer",
        Launch::Wasm { file, libraries, .. } => match program::load(rt, program::binaries(&target.manifest, file, libraries)?, target.app).await?.0 {
            Program::Command(_) | Program::Modules(_) => "a program in CGI form ends with its answer",
            Program::Proxy(_) | Program::Service(_) | Program::Python(_) | Program::Site(_) => return Ok(()),
        },
        _ => return Ok(()),
    };
    Err(Refusal::app(format!(
        "This app cannot answer several requests with one instance: {why}. Take the choice back first: paas limits:unset reuse"
    )))
}
