//! A node to run apps on, and apps to run.
use http::{HeaderMap, Request};
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
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
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
    pub headers: HeaderMap,
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
        Self::on_shared_cache()
    }

    /// A runtime of its own, for tests that look at what it keeps.
    pub fn alone() -> Self {
        Self::shared();
        Self::on_shared_cache()
    }

    fn on_shared_cache() -> Self {
        let blobs = BlobDir(kept().join("blobs"));
        let lines = Arc::<Lines>::default();
        let config = Config {
            cache: kept().join("cache"),
            blobs: blobs.clone(),
            sink: lines.clone(),
            worker: env!("CARGO_BIN_EXE_paas-runtime-worker").into(),
            network: NetworkConfig { allow_private: vec!["127.0.0.1/32".parse().unwrap()], ..NetworkConfig::default() },
        };
        Self { runtime: Runtime::new(config).unwrap(), blobs, lines }
    }

    fn store(&self, bytes: &[u8]) -> File {
        let digest = Digest::of(bytes);
        let blob = self.blobs.path(&digest);
        fs::create_dir_all(blob.parent().unwrap()).unwrap();
        fs::write(blob, bytes).unwrap();
        File { digest, size: bytes.len() as u64 }
    }

    pub async fn get(&self, release: &Target, path: &str) -> Reply {
        self.answer(&self.runtime.app(release.clone()), "GET", path, "").await
    }
    pub async fn post(&self, release: &Target, path: &str, body: &str) -> Reply {
        self.answer(&self.runtime.app(release.clone()), "POST", path, body).await
    }

    /// A form, as a browser sends it.
    pub async fn submit(&self, release: &Target, path: &str, form: &str) -> Reply {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded").header("content-length", form.len());
        self.send(&self.runtime.app(release.clone()), request.header("host", "app.test"), form).await
    }

    pub async fn answer(&self, app: &paas_runtime::App, method: &str, path: &str, body: &str) -> Reply {
        self.send(app, Request::builder().method(method).uri(path).header("host", "app.test"), body).await
    }

    pub async fn send(&self, app: &paas_runtime::App, request: http::request::Builder, body: &str) -> Reply {
        let body = Full::new(body.to_string().into()).map_err(|never| match never {}).boxed_unsync();
        let request = request.body(body).unwrap();
        app.load().await.unwrap();
        let answer = app.handle(request).await;
        let (head, body) = answer.result.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Reply { status: head.status.as_u16(), instantiate: answer.usage.instantiate(), headers: head.headers, body }
    }

    /// Waits for a line with this text: an app may log after its answer.
    pub async fn logs(&self, release: &Target, text: &str) -> String {
        eventually(|| {
            let lines = self.logged(release);
            lines.iter().find(|line| line.contains(text)).cloned().ok_or_else(|| format!("no {text:?} in {lines:#?}"))
        })
        .await
    }

    /// Lines of the release's log so far.
    pub fn logged(&self, release: &Target) -> Vec<String> {
        let lines = self.lines.0.lock().unwrap();
        lines.iter().filter(|(app, _)| *app == release.app).map(|(_, text)| text.clone()).collect()
    }
}

