//! One sandbox: its store, what it may use, what it is linked to.
use crate::{
    engine::TABLE_ELEMENTS,
    files::{self, Seen, Tree},
    outbound::{Origin, Outbound},
    python,
    stdio::{Log, LogStream, Stream},
    variables::{self, Configured},
    world::World,
};
use paas_model::{ConfigVars, Target};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use wasmtime::{Engine, ResourceLimiter, Store, UpdateDeadline, component::Linker};
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p1::WasiP1Ctx};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What the host holds for a guest is bounded too: handles, and the size of each set of headers.
const RESOURCES: usize = 4_096;
const FIELDS_BYTES: usize = 64 << 10;

/// What is known of an instance from outside its store, while it runs and after.
pub(crate) struct Record {
    pub(crate) log: Arc<Log>,
    origin: Origin,
    began: Instant,
    /// All times in nanoseconds: spent in finished polls, and when the current poll began.
    spent: AtomicU64,
    polled: AtomicU64,
    instantiate: AtomicU64,
    memory_bytes: AtomicU64,
    memory_refused: AtomicBool,
    expired: AtomicBool,
}

impl Record {
    pub(crate) fn new(log: Log, origin: Origin) -> Arc<Self> {
        Arc::new(Self {
            log: Arc::new(log),
            origin,
            began: Instant::now(),
            spent: AtomicU64::new(0),
            polled: AtomicU64::new(u64::MAX),
            instantiate: AtomicU64::new(0),
            memory_bytes: AtomicU64::new(0),
            memory_refused: AtomicBool::new(false),
            expired: AtomicBool::new(false),
        })
    }
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
    /// Runs one poll of the guest and counts its time.
    pub(crate) fn meter<R>(&self, poll: impl FnOnce() -> R) -> R {
        self.polled.store(self.now(), Relaxed);
        let result = poll();
        self.spent.store(self.spent(), Relaxed);
        self.polled.store(u64::MAX, Relaxed);
        result
    }
    /// The time the guest kept a thread busy, including the current poll.
    fn spent(&self) -> u64 {
        self.spent.load(Relaxed) + self.now().saturating_sub(self.polled.load(Relaxed))
    }
    pub(crate) fn instantiated(&self, began: Instant) {
        self.instantiate.store(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
    pub(crate) fn instantiate(&self) -> Duration {
        Duration::from_nanos(self.instantiate.load(Relaxed))
    }
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.spent())
    }
    /// The most linear memory so far.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Relaxed)
    }
    /// Nobody waits any more: a guest that computes is stopped at the next tick, where its trace shows what it was at. Says whether that was known.
    pub(crate) fn expire(&self) -> bool {
        self.expired.swap(true, Relaxed)
    }
    /// Whether there was an instance at all.
    pub(crate) fn ran(&self) -> bool {
        self.instantiate.load(Relaxed) > 0
    }
    pub(crate) fn memory_refused(&self) -> bool {
        self.memory_refused.load(Relaxed)
    }
}

/// The guest computed on when its time was up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutOfTime {
    #[error("it computed for longer than its {0} ms of processor time")]
    Budget(u64),
    #[error("it computed for {0} ms and had not answered")]
    Deadline(u64),
}

/// Memory and tables of one instance together.
pub(crate) struct Quota {
    record: Arc<Record>,
    limit: usize,
    used: usize,
}

impl ResourceLimiter for Quota {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used - current + desired;
        if used > self.limit {
            self.record.memory_refused.store(true, Relaxed);
            return Ok(false);
        }
        if maximum.is_none_or(|most| desired <= most) {
            self.used = used;
            self.record.memory_bytes.fetch_max(used as u64, Relaxed);
        }
        Ok(true)
    }
    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }
}

