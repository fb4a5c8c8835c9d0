//! A node with blobs, a cache and a log that tests can read.
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use paas_model::{
    AppId, AppName, ConfigVars, Digest, Egress, Launch, Manifest, ReleaseId, Target,
    limits::Limits,
    log::{Line, Sink},
    output::Output,
    slug::{BlobDir, File},
};
use paas_runtime::{App, Body, Capabilities, Config, Failure, NetworkConfig, Refusal, Runtime};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

pub struct Stage {
    pub runtime: Runtime,
    pub dir: Arc<tempfile::TempDir>,
    pub log: Arc<Lines>,
}

#[derive(Default)]
pub struct Lines(Mutex<Vec<String>>);

impl Sink for Lines {
    fn write(&self, _: AppId, line: Line) {
        let text = format!("{}[{}]: {}", line.source.as_str(), line.process, line.text);
        self.0.lock().unwrap().push(text);
    }
}

impl Lines {
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
    pub fn has(&self, text: &str) -> bool {
        self.all().iter().any(|line| line.contains(text))
    }
}

impl Stage {
    pub fn new() -> Self {
        Self::at(Arc::new(tempfile::tempdir().unwrap()))
    }

    /// The same node, started again.
    pub fn at(dir: Arc<tempfile::TempDir>) -> Self {
        Self::with_network(dir, NetworkConfig::default())
    }

    /// A node with its own way out.
    pub fn with_network(dir: Arc<tempfile::TempDir>, network: NetworkConfig) -> Self {
        let log = Arc::new(Lines::default());
        let runtime = Runtime::new(Config {
            cache: dir.path().join("cache"),
            blobs: BlobDir(dir.path().join("blobs")),
            sink: log.clone(),
            worker: PathBuf::from(env!("CARGO_BIN_EXE_paas-runtime-worker")),
            network,
        });
        Self { runtime: runtime.unwrap(), dir, log }
    }

    /// A slug with these files.
    pub fn manifest(&self, launch: Launch, files: &[(&str, &[u8])]) -> Manifest {
        let blobs = BlobDir(self.dir.path().join("blobs"));
        let file = |(path, content): &(&str, &[u8])| {
            let digest = Digest::of(content);
            let blob = blobs.path(&digest);
            std::fs::create_dir_all(blob.parent().unwrap()).unwrap();
            std::fs::write(blob, content).unwrap();
            (path.to_string(), File { digest, size: content.len() as u64 })
        };
        Manifest {
            buildpack: "test@0".into(),
            processes: [("web".to_string(), launch)].into(),
            files: files.iter().map(file).collect(),
            app_files: None,
            assets: None,
        }
    }

    pub fn guest_manifest(&self, guest: &str) -> Manifest {
        let path = format!("{}/tests/guests/{guest}.wat", env!("CARGO_MANIFEST_DIR"));
        self.manifest(Launch::wasm("app.wat"), &[("app.wat", &std::fs::read(path).unwrap())])
    }

    pub fn target(&self, manifest: Manifest, limits: Limits, config: &[(&str, &str)]) -> Target {
        Target {
            app: AppId::generate(),
            app_name: "hello".parse::<AppName>().unwrap(),
            release: ReleaseId::generate(),
            version: "v2".parse().unwrap(),
            slug: manifest.digest(),
            manifest: Arc::new(manifest),
            env: Arc::new(ConfigVars(config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())),
            limits,
            egress: Egress::default(),
        }
    }

    /// An app of one guest, compiled and loaded.
    pub async fn app_with(&self, guest: &str, limits: Limits, config: &[(&str, &str)]) -> App {
        let app = self.runtime.app(self.target(self.guest_manifest(guest), limits, config));
        app.load().await.unwrap();
        app
    }

    pub async fn app(&self, guest: &str) -> App {
        self.app_with(guest, Limits::default(), &[]).await
    }

    pub async fn check(&self, guest: &str) -> Result<Capabilities, Refusal> {
        self.runtime.check(AppId::generate(), &self.guest_manifest(guest), &Output::new(|_: &str| {})).await
    }
}

pub fn body(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

pub fn request(path: &str) -> Request<Body> {
    Request::builder().uri(path).header("Host", "hello.localhost").body(body("")).unwrap()
}

pub async fn get(app: &App, path: &str) -> Result<Response<Body>, Failure> {
    app.handle(request(path)).await.result
}

pub async fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// The whole answer as text.
pub async fn read(app: &App, path: &str) -> String {
    text(get(app, path).await.unwrap()).await
}

pub fn quick() -> Limits {
    Limits { first_byte_ms: 300, cpu_ms: 60_000, ..Limits::default() }
}
