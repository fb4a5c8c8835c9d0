//! A router with guests behind a real socket, and visitors who speak in bytes.
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use paas_logs::{Filter, Logs};
use paas_metrics::Metrics;
use paas_model::{
    AppId, AppRoutes, ConfigVars, Digest, Launch, Manifest, ReleaseId, ReleaseVersion, Target,
    slug::{BlobDir, File},
};
use paas_router::{Control, Patience, Router, serve};
use paas_runtime::{Body, Config, Runtime};
use std::{
    collections::HashMap,
    future::pending,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

/// How long a test waits for what has to come.
pub const SOON: Duration = Duration::from_secs(30);

pub struct Stage {
    pub address: SocketAddr,
    pub metrics: Metrics,
    logs: Logs,
    apps: HashMap<String, AppId>,
    _dir: tempfile::TempDir,
}

/// An app of the stage: its name, its guest, its config vars.
pub type Cast<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

impl Stage {
    pub async fn with(cast: &[Cast<'_>]) -> Self {
        Self::patient(cast, Patience::default(), false).await
    }

    pub async fn patient(cast: &[Cast<'_>], patience: Patience, maintenance: bool) -> Self {
        Self::of(cast, maintenance, |router| router.with_patience(patience)).await
    }

    /// A router that is like others but for one thing.
    pub async fn of(cast: &[Cast<'_>], maintenance: bool, other: impl FnOnce(Router) -> Router) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let logs = Logs::open(&dir.path().join("logs")).unwrap();
        let blobs = BlobDir(dir.path().join("blobs"));
        let (cache, sink) = (dir.path().join("cache"), Arc::new(logs.clone()));
        let config = Config { cache, blobs: blobs.clone(), sink, worker: worker(), network: Default::default() };
        let runtime = Runtime::new(config).unwrap();
        let (mut routes, mut apps) = (Vec::new(), HashMap::new());
        for (name, guest, vars) in cast {
            let target = target(&blobs, name, guest, vars);
            runtime.prepare(&target).await.unwrap();
            apps.insert((*name).to_string(), target.app);
            let (id, name, current) = (target.app, target.app_name.clone(), Some(target.version));
            routes.push(AppRoutes { id, name, maintenance, current, targets: vec![target] });
        }
        let metrics = Metrics::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Arc::new(other(Router::new(runtime, logs.clone(), metrics.clone(), address.port())));
        router.publish(routes).await;
        let control: Control = Arc::new(|_, _| {
            let empty: Body = Empty::new().map_err(|never| match never {}).boxed_unsync();
            Box::pin(std::future::ready(Response::builder().status(StatusCode::NO_CONTENT).body(empty).unwrap()))
        });
        tokio::spawn(serve(listener, router, "localhost".into(), control, pending()));
        Self { address, metrics, logs, apps, _dir: dir }
    }

    pub async fn connect(&self) -> Visitor {
        Visitor(TcpStream::connect(self.address).await.unwrap())
    }

    /// Sends these bytes, and reads all that comes until the connection ends.
    pub async fn ask(&self, request: &str) -> String {
        let mut visitor = self.connect().await;
        visitor.send(request).await;
        visitor.rest().await
    }

    /// A GET whose answer ends the connection.
    pub async fn get(&self, app: &str, headers: &str) -> String {
        self.ask(&format!("GET /path?q=1 HTTP/1.1\r\nHost: {app}.localhost\r\nConnection: close\r\n{headers}\r\n")).await
    }

    /// The lines of an app's log that have this text; waits for the first.
    pub async fn lines(&self, app: &str, text: &str) -> Vec<String> {
        let deadline = Instant::now() + SOON;
        loop {
            let all = self.logs.recent(self.apps[app], 1_000, &Filter::default());
            let found: Vec<String> = all.iter().map(ToString::to_string).filter(|line| line.contains(text)).collect();
            if !found.is_empty() {
                return found;
            }
            assert!(Instant::now() < deadline, "{text} is not in {all:#?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// The router's last line about an app.
    pub async fn line(&self, app: &str) -> String {
        self.lines(app, "paas[router]").await.pop().unwrap()
    }
}

pub struct Visitor(pub TcpStream);

impl Visitor {
    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until this text has come.
    pub async fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        let read = async {
            while !String::from_utf8_lossy(&seen).contains(text) {
                let mut piece = [0; 4_096];
                let size = self.0.read(&mut piece).await.unwrap();
                assert!(size > 0, "the connection ended after {:?}", String::from_utf8_lossy(&seen));
                seen.extend_from_slice(&piece[..size]);
            }
        };
        let read = timeout(SOON, read).await;
        let seen = String::from_utf8_lossy(&seen).into_owned();
        assert!(read.is_ok(), "{text:?} does not come after {seen:?}");
        seen
    }

    /// Everything until the connection ends, in whichever way.
    pub async fn rest(mut self) -> String {
        String::from_utf8_lossy(&self.bytes().await).into_owned()
    }

    pub async fn bytes(&mut self) -> Vec<u8> {
        let mut seen = Vec::new();
        // A reset is an end as well; what came before it counts.
        let _reset = timeout(SOON, self.0.read_to_end(&mut seen)).await.expect("the connection ends");
        seen
    }
}

fn target(blobs: &BlobDir, name: &str, guest: &str, vars: &[(&str, &str)]) -> Target {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = [here.join("tests/guests"), here.join("../runtime/tests/guests")];
    let content = folders.iter().find_map(|folder| std::fs::read(folder.join(format!("{guest}.wat"))).ok()).unwrap();
    let digest = Digest::of(&content);
    let blob = blobs.path(&digest);
    std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
    std::fs::write(blob, &content).unwrap();
    let file = File { digest, size: content.len() as u64 };
    let manifest: Manifest = Manifest {
        buildpack: "test@0".into(),
        processes: [("web".to_string(), Launch::wasm("app.wat"))].into(),
        files: [("app.wat".to_string(), file)].into(),
        app_files: None,
        assets: None,
    };
    Target {
        app: AppId::generate(),
        app_name: name.parse().unwrap(),
        release: ReleaseId::generate(),
        version: ReleaseVersion::FIRST.next(),
        slug: manifest.digest(),
        manifest: Arc::new(manifest),
        env: Arc::new(ConfigVars(vars.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())),
        limits: Default::default(),
        egress: Default::default(),
    }
}

/// `target/debug/deps/router-…` → `target/debug/paas-runtime-worker`
fn worker() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("paas-runtime-worker");
    assert!(program.exists(), "build it first: cargo build --workspace");
    program
}
