//! A node to run Python apps on, and apps to run.
use http::Request;
use http_body_util::{BodyExt, Full};
use paas_model::{
    AppId, ConfigVars, Digest, Launch, Manifest, ReleaseId, ReleaseVersion, Target,
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
    pub headers: http::HeaderMap,
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
        keep_started(&blobs);
        let lines = Arc::<Lines>::default();
        let config = Config {
            cache: kept().join("cache"),
            blobs: blobs.clone(),
            sink: lines.clone(),
            worker: env!("CARGO_BIN_EXE_paas-runtime-worker").into(),
            network: NetworkConfig { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..Default::default() },
        };
        Self { runtime: Runtime::new(config).unwrap(), blobs, lines }
    }

    pub async fn get(&self, release: &Target, path: &str) -> Reply {
        self.send(release, Request::get(path), "").await
    }

    pub async fn send(&self, release: &Target, request: http::request::Builder, body: &str) -> Reply {
        self.answer(&self.runtime.app(release.clone()), request, body).await
    }

    pub async fn answer(&self, app: &paas_runtime::App, request: http::request::Builder, body: &str) -> Reply {
        let body = Full::new(body.to_string().into()).map_err(|never| match never {}).boxed_unsync();
        app.load().await.unwrap();
        let answer = app.handle(request.header("host", "app.test").body(body).unwrap()).await;
        let (head, body) = answer.result.unwrap_or_else(|failure| panic!("{failure}: {:?}", self.logged(app.target()))).into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: head.status.as_u16(), headers: head.headers, instantiate: answer.usage.instantiate(), body }
    }

    /// Lines of the release's log so far.
    pub fn logged(&self, release: &Target) -> Vec<String> {
        let lines = self.lines.0.lock().unwrap();
        lines.iter().filter(|(app, _)| *app == release.app).map(|(_, text)| text.clone()).collect()
    }
}

/// The body of a request that has none.
pub fn empty() -> paas_runtime::Body {
    Full::default().map_err(|never| match never {}).boxed_unsync()
}

/// A slug, built by the buildpack from these files.
pub struct App(Arc<Manifest>);

impl App {
    pub fn build(node: &Node, source: &[(&str, &str)]) -> Self {
        Self::try_build(node, source).unwrap_or_else(|output| panic!("{output}")).0
    }

    /// The slug and what the push says, or what the developer is told.
    pub fn try_build(node: &Node, source: &[(&str, &str)]) -> Result<(Self, String), String> {
        let folder = tempfile::tempdir().unwrap();
        let (app, slug, cache) = (folder.path().join("app"), folder.path().join("slug"), folder.path().join("cache"));
        for folder in [&app, &slug, &cache] {
            fs::create_dir_all(folder).unwrap();
        }
        for (name, content) in source {
            let path = app.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let detected = buildpack("detect", &app).output().unwrap();
        assert!(detected.status.success(), "{detected:?}");
        let mut told = String::new();
        for step in ["fetch", "build"] {
            let ended = buildpack(step, &app).env("PAAS_SLUG_DIR", &slug).env("PAAS_CACHE_DIR", &cache).output().unwrap();
            told += &(String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr));
            if !ended.status.success() {
                return Err(told);
            }
        }
        Ok((Self(Arc::new(manifest(node, &slug))), told))
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
            egress: Default::default(),
        }
    }
}

fn manifest(node: &Node, slug: &Path) -> Manifest {
    let mut files = BTreeMap::new();
    let mut folders = vec![slug.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let digest = Digest::of(&bytes);
            let blob = node.blobs.path(&digest);
            if !blob.exists() {
                fs::create_dir_all(blob.parent().unwrap()).unwrap();
                fs::write(blob, &bytes).unwrap();
            }
            files.insert(path.strip_prefix(slug).unwrap().to_str().unwrap().to_string(), File { digest, size: bytes.len() as u64 });
        }
    }
    let descriptor = fs::read_to_string(slug.join("slug.toml")).unwrap();
    let quoted = |text: &str| serde_json::from_str::<String>(text).unwrap();
    let launch = |process: &str| {
        let (name, rest) = process.split_once("]\n").unwrap();
        let app = quoted(rest.lines().find_map(|line| line.strip_prefix("app = ")).unwrap());
        (name.to_string(), Launch::Python { app, engine: "engine".into() })
    };
    let processes = descriptor.split("[processes.").skip(1).map(launch).collect();
    Manifest { buildpack: "python@0".into(), processes, files, app_files: Some("app".into()), assets: None }
}

pub const BUILDPACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../buildpacks/python");

fn buildpack(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(Path::new(BUILDPACK).join("bin").join(program));
    command.current_dir(folder).env("PAAS_TOOLCHAIN_DIR", toolchain_folder());
    command
}

/// Each version of the buildpack has its own.
fn toolchain_folder() -> PathBuf {
    let descriptor = include_str!("../../../../buildpacks/python/buildpack.toml");
    let version = descriptor.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
    kept().join(format!("toolchain-{}", version.trim_matches('"')))
}

/// The engine as slugs have it.
pub fn engine_file() -> PathBuf {
    toolchain();
    toolchain_folder().join("engine/engine.wasm")
}

/// What later runs find again.
pub fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../python-tests")
}

/// Processor time so far: of this process, and of its children that have ended.
pub fn processor_time() -> [Duration; 2] {
    use nix::sys::resource::{UsageWho, getrusage};
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN].map(|who| {
        let usage = getrusage(who).unwrap();
        let seconds = |time: nix::sys::time::TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
        seconds(usage.user_time()) + seconds(usage.system_time())
    })
}

/// Every run boots its apps anew.
fn forget_snapshots() {
    let engines = fs::read_dir(kept().join("cache")).into_iter().flatten();
    for folder in engines.map(|engine| engine.unwrap().path().join("snapshot")).filter(|folder| folder.exists()) {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// Gives the node the engine that the toolchain has started.
fn keep_started(blobs: &BlobDir) {
    for file in fs::read_dir(toolchain_folder().join("started")).unwrap() {
        let path = file.unwrap().path();
        let started = blobs.started(&path.file_stem().unwrap().to_str().unwrap().parse().unwrap());
        fs::create_dir_all(started.parent().unwrap()).unwrap();
        if !started.exists() {
            fs::copy(path, started).unwrap();
        }
    }
}

/// Installs the toolchain unless an earlier run did.
fn toolchain() {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    let complete = toolchain_folder().join(".complete");
    if complete.exists() {
        return;
    }
    fs::create_dir_all(toolchain_folder()).unwrap();
    let made = buildpack("toolchain", &kept()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    fs::write(complete, "").unwrap();
}
