//! A node to run apps on, and apps to run.
use http::Request;
use http_body_util::{BodyExt, Full};
use nix::sys::resource::{UsageWho, getrusage};
use paas_model::{
    AppId, ConfigVars, Digest, Egress, Launch, Manifest, ReleaseId, ReleaseVersion, Target,
    limits::Limits,
    log::{Line, Sink},
    slug::{BlobDir, File},
};
use paas_runtime::{Config, NetworkConfig, Runtime};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

/// A runtime with the buildpack's toolchain; all tests share it, and its one compiled engine.
pub struct Node {
    pub runtime: Runtime,
    blobs: BlobDir,
    lines: Arc<Lines>,
}

#[derive(Default)]
struct Lines(Mutex<Vec<(AppId, String)>>);

impl Sink for Lines {
    fn write(&self, app: AppId, line: Line) {
        self.0.lock().unwrap().push((app, line.text));
    }
}

pub struct Reply {
    pub status: u16,
    pub instantiate: Duration,
    body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }
}

impl Node {
    pub fn shared() -> &'static Self {
        static NODE: LazyLock<Node> = LazyLock::new(Node::start);
        &NODE
    }

    fn start() -> Self {
        toolchain();
        forget_snapshots();
        let blobs = BlobDir(kept().join("blobs"));
        let lines = Arc::<Lines>::default();
        let config = Config {
            cache: kept().join("cache"),
            blobs: blobs.clone(),
            sink: lines.clone(),
            worker: env!("CARGO_BIN_EXE_paas-runtime-worker").into(),
            network: NetworkConfig::default(),
        };
        Self { runtime: Runtime::new(config).unwrap(), blobs, lines }
    }

    pub async fn get(&self, release: &Target, path: &str) -> Reply {
        self.answer(&self.runtime.app(release.clone()), "GET", path, "").await
    }
    pub async fn post(&self, release: &Target, path: &str, body: &str) -> Reply {
        self.answer(&self.runtime.app(release.clone()), "POST", path, body).await
    }

    pub async fn answer(&self, app: &paas_runtime::App, method: &str, path: &str, body: &str) -> Reply {
        let body = Full::new(body.to_string().into()).map_err(|never| match never {}).boxed_unsync();
        let request = Request::builder().method(method).uri(path).header("host", "app.test").body(body).unwrap();
        let answer = app.handle(request).await;
        let (head, body) = answer.result.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: head.status.as_u16(), instantiate: answer.usage.instantiate(), body }
    }

    /// Lines of the release's log so far.
    pub fn logged(&self, release: &Target) -> Vec<String> {
        let lines = self.lines.0.lock().unwrap();
        lines.iter().filter(|(app, _)| *app == release.app).map(|(_, text)| text.clone()).collect()
    }
}

/// A slug, built by the buildpack from these files.
pub struct App(Arc<Manifest>);

impl App {
    pub fn build(node: &Node, source: &[(&str, &str)]) -> Self {
        Self::try_build(node, source).unwrap_or_else(|output| panic!("{output}"))
    }

    /// The slug, or what the developer is told.
    pub fn try_build(node: &Node, source: &[(&str, &str)]) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let (app, slug) = (folder.path().join("app"), folder.path().join("slug"));
        fs::create_dir_all(&slug).unwrap();
        for (name, content) in source {
            let path = app.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let detected = buildpack("detect", &app).output().unwrap();
        assert!(detected.status.success(), "{detected:?}");
        let built = buildpack("build", &app).env("PAAS_SLUG_DIR", &slug).env("PAAS_CACHE_DIR", kept().join("npm")).output().unwrap();
        match built.status.success() {
            true => Ok(Self(Arc::new(manifest(node, &slug)))),
            false => Err(String::from_utf8_lossy(&built.stdout).into()),
        }
    }

    /// A release of it, with these config vars.
    pub fn release(&self, config: &[(&str, &str)]) -> Target {
        let env = ConfigVars(config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect());
        Target {
            app: AppId::generate(),
            app_name: "app".repeat(2).parse().unwrap(),
            release: ReleaseId::generate(),
            version: ReleaseVersion::FIRST,
            slug: self.0.digest(),
            manifest: self.0.clone(),
            env: Arc::new(env),
            limits: Limits::default(),
            egress: Egress::default(),
        }
    }
}

fn manifest(node: &Node, slug: &Path) -> Manifest {
    let mut files = BTreeMap::new();
    for name in ["app.js", "engine/engine.wasm", "engine/initializer.js", "engine/engine.json"] {
        let bytes = fs::read(slug.join(name)).unwrap();
        let digest = Digest::of(&bytes);
        let path = node.blobs.path(&digest);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &bytes).unwrap();
        files.insert(name.to_string(), File { digest, size: bytes.len() as u64 });
    }
    let launch = Launch::Javascript { file: "app.js".into(), engine: "engine".into() };
    Manifest { buildpack: "javascript@0".into(), processes: [("web".to_string(), launch)].into(), files, app_files: None }
}

fn buildpack(program: &str, folder: &Path) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../buildpacks/javascript");
    let mut command = Command::new(root.join("bin").join(program));
    command.current_dir(folder).env("PAAS_TOOLCHAIN_DIR", kept().join("toolchain"));
    command
}

/// What later runs find again.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../javascript-tests")
}

/// Puts garbage in the place of all snapshots. Those that run stay mapped: other tests are not disturbed.
pub fn damage_snapshots() {
    for folder in snapshots() {
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none() {
                let garbage = folder.join("garbage.new");
                fs::write(&garbage, "garbage").unwrap();
                fs::rename(garbage, path).unwrap();
            }
        }
    }
}

/// Processor time so far: of this process, and of its children that have ended.
pub fn processor_time() -> [Duration; 2] {
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN].map(|who| {
        let usage = getrusage(who).unwrap();
        let seconds = |time: nix::sys::time::TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
        seconds(usage.user_time()) + seconds(usage.system_time())
    })
}

fn snapshots() -> Vec<PathBuf> {
    let engines = fs::read_dir(kept().join("cache")).into_iter().flatten();
    engines.map(|engine| engine.unwrap().path().join("snapshot")).filter(|folder| folder.exists()).collect()
}

/// Every run boots its apps anew.
fn forget_snapshots() {
    for folder in snapshots() {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// Installs the toolchain unless an earlier run did.
fn toolchain() {
    let complete = kept().join("toolchain/.complete");
    if complete.exists() {
        return;
    }
    fs::create_dir_all(kept().join("toolchain")).unwrap();
    let made = buildpack("toolchain", &kept()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    fs::write(complete, "").unwrap();
}
