//! A release that answers requests.
use crate::{
    Body, Refusal, RuntimeError, Shared,
    assets::Site,
    booted,
    cache::Wait,
    compile,
    components::Parts,
    files::{self, Trees},
    guest::Guest,
    instance::{self, Record},
    javascript,
    log_rate::LogRate,
    outbound::{MAX_HOPS, Origin},
    preparing, program,
    program::Program,
    proxy, python,
    reuse::{Pools, Room},
    service,
    slot::{Size, Slot},
    stdio::Log,
    wagi,
    world::World,
};
use http::{
    Request, Response, Uri,
    uri::{PathAndQuery, Scheme},
};
use paas_model::{Code, Launch, Target, log::Sink};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

/// A handle on a release. Cheap to clone; its code is loaded by the first request, or by [`App::load`], and
/// unloaded when it has not been wanted for a while and others need the room.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    rt: Arc<Shared>,
    target: Target,
    slot: Arc<Slot<Loaded>>,
    /// One load at a time.
    loading: Arc<Mutex<()>>,
    requests: Arc<AtomicU64>,
    log_rate: Arc<LogRate>,
    /// Where the app sees its files.
    files_at: &'static str,
    /// The apps that answer for this one, if it has several components.
    parts: Option<Parts>,
}

/// Its code, and what it reaches.
pub(crate) struct Loaded {
    pub(crate) program: Program,
    pub(crate) world: Arc<World>,
    pools: Option<Pools>,
    /// What answers before the program is asked.
    assets: Option<Site>,
}

/// What became of a request.
pub struct Answer {
    pub result: Result<Response<Body>, Failure>,
    pub usage: Usage,
    /// Whether this request loaded the app.
    pub cold: bool,
}

/// What a request's instance has used so far. It goes on growing until the answer's body has ended.
#[derive(Clone)]
pub struct Usage(Arc<Record>);

impl Usage {
    pub(crate) fn of(record: Arc<Record>) -> Self {
        Self(record)
    }
    /// How long it took to make the instance; zero if none was made.
    pub fn instantiate(&self) -> Duration {
        self.0.instantiate()
    }
    /// How long the guest kept a thread busy.
    pub fn cpu(&self) -> Duration {
        self.0.cpu()
    }
    /// The most linear memory that the instance had.
    pub fn memory_bytes(&self) -> u64 {
        self.0.memory_bytes()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code} {detail}")]
pub struct Failure {
    pub code: Code,
    /// For logs; never for visitors.
    pub detail: String,
}

impl Failure {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl App {
    pub(crate) fn new(rt: Arc<Shared>, target: Target) -> Self {
        let (slot, requests) = (Slot::new(target.limits.concurrency as usize), rt.demand.counter(target.app));
        let log_rate = LogRate::new(&target.limits);
        let parts = Parts::of(&rt, &target, &log_rate);
        Self(Arc::new(Inner { rt, target, slot, loading: Arc::default(), requests, log_rate, files_at: files::APP, parts }))
    }

    /// One component of an app: its requests are counted with the app's.
    pub(crate) fn part(rt: Arc<Shared>, target: Target, log_rate: Arc<LogRate>) -> Self {
        let slot = Slot::new(target.limits.concurrency as usize);
        Self(Arc::new(Inner { rt, target, slot, loading: Arc::default(), requests: Arc::default(), log_rate, files_at: files::ROOT, parts: None }))
    }

    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Makes what the node lacks, maps the code and links it, so that the first request finds it there.
    pub async fn load(&self) -> Result<(), Refusal> {
        match &self.0.parts {
            Some(parts) => parts.load().await,
            None => self.program().await.map(|_| ()),
        }
    }

    /// As [`App::load`], for a caller that is no request.
    pub(crate) async fn program(&self) -> Result<Arc<Loaded>, Refusal> {
        if let Some(loaded) = self.mapped().await? {
            return Ok(loaded);
        }
        preparing::in_turn(&self.0.rt, self.target()).await?;
        let damaged = || RuntimeError::WorkerFailed("what it made was damaged on its way into the cache".into());
        Ok(self.mapped().await?.ok_or_else(damaged)?)
    }

