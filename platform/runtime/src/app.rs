//! A release that answers requests.
use crate::{
    Body, Refusal, RuntimeError, Shared,
    assets::Site,
    guest::Guest,
    instance::{self, Record},
    javascript,
    outbound::{MAX_HOPS, Origin},
    program,
    program::Program,
    proxy, python, service,
    stdio::Log,
    wagi,
    world::World,
};
use http::{
    Request, Response, Uri,
    uri::{PathAndQuery, Scheme},
};
use paas_model::{Code, Launch, Target, log::Sink};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OnceCell, Semaphore},
    time::{Instant, timeout_at},
};

/// A handle on a release. Cheap to clone; its code is loaded by the first request, or by [`App::load`].
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    rt: Arc<Shared>,
    target: Target,
    program: OnceCell<Loaded>,
    afterwards: Arc<Semaphore>,
}

/// Its code, and what it reaches.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) program: Arc<Program>,
    pub(crate) world: Arc<World>,
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
        let afterwards = Arc::new(Semaphore::new(target.limits.concurrency as usize));
        Self(Arc::new(Inner { rt, target, program: OnceCell::new(), afterwards }))
    }

    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// Maps the code and links it, so that the first request finds it there.
    pub async fn load(&self) -> Result<(), Refusal> {
        self.program().await.map(|_| ())
    }

    /// Answers with a fresh instance. Dropping the future, or the answer's body before its end, ends the instance.
    pub async fn handle(&self, request: Request<Body>) -> Answer {
        self.handle_with(request, self.0.rt.sink.clone()).await
    }

    /// The same, with its log lines sent elsewhere.
    pub(crate) async fn handle_with(&self, request: Request<Body>, sink: Arc<dyn Sink>) -> Answer {
        let deadline = Instant::now() + self.target().limits.first_byte();
        let cold = !self.0.program.initialized();
        let origin = Origin::of(&request);
        let hops = origin.hops;
        let record = Record::new(Log::new(self.target().app, sink, self.target().limits.log_bytes as usize), origin);
        let result = match hops {
            0..=MAX_HOPS => self.answer(request, deadline, &record).await,
            _ => Err(Failure::new(Code::W41, "apps call each other without end")),
        };
        Answer { result, usage: Usage(record), cold }
    }

    async fn answer(&self, request: Request<Body>, deadline: Instant, record: &Arc<Record>) -> Result<Response<Body>, Failure> {
        let Loaded { program, world } = match self.0.program.get() {
            Some(loaded) => loaded,
            None => self.cold(deadline).await?,
        };
        let request = absolute(request, self.target());
        let (rt, target) = (&self.0.rt, self.target());
        let wasi = || instance::wasi(target, world, record).map_err(proxy::platform);
        let store = || Ok(instance::store(&rt.engine, target, world, wasi()?, record));
        let (run, head) = match program.as_ref() {
            Program::Proxy(pre) => proxy::start(pre, store()?, request, record.clone())?,
            Program::Service(pre) => service::start(pre, store()?, request, record.clone()),
            Program::Command(pre) => wagi::command(pre, target, world, request, record.clone())?,
            Program::Module(pre) => wagi::module(pre, target, world, request, record.clone())?,
            Program::Site(site) => return site.answer(&request.into_parts().0).await,
        };
        Guest::new(run, record.clone(), self.0.afterwards.clone()).answer(head, deadline).await
    }

    async fn cold(&self, deadline: Instant) -> Result<&Loaded, Failure> {
        match timeout_at(deadline, self.program()).await {
            Ok(Ok(program)) => Ok(program),
            Ok(Err(refusal)) => {
                let code = if refusal.is_fault() { Code::H99 } else { Code::H20 };
                Err(Failure::new(code, refusal.to_string()))
            }
            Err(_) => Err(Failure::new(Code::H20, "the app's code was not ready within the time limit")),
        }
    }

    pub(crate) async fn program(&self) -> Result<&Loaded, Refusal> {
        let load = async || {
            // A task of its own: when the first visitor gives up, the next one finds the work done or under way.
            let (rt, target) = (self.0.rt.clone(), self.0.target.clone());
            tokio::spawn(async move { load(&rt, &target).await }).await.map_err(|_| RuntimeError::Panicked)?
        };
        self.0.program.get_or_try_init(load).await
    }
}

async fn load(rt: &Arc<Shared>, target: &Target) -> Result<Loaded, Refusal> {
    let program = match program::web(&target.manifest)? {
        Launch::Wasm { file } => program::load(rt, program::blob(&target.manifest, file)?).await?.0,
        Launch::Javascript { .. } => Program::Proxy(javascript::load(rt, target, &rt.linker).await?),
        Launch::Python { .. } => Program::Proxy(python::load(rt, target, &rt.linker).await?),
        Launch::Static(site) => Program::Site(Site::new(&target.manifest, site, rt.blobs.clone())?),
    };
    Ok(Loaded { program: Arc::new(program), world: World::open(rt, target).await? })
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
