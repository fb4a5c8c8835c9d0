//! A receiver with one app, behind HTTP, and a judge that does what a test says.
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, future::BoxFuture};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response,
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use paas_model::{AppId, output::Output};
use paas_receiver::{Config, Judge, Push, Receiver, Rejected, Service};
use std::{
    env, io,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

pub const DEADLINE: Duration = Duration::from_secs(60);
pub const MAIN: &str = "refs/heads/main";

pub struct Platform {
    pub receiver: Receiver,
    pub app: AppId,
    pub judge: Arc<ScriptedJudge>,
    pub url: String,
    folder: TempDir,
}

type Script = Box<dyn Fn(Push, Output) -> BoxFuture<'static, Result<(), Rejected>> + Send + Sync>;

/// Remembers what it was asked.
pub struct ScriptedJudge {
    script: Script,
    pub pushes: Mutex<Vec<Push>>,
    events: Mutex<Vec<(Uuid, &'static str)>>,
}

impl Platform {
    pub async fn accepting() -> Self {
        Self::judging(|_, _| async { Ok(()) }).await
    }

    pub async fn judging<F>(script: impl Fn(Push, Output) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Rejected>> + Send + 'static,
    {
        let folder = TempDir::new().unwrap();
        let receiver = Receiver::start(config(&folder)).await.unwrap();
        let app = AppId::generate();
        receiver.create(app).await.unwrap();
        let judge = Arc::new(ScriptedJudge {
            script: Box::new(move |push, output| Box::pin(script(push, output))),
            pushes: Mutex::default(),
            events: Mutex::default(),
        });
        let url = serve(receiver.clone(), app, judge.clone()).await;
        Self { receiver, app, judge, url, folder }
    }

    pub fn config(&self) -> Config {
        config(&self.folder)
    }

    pub fn repository(&self) -> PathBuf {
        self.config().repos.join(format!("{}.git", self.app))
    }

    pub async fn main(&self) -> Option<String> {
        self.receiver.reference(self.app, MAIN).await.unwrap()
    }

    /// Whether a push has left its quarantine behind.
    pub fn has_quarantine(&self) -> bool {
        let mut names = std::fs::read_dir(self.repository().join("objects")).unwrap().map(|entry| entry.unwrap().file_name());
        names.any(|name| name.to_string_lossy().contains("incoming"))
    }

    /// Waits until the judge was told of so many ends.
    pub async fn ended(&self, count: usize) {
        eventually("a push ended", || self.judge.count("ended") == count).await;
    }
}

fn config(folder: &TempDir) -> Config {
    // target/debug/deps/receiver-… → target/debug/examples/hook
    let hook_program = env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join("hook");
    assert!(hook_program.exists(), "build the hook first: cargo build -p paas-receiver --examples");
    Config { repos: folder.path().join("repos"), run_dir: folder.path().join("run"), hook_program, max_pack_bytes: 64 << 20 }
}

/// Polls a condition until it holds.
pub async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(DEADLINE, waiting).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

impl ScriptedJudge {
    fn note(&self, push: Uuid, event: &'static str) {
        self.events.lock().unwrap().push((push, event));
    }

    /// What happened to each push, in order.
    pub fn events(&self) -> Vec<&'static str> {
        self.events.lock().unwrap().iter().map(|(_, event)| *event).collect()
    }

    pub fn count(&self, event: &str) -> usize {
        self.events().iter().filter(|e| **e == event).count()
    }

    pub fn last_push(&self) -> Push {
        self.pushes.lock().unwrap().last().cloned().unwrap()
    }
}

#[async_trait::async_trait]
impl Judge for ScriptedJudge {
    async fn pre_receive(&self, push: Push, output: Output) -> Result<(), Rejected> {
        self.note(push.id, "pre_receive");
        self.pushes.lock().unwrap().push(push.clone());
        (self.script)(push, output).await
    }
    async fn post_receive(&self, push: Uuid, output: Output) {
        self.note(push, "post_receive");
        output.step("Launching...");
    }
    async fn ended(&self, push: Uuid) {
        self.note(push, "ended");
    }
}

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// The little that git needs of HTTP, at `http://…/app.git`.
async fn serve(receiver: Receiver, app: AppId, judge: Arc<dyn Judge>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (receiver, judge) = (receiver.clone(), judge.clone());
            let service = service_fn(move |request| answer(receiver.clone(), app, judge.clone(), request));
            // A client that leaves ends its connection, and nothing else.
            tokio::spawn(async move { http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok() });
        }
    });
    format!("http://{address}/app.git")
}

async fn answer(receiver: Receiver, app: AppId, judge: Arc<dyn Judge>, request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
    let name = request.uri().query().unwrap_or(request.uri().path()).rsplit(['/', '=']).next().unwrap().to_string();
    let service = Service::parse(&name).unwrap();
    let protocol = request.headers().get("git-protocol").map(|value| value.to_str().unwrap().to_string());
    let (kind, body): (_, Body) = if request.uri().query().is_some() {
        let refs = receiver.advertise(app, service, protocol.as_deref()).await.map_err(io::Error::other)?;
        ("advertisement", Full::new(refs).map_err(io::Error::other).boxed_unsync())
    } else {
        let sent = request.into_body().into_data_stream().map_err(io::Error::other);
        let answer = match service {
            Service::UploadPack => receiver.upload_pack(app, sent, protocol).await,
            Service::ReceivePack => receiver.receive_pack(app, sent, judge).await,
        };
        ("result", StreamBody::new(answer.map_err(io::Error::other)?.map(|piece| piece.map(Frame::data))).boxed_unsync())
    };
    let kind = format!("application/x-{name}-{kind}");
    Ok(Response::builder().header("content-type", kind).header("cache-control", "no-cache").body(body).unwrap())
}
