//! One sandbox: its store, what it may use, what it is linked to.
use crate::{
    crowd::Inside,
    derive::{self, Derives},
    files::{self, Seen, Tree},
    log_rate::LogRate,
    outbound::{Origin, Outbound},
    pollables::{self, Pollables, Polls},
    python::{self, Exchange},
    quota::Quota,
    stdio::{Log, LogStream, Stream, Switch},
    turns,
    variables::{self, Configured},
    working_set::Place,
    world::World,
};
use paas_model::{AppId, ConfigVars, Target, limits::Limits, log::Sink};
use std::sync::Arc;
use tokio::sync::Semaphore;
use wasmtime::{Engine, Store, UpdateDeadline, component::Linker};
use wasmtime_wasi::{ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p1::WasiP1Ctx};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What the host holds for a guest is bounded too: handles, and the size of each set of headers.
const RESOURCES: usize = 4_096;
const FIELDS_BYTES: usize = 64 << 10;
/// Most requests compute for less than this, and need no turn.
const BRIEF_MS: u64 = 4;

pub(crate) use crate::record::{OutOfTime, Record};

/// The store's data of a component.
pub(crate) struct State {
    world: Arc<World>,
    env: Arc<ConfigVars>,
    wasi: WasiCtx,
    out: Arc<Switch>,
    http: WasiHttpCtx,
    outbound: Outbound,
    table: ResourceTable,
    pollables: Pollables,
    quota: Quota,
    /// Where its memory is, if it told.
    place: Option<Place>,
    /// The request of a Python instance.
    exchange: Option<Exchange>,
}

impl State {
    /// The instance that is being made has its memory there.
    pub(crate) fn lies_at(&mut self, place: Place) {
        self.place = Some(place);
    }

    pub(crate) fn exchange(&mut self) -> Option<&mut Exchange> {
        self.exchange.as_mut()
    }

    /// The instance is to answer this.
    pub(crate) fn take_on(&mut self, exchange: Exchange) {
        self.exchange = Some(exchange);
    }

    /// The instance is done with it: what it has not sent by now will not come.
    pub(crate) fn let_go(&mut self) {
        self.exchange = None;
    }