/// What `ask` gives once it gives something; the test fails with what it says instead, if that takes a minute.
pub async fn eventually<T>(mut ask: impl FnMut() -> Result<T, String>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match ask() {
            Ok(found) => return found,
            Err(why) => assert!(Instant::now() < deadline, "{why}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
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
        Self::of_source(node, source).map(|(app, _)| app)
    }

    pub fn build_with_output(node: &Node, source: &[(&str, &str)]) -> (Self, String) {
        Self::of_source(node, source).unwrap_or_else(|output| panic!("{output}"))
    }

    fn of_source(node: &Node, source: &[(&str, &str)]) -> Result<(Self, String), String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in source {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        Self::of_folder(node, folder.path())
    }

    /// A slug of one of the samples in tests/apps.
    pub fn sample(node: &Node, name: &str) -> Self {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/apps").join(name);
        let folder = tempfile::tempdir().unwrap();
        for file in walk(&sample) {
            let copy = folder.path().join(file.strip_prefix(&sample).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(file, copy).unwrap();
        }
        Self::of_folder(node, folder.path()).unwrap_or_else(|output| panic!("{output}")).0
    }

    /// The slug of a source and the build's output, or the output alone.
    pub fn of_folder(node: &Node, app: &Path) -> Result<(Self, String), String> {
        // The builds of these tests share a cache, as those of one app do, and those come one after the other.
        static BUILDING: Mutex<()> = Mutex::new(());
        let _building = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
        let slug = tempfile::tempdir().unwrap();
        let (slug, layers) = (slug.path(), tempfile::tempdir().unwrap());
        let cache = kept().join("build-cache");
        fs::create_dir_all(&cache).unwrap();
        let detected = buildpack("detect", app).output().unwrap();
        assert!(detected.status.success(), "{detected:?}");
        let mut output = String::new();
        for step in ["fetch", "build"] {
            let ended =
                buildpack(step, app).env("PAAS_SLUG_DIR", slug).env("PAAS_CACHE_DIR", &cache).env("CNB_LAYERS_DIR", layers.path()).output().unwrap();
            output += &String::from_utf8_lossy(&ended.stdout);
            if !ended.status.success() {
                return Err(output);
            }
        }
        Ok((Self(Arc::new(manifest(node, slug))), output))
    }

    /// The same engine with a slug as they were before apps had a ground: this one file.
    pub fn in_one_file(&self, node: &Node, code: &str) -> Self {
        let mut manifest = (*self.0).clone();
        manifest.files.insert("app.js".into(), node.store(code.as_bytes()));
        manifest.processes.insert("web".into(), Launch::Javascript { file: "app.js".into(), ground: None, engine: "engine".into() });
        Self(Arc::new(manifest))
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
    for path in walk(slug) {
        let name = path.strip_prefix(slug).unwrap().to_str().unwrap().to_string();
        files.insert(name, node.store(&fs::read(&path).unwrap()));
    }
    let launch = Launch::Javascript { file: "main.js".into(), ground: Some("ground.js".into()), engine: "engine".into() };
    let app_files = slug.join("app").exists().then(|| "app".into());
    Manifest { buildpack: "javascript@0".into(), processes: [("web".to_string(), launch)].into(), files, app_files, assets: None }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn buildpack(program: &str, folder: &Path) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../buildpacks/javascript");
    let mut command = Command::new(root.join("bin").join(program));
    command.current_dir(folder).env("PAAS_TOOLCHAIN_DIR", toolchain_folder());
    command
}

/// Each version of the buildpack has its own.
fn toolchain_folder() -> PathBuf {
    let descriptor = include_str!("../../../../buildpacks/javascript/buildpack.toml");
    let version = descriptor.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
    kept().join(format!("toolchain-{}", version.trim_matches('"')))
}

/// What later runs find again.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../javascript-tests")
}

const GARBAGE: &str = "garbage";

fn is_damaged(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| data.len() == GARBAGE.len() as u64)
}

/// Puts garbage in the place of all snapshots. Those that run stay mapped: other tests are not disturbed.
pub fn damage_snapshots() {
    for folder in snapshots() {
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none() {
                let garbage = folder.join("garbage.new");
                fs::write(&garbage, GARBAGE).unwrap();
                fs::rename(garbage, path).unwrap();
            }
        }
    }
}

/// Waits until all snapshots are packed, which happens beside their boots.
pub async fn packed() {
    let waits = |folder: &PathBuf| {
        let names = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.extension().is_none());
        names.filter(|path| !is_damaged(path)).any(|path| !folder.with_file_name("packed").join(path.file_name().unwrap()).exists())
    };
    eventually(|| match snapshots().iter().filter(|folder| folder.ends_with("snapshot")).any(waits) {
        true => Err("a snapshot is not packed".into()),
        false => Ok(()),
    })
    .await;
}

/// Removes the whole snapshots whose packed ones are there; the bytes on disk of both kinds, for each of them.
pub fn put_away() -> Vec<(u64, u64)> {
    let mut sizes = Vec::new();
    for folder in snapshots().into_iter().filter(|folder| folder.ends_with("packed")) {
        for file in fs::read_dir(&folder).unwrap() {
            let (packed, whole) = (file.as_ref().unwrap().path(), folder.with_file_name("snapshot").join(file.as_ref().unwrap().file_name()));
            let disk = |path: &Path| fs::metadata(path).ok().map(|data| data.blocks() * 512);
            if let (None, Some(sizes_of)) = (packed.extension(), disk(&packed).zip(disk(&whole))) {
                // One that another test has damaged has no size of its own.
                sizes.extend((!is_damaged(&whole)).then_some(sizes_of));
                // Another test may have put it away.
                fs::remove_file(whole).ok();
            }
        }
    }
    sizes
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
    let folders = engines.flat_map(|engine| ["snapshot", "packed"].map(|kind| engine.as_ref().unwrap().path().join(kind)));
    folders.filter(|folder| folder.exists()).collect()
}

/// Every run boots its apps anew.
fn forget_snapshots() {
    for folder in snapshots() {
        fs::remove_dir_all(folder).unwrap();
    }
}

/// Installs the toolchain unless an earlier run did.
fn toolchain() {
    let complete = toolchain_folder().join(".complete");
    if complete.exists() {
        return;
    }
    fs::create_dir_all(toolchain_folder()).unwrap();
    let made = buildpack("toolchain", &kept()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stdout));
    fs::write(complete, "").unwrap();
}