    /// Answers with a fresh instance, or with a kept one if the app chose so. Dropping the future, or the answer's body before its end, ends the instance.
    pub async fn handle(&self, request: Request<Body>) -> Answer {
        self.handle_by(request, Instant::now() + self.target().limits.first_byte()).await
    }

    /// As [`App::handle`], for a request that has waited already and is to be answered by `deadline`.
    pub async fn handle_by(&self, request: Request<Body>, deadline: Instant) -> Answer {
        self.answer_by(request, deadline, self.0.rt.sink.clone()).await
    }

    /// As [`App::handle`], with its log lines sent elsewhere.
    pub(crate) async fn handle_with(&self, request: Request<Body>, sink: Arc<dyn Sink>) -> Answer {
        self.answer_by(request, Instant::now() + self.target().limits.first_byte(), sink).await
    }

    pub(crate) async fn answer_by(&self, request: Request<Body>, deadline: Instant, sink: Arc<dyn Sink>) -> Answer {
        self.0.requests.fetch_add(1, Relaxed);
        if let Some(parts) = &self.0.parts {
            return parts.answer(absolute(request, self.target()), deadline, sink).await;
        }
        let loaded = self.0.slot.want(&self.0.rt.memory, std::time::Instant::now());
        let cold = loaded.is_none();
        let origin = Origin::of(&request);
        let hops = origin.hops;
        let log = Log::new(self.target().app, sink, &self.target().limits, self.0.log_rate.clone());
        let record = Record::new(log, origin);
        let result = match hops {
            0..=MAX_HOPS => self.answer(loaded, request, deadline, &record).await,
            _ => Err(Failure::new(Code::W41, "apps call each other without end")),
        };
        Answer { result, usage: Usage(record), cold }
    }

    async fn answer(
        &self,
        loaded: Option<Arc<Loaded>>,
        request: Request<Body>,
        deadline: Instant,
        record: &Arc<Record>,
    ) -> Result<Response<Body>, Failure> {
        let loaded = match loaded {
            Some(loaded) => loaded,
            None => self.cold(deadline).await?,
        };
        let Loaded { program, world, pools, assets } = &*loaded;
        let (parts, body) = absolute(request, self.target()).into_parts();
        if let Some(site) = assets
            && let Some(response) = site.asset(&parts).await?
        {
            return Ok(response);
        }
        let request = Request::from_parts(parts, body);
        let (rt, target) = (&self.0.rt, self.target());
        let engine = match program {
            Program::Proxy(pre) => pre.engine(),
            Program::Service(pre) => pre.engine(),
            _ => &rt.engine,
        };
        let store_of = |record: &Arc<Record>| {
            let wasi = instance::wasi(target, world, record).map_err(proxy::platform)?;
            Ok(instance::store(engine, target, world, wasi, record))
        };
        let store = || store_of(record);
        let (run, head) = match program {
            Program::Proxy(pre) => proxy::start(pre, Room::of(pools.as_ref().map(|pools| &pools.proxies), record, store)?, request, record.clone())?,
            Program::Service(pre) if let Some(crowd) = pools.as_ref().and_then(|pools| pools.crowd.as_ref()) => {
                crowd.enter(pre, request, record, store_of)?
            }
            Program::Service(pre) => {
                service::start(pre, Room::of(pools.as_ref().map(|pools| &pools.services), record, store)?, request, record.clone())
            }
            Program::Python(app) => app.start(Room::of(pools.as_ref().map(|pools| &pools.pythons), record, store)?, request, record.clone()),
            Program::Command(pre) => wagi::command(pre, target, world, request, record.clone())?,
            Program::Modules(modules) => wagi::modules(modules, target, world, request, record.clone())?,
            Program::Site(site) => return site.answer(&request.into_parts().0).await,
        };
        Guest::new(run, record.clone(), self.0.slot.guests.clone()).answer(head, deadline).await
    }