/// The store's data of a component.
pub(crate) struct State {
    world: Arc<World>,
    env: Arc<ConfigVars>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    table: ResourceTable,
    quota: Quota,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

impl Seen for State {
    fn tree(&self) -> Option<&Tree> {
        self.world.files.as_ref()
    }
}
impl Configured for State {
    fn vars(&self) -> &Arc<ConfigVars> {
        &self.env
    }
}

/// The store's data of a core module.
pub(crate) struct CoreState {
    wasi: WasiP1Ctx,
    quota: Quota,
}

/// What every app sees of the world: its config vars, clocks, randomness, a log, and its own files to read. No sockets.
pub(crate) fn wasi(target: &Target, world: &World, record: &Record) -> wasmtime::Result<WasiCtxBuilder> {
    let mut wasi = wasi_without_env(world, record)?;
    for (key, value) in &target.env.0 {
        wasi.env(key, value);
    }
    Ok(wasi)
}

/// As [`wasi`], for a caller that adds the environment.
pub(crate) fn wasi_without_env(world: &World, record: &Record) -> wasmtime::Result<WasiCtxBuilder> {
    let mut wasi = WasiCtxBuilder::new();
    let stream = |stream| LogStream { log: record.log.clone(), stream };
    wasi.arg("app").stdout(stream(Stream::Stdout)).stderr(stream(Stream::Stderr));
    wasi.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    files::preopen(&mut wasi, world.files.as_ref())?;
    python::preopen(&mut wasi, world.library.as_ref())?;
    Ok(wasi)
}

/// A store for one instance of a component.
pub(crate) fn store(engine: &Engine, target: &Target, world: &Arc<World>, mut wasi: WasiCtxBuilder, record: &Arc<Record>) -> Store<State> {
    let (mut http, mut table) = (WasiHttpCtx::new(), ResourceTable::new());
    http.set_field_size_limit(FIELDS_BYTES);
    table.set_max_capacity(RESOURCES);
    let state = State {
        world: world.clone(),
        env: target.env.clone(),
        wasi: wasi.build(),
        http,
        outbound: Outbound::new(world.client.clone(), record.log.clone(), record.origin.clone()),
        table,
        quota: quota(target, record),
    };
    limited(engine, state, target, record, |state| &mut state.quota)
}

/// A store for one instance of a core module.
pub(crate) fn core_store(engine: &Engine, target: &Target, mut wasi: WasiCtxBuilder, record: &Arc<Record>) -> Store<CoreState> {
    let state = CoreState { wasi: wasi.build_p1(), quota: quota(target, record) };
    limited(engine, state, target, record, |state| &mut state.quota)
}

fn quota(target: &Target, record: &Arc<Record>) -> Quota {
    Quota { record: record.clone(), limit: target.limits.memory_bytes as usize, used: 0 }
}

/// At each tick a computing guest steps aside for its neighbours, and ends when its time is used up.
fn limited<T: 'static>(engine: &Engine, state: T, target: &Target, record: &Arc<Record>, quota: fn(&mut T) -> &mut Quota) -> Store<T> {
    let mut store = Store::new(engine, state);
    store.limiter(move |state| quota(state));
    let (record, budget_ms) = (record.clone(), target.limits.cpu_ms);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        let spent_ms = record.spent() / 1_000_000;
        if spent_ms >= budget_ms {
            return Err(OutOfTime::Budget(budget_ms).into());
        }
        if record.expired.load(Relaxed) {
            return Err(OutOfTime::Deadline(spent_ms).into());
        }
        // Tokio's own yield looks at sockets and timers before it comes back; waking ourselves would not.
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
    });
    store
}

/// Everything a component may import: WASI 0.2 and 0.3, `wasi:http`, `wasi:config`, and the platform's own `paas:app`.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<State>, wasmtime::Error> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::link(&mut linker)?;
    files::link(&mut linker)?;
    Ok(linker)
}

/// Everything a core module may import: WASI preview 1.
pub(crate) fn core_linker(engine: &Engine) -> Result<wasmtime::Linker<CoreState>, wasmtime::Error> {
    let mut linker = wasmtime::Linker::new(engine);
    wasmtime_wasi::p1::add_to_linker_async(&mut linker, |state: &mut CoreState| &mut state.wasi)?;
    Ok(linker)
}
