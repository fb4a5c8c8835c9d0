//! A release that answers requests.
use crate::{
    Body, Refusal, RuntimeError, Shared,
    assets::Site,
    guest::Guest,
    instance::{self, Record},
    javascript, program,
    program::Program,
    proxy, service,
    stdio::Log,
    wagi,
};
use http::{HeaderValue, Request, Response, header};
use paas_model::{Code, Launch, Target};
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
    program: OnceCell<Arc<Program>>,
    afterwards: Arc<Semaphore>,
}

/// What became of a request.
pub struct Answer {
    pub result: Result<Response<Body>, Failure>,
    /// How long it took to make the instance; zero if none was made.
    pub instantiate: Duration,
    /// Whether this request loaded the app.
    pub cold: bool,
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
        let afterwards = Arc::new(Semaphore::new(target.limits.concurrency));
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
        let deadline = Instant::now() + self.target().limits.first_byte();
        let cold = !self.0.program.initialized();
        let record = Record::new(Log::new(self.target().app, self.0.rt.sink.clone(), self.target().limits.log_bytes));
        let result = self.answer(request, deadline, &record).await;
        Answer { result, instantiate: record.instantiate(), cold }
    }

    async fn answer(&self, request: Request<Body>, deadline: Instant, record: &Arc<Record>) -> Result<Response<Body>, Failure> {
        let program = match self.0.program.get() {
            Some(program) => program,
            None => self.cold(deadline).await?,
        };
        let request = named(request, self.target());
        let (rt, target) = (&self.0.rt, self.target());
        let store = || instance::store(&rt.engine, target, instance::wasi(target, record), record);
        let (run, head) = match program.as_ref() {
            Program::Proxy(pre) => proxy::start(pre, store(), request, record.clone())?,
            Program::Service(pre) => service::start(pre, store(), request, record.clone()),
            Program::Command(pre) => wagi::command(pre, target, request, record.clone()),
            Program::Module(pre) => wagi::module(pre, target, request, record.clone()),
            Program::Site(site) => return site.answer(&request.into_parts().0).await,
        };
        Guest::new(run, record.clone(), self.0.afterwards.clone()).answer(head, deadline).await
    }

    async fn cold(&self, deadline: Instant) -> Result<&Arc<Program>, Failure> {
        match timeout_at(deadline, self.program()).await {
            Ok(Ok(program)) => Ok(program),
            Ok(Err(refusal)) => {
                let code = if refusal.is_fault() { Code::H99 } else { Code::H20 };
                Err(Failure::new(code, refusal.to_string()))
            }
            Err(_) => Err(Failure::new(Code::H20, "the app's code was not ready within the time limit")),
        }
    }

    async fn program(&self) -> Result<&Arc<Program>, Refusal> {
        let load = async || {
            // A task of its own: when the first visitor gives up, the next one finds the work done or under way.
            let (rt, target) = (self.0.rt.clone(), self.0.target.clone());
            tokio::spawn(async move { load(&rt, &target).await }).await.map_err(|_| RuntimeError::Panicked)?
        };
        self.0.program.get_or_try_init(load).await
    }
}

async fn load(rt: &Arc<Shared>, target: &Target) -> Result<Arc<Program>, Refusal> {
    match program::web(&target.manifest)? {
        Launch::Wasm { file } => Ok(Arc::new(program::load(rt, program::blob(&target.manifest, file)?).await?.0)),
        Launch::Javascript { .. } => Ok(Arc::new(Program::Proxy(javascript::load(rt, target, &rt.linker).await?))),
        Launch::Static(site) => Ok(Arc::new(Program::Site(Site::new(&target.manifest, site, rt.blobs.clone())?))),
    }
}

/// A guest always finds a host name in its request; HTTP/1.0 needs none.
fn named(mut request: Request<Body>, target: &Target) -> Request<Body> {
    let known = request.uri().authority().is_some() || request.headers().get(header::HOST).is_some_and(|host| host.to_str().is_ok());
    if !known {
        let name = HeaderValue::from_str(target.app_name.as_str()).expect("an app's name is a host name's label");
        request.headers_mut().insert(header::HOST, name);
    }
    request
}