    /// Which pages the request has written, that is over now, tells what the app's next ones will write.
    pub(crate) fn learn(&self) {
        if let Some(place) = &self.place {
            place.learn();
        }
    }
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

impl Polls for State {
    fn pollables(&mut self) -> (&mut Pollables, &mut ResourceTable) {
        (&mut self.pollables, &mut self.table)
    }
}
impl Seen for State {
    fn tree(&self) -> Option<&Tree> {
        self.world.files.as_ref()
    }
}
impl Derives for State {
    fn record(&self) -> &Arc<Record> {
        self.quota.record()
    }
    fn place(&self) -> &Arc<Semaphore> {
        &self.world.deriving
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
    let stream = |stream| LogStream { log: record.out.clone(), stream };
    wasi.arg("app").stdout(stream(Stream::Stdout)).stderr(stream(Stream::Stderr));
    wasi.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    files::preopen(&mut wasi, world.files.as_ref(), world.files_at)?;
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
        out: record.out.clone(),
        http,
        outbound: Outbound::new(world.client.clone(), record.log.clone(), record.origin.clone()),
        table,
        pollables: Pollables::default(),
        quota: Quota::new(target.limits, record),
        place: None,
        exchange: None,
    };
    limited(engine, state, target, |state| &mut state.quota)
}

/// Makes a store that has answered before work for another request.
pub(crate) fn renew(store: &mut Store<State>, record: &Arc<Record>) {
    let state = store.data_mut();
    state.out.lead_to(record.log.clone());
    state.outbound = Outbound::new(state.world.client.clone(), record.log.clone(), record.origin.clone());
    state.quota.renew(record);
    store.set_epoch_deadline(1);
}

/// Tells a store that it will have several requests inside at a time.
pub(crate) fn share(store: &mut Store<State>, inside: &Arc<Inside>) {
    store.data_mut().quota.share(inside.clone());
}

/// One more request goes into an instance where others may be: what the guest prints and asks of other hosts goes by the newest's name from now on,
/// with the longest chain of calls that is inside.
pub(crate) fn join(state: &mut State, record: &Arc<Record>, hops: u32) {
    state.out.lead_to(record.log.clone());
    let origin = Origin { hops, ..record.origin.clone() };
    state.outbound = Outbound::new(state.world.client.clone(), record.log.clone(), origin);
    state.quota.renew(record);
}

/// A store for the instances of core modules that make up a program.
pub(crate) fn core_store(engine: &Engine, target: &Target, mut wasi: WasiCtxBuilder, record: &Arc<Record>) -> Store<CoreState> {
    let state = CoreState { wasi: wasi.build_p1(), quota: Quota::new(target.limits, record) };
    limited(engine, state, target, |state| &mut state.quota)
}

/// A store in which nothing runs, to look at what a linker has.
pub(crate) fn idle(engine: &Engine, sink: &Arc<dyn Sink>) -> Store<CoreState> {
    let limits = Limits::default();
    let record = Record::new(Log::new(AppId::generate(), sink.clone(), &limits, LogRate::new(&limits)), Origin::default());
    Store::new(engine, CoreState { wasi: WasiCtxBuilder::new().build_p1(), quota: Quota::new(limits, &record) })
}

/// At each tick a computing guest steps aside for its neighbours, and ends when its time is used up.
fn limited<T: 'static>(engine: &Engine, state: T, target: &Target, quota: fn(&mut T) -> &mut Quota) -> Store<T> {
    let mut store = Store::new(engine, state);
    store.limiter(move |state| quota(state));
    let (app, budget_ms) = (target.app, target.limits.cpu_ms);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |mut context| {
        let shared = quota(context.data_mut()).inside().cloned();
        let (record, turn) = match shared {
            None => {
                let record = quota(context.data_mut()).record().clone();
                (record.clone(), record)
            }
            Some(inside) => {
                let task = context.async_call_stack()?.last();
                (inside.at_tick(task), inside.life().clone())
            }
        };
        let spent_ms = record.spent() / 1_000_000;
        if spent_ms >= budget_ms {
            return Err(OutOfTime::Budget(budget_ms).into());
        }
        if record.is_expired() {
            return Err(OutOfTime::Deadline(spent_ms).into());
        }
        Ok(UpdateDeadline::YieldCustom(1, Box::pin(step_aside(record, turn, app, spent_ms))))
    });
    store
}

/// Lets others on this thread run. Who computes for long waits for a turn, which ends when the guest is no longer polled. Who is out of time needs none
/// for the last tick, at which it is ended and its trace taken: with many waiting it would come too late.
async fn step_aside(record: Arc<Record>, holder: Arc<Record>, app: AppId, spent_ms: u64) {
    if spent_ms < BRIEF_MS {
        return tokio::task::yield_now().await;
    }
    tokio::select! {
        turn = turns::turn(app) => holder.hold(Some(turn)),
        () = record.expiry() => {}
    }
}

/// Everything a component of the plain engine may import: WASI 0.2, `wasi:http`, `wasi:config`, and the platform's own `paas:app`.
pub(crate) fn linker(engine: &Engine) -> Result<Linker<State>, wasmtime::Error> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    pollables::link(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    variables::link(&mut linker)?;
    files::link(&mut linker)?;
    derive::link(&mut linker)?;
    python::link_bytecode(&mut linker)?;
    python::link_exchange(&mut linker)?;
    Ok(linker)
}

/// As [`linker`], and WASI 0.3.
pub(crate) fn concurrent_linker(engine: &Engine) -> Result<Linker<State>, wasmtime::Error> {
    let mut linker = linker(engine)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    Ok(linker)
}

/// Everything a core module may import: WASI preview 1.
pub(crate) fn core_linker(engine: &Engine) -> Result<wasmtime::Linker<CoreState>, wasmtime::Error> {
    let mut linker = wasmtime::Linker::new(engine);
    wasmtime_wasi::p1::add_to_linker_async(&mut linker, |state: &mut CoreState| &mut state.wasi)?;
    Ok(linker)
}