    /// Loads what is there. What is not there is made beside the requests, and this one is told so: nobody waits for a compiler.
    async fn cold(&self, deadline: Instant) -> Result<Arc<Loaded>, Failure> {
        match timeout_at(deadline, self.mapped()).await {
            Ok(Ok(Some(program))) => Ok(program),
            Ok(Ok(None)) => {
                preparing::soon(&self.0.rt, self.target());
                Err(Failure::new(Code::H20, "the app is being prepared on this node"))
            }
            Ok(Err(refusal)) => {
                let code = if refusal.is_fault() { Code::H99 } else { Code::H20 };
                Err(Failure::new(code, refusal.to_string()))
            }
            Err(_) => Err(Failure::new(Code::H20, "the app's code was not loaded within the time limit")),
        }
    }

    /// The program, loaded now if it is not in memory; `None` if this node's cache lacks something that it is made of.
    async fn mapped(&self) -> Result<Option<Arc<Loaded>>, Refusal> {
        let one = self.0.loading.clone().lock_owned().await;
        if let Some(loaded) = self.0.slot.want(&self.0.rt.memory, Instant::now().into_std()) {
            return Ok(Some(loaded));
        }
        // What the system has in memory is mapped sooner than another thread would be woken.
        if let Some(loaded) = self.0.map(Wait::Never)? {
            return Ok(Some(loaded));
        }
        // This goes on when the first visitor gives up: the next one finds the work done or under way.
        let app = self.0.clone();
        compile::blocking(move || {
            let _one = one;
            app.map(Wait::May)
        })
        .await?
    }
}

impl Inner {
    /// Maps the code, and what the app reaches.
    fn map(&self, wait: Wait) -> Result<Option<Arc<Loaded>>, Refusal> {
        if wait == Wait::Never && !are_files_near(&self.rt, &self.target) {
            return Ok(None);
        }
        let Some((program, size)) = load(&self.rt, &self.target, wait)? else { return Ok(None) };
        let (world, pools) = (World::open(&self.rt, &self.target, self.files_at)?, pools(&self.rt, &self.target)?);
        let assets = Site::before(&self.target.manifest, &self.rt.blobs)?;
        let loaded = Arc::new(Loaded { program, world, pools, assets });
        self.rt.memory.put(&self.slot, loaded.clone(), size);
        Ok(Some(loaded))
    }
}

/// Whether the slug's own files, which the app or its visitors see, are found without the disk.
fn are_files_near(rt: &Shared, target: &Target) -> bool {
    target.manifest.assets.is_none() && Trees::is_near(rt, target)
}

fn pools(rt: &Shared, target: &Target) -> Result<Option<Pools>, Refusal> {
    Ok(match program::web(&target.manifest)? {
        Launch::Javascript { .. } => None, // its engine cannot answer twice
        _ => Pools::new(&target.limits, &rt.kept),
    })
}

/// The program and the size of what is its own, as far as the node's cache has it.
fn load(rt: &Shared, target: &Target, wait: Wait) -> Result<Option<(Program, Size)>, Refusal> {
    Ok(match program::web(&target.manifest)? {
        Launch::Wasm { file, libraries, boots } => {
            let wasm = program::binaries(&target.manifest, file, libraries)?;
            let found = if *boots { booted::find(rt, target, &wasm, wait)? } else { program::find(rt, &wasm, wait)? };
            found.map(|(program, code)| (program, Size { code, image: 0 }))
        }
        // The code is the engine's, which all apps of its language share.
        Launch::Javascript { .. } => {
            javascript::find(rt, target, rt.linker(), wait)?.map(|(pre, image)| (Program::Proxy(pre), Size { code: 0, image }))
        }
        Launch::Python { .. } => python::find(rt, target, rt.linker(), wait)?.map(|program| (program, Size::default())),
        Launch::Components(_) => return Err(program::several()),
        Launch::Static(_) if wait == Wait::Never => None, // its rules are read from the disk
        Launch::Static(site) => Some((Program::Site(Site::new(&target.manifest, site, rt.blobs.clone())?), Size::default())),
    })
}

/// The request as the visitor sent it: with the scheme that the router saw, and always with a host.
fn absolute(mut request: Request<Body>, target: &Target) -> Request<Body> {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { Scheme::HTTPS } else { Scheme::HTTP };
    let host = request.uri().authority().cloned().or_else(|| text("host")?.parse().ok());
    let host = host.unwrap_or_else(|| target.app_name.as_str().parse().expect("an app's name is a host name's label"));
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(scheme);
    parts.authority = Some(host);
    parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/"));
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}
