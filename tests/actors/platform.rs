//! A real `paasd` with a data folder, a port and a database of its own.
use crate::{Developer, Visitor, eventually};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs::{self, File, Permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU16, Ordering::Relaxed},
    time::Duration,
};
use tempfile::TempDir;

pub struct Platform {
    data: TempDir,
    pub port: u16,
    process: Option<Child>,
    environment: Vec<(String, String)>,
}

impl Platform {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With further environment variables.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let mut platform = Self::new(environment);
        platform.run().await;
        platform
    }

    /// As another machine would have it: with toolchains and compiled code of its own.
    pub async fn start_elsewhere() -> Self {
        let mut platform = Self::new(&[]);
        let cache = platform.data().join("cache");
        platform.set("PAAS_CACHE", cache.to_str().expect("a plain path"));
        platform.run().await;
        platform
    }

    fn new(environment: &[(&str, &str)]) -> Self {
        // Postgres and builds run as other users, who must be able to pass through.
        let data = tempfile::Builder::new().prefix("paas-").permissions(Permissions::from_mode(0o711)).tempdir().expect("a temporary folder");
        let environment = environment.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Self { data, port: free_port(), process: None, environment }
    }

    /// Has a further environment variable from the next start on.
    pub fn set(&mut self, key: &str, value: &str) {
        self.environment.retain(|(known, _)| known != key);
        self.environment.push((key.into(), value.into()));
    }

    /// Starts the process again, after `kill` or `stop`.
    pub async fn run(&mut self) {
        self.process = Some(self.spawn());
        let health = format!("http://127.0.0.1:{}/healthz", self.port);
        eventually("paasd is healthy", async || {
            if let Some(status) = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten()) {
                panic!("paasd ended with {status}:\n{}", self.log());
            }
            reqwest::get(&health).await.ok().filter(|reply| reply.status().is_success())
        })
        .await;
    }

    fn spawn(&self) -> Child {
        let log = File::options().create(true).append(true).open(self.log_path()).expect("the log can be opened");
        let mut command = self.command();
        command.arg("serve").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().expect("paasd starts; it is built by `cargo build --workspace`")
    }

    /// `paasd` with this platform's environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(program("paasd"));
        let root = project();
        command.env("PAAS_DATA", self.data()).env("PAAS_LISTEN", format!("127.0.0.1:{}", self.port));
        command.env("PAAS_BUILDPACKS", root.join("buildpacks")).env("PAAS_CACHE", shared_cache()).env_remove("DATABASE_URL");
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }

    pub fn data(&self) -> &Path {
        self.data.path()
    }
    /// Toolchains and compiled code, shared with other platforms of the same run.
    pub fn cache(&self) -> PathBuf {
        shared_cache()
    }
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }
    /// `http://localhost:PORT`
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }
    pub fn key(&self) -> String {
        fs::read_to_string(self.data().join("admin.token")).expect("the first start writes the key").trim().to_string()
    }
    /// What paasd has logged, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }
    fn log_path(&self) -> PathBuf {
        self.data().join("paasd.log")
    }

    pub fn developer(&self) -> Developer {
        Developer::new(self)
    }
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.port)
    }

    /// As a power cut would: `kill -9`, no word of farewell.
    pub async fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        self.ended().await;
    }

    /// An orderly stop.
    pub async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        self.ended().await
    }

    pub fn signal(&self, signal: Signal) {
        let pid = self.pid().expect("paasd runs");
        kill(Pid::from_raw(pid as i32), signal).expect("our own child can be signalled");
    }

    pub async fn ended(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("paasd runs");
        eventually("paasd ends", async || process.try_wait().expect("our own child can be waited for")).await
    }

    /// Process id of the embedded database, if its server runs.
    pub fn postgres(&self) -> Option<i32> {
        let path = find(self.data(), "postmaster.pid")?;
        let pid = fs::read_to_string(path).ok()?.lines().next()?.trim().parse().ok()?;
        kill(Pid::from_raw(pid), None).is_ok().then_some(pid)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- paasd's log ---\n{}", self.log());
        }
        if let Some(mut process) = self.process.take() {
            kill(Pid::from_raw(process.id() as i32), Signal::SIGINT).ok();
            for _ in 0..400 {
                match process.try_wait() {
                    Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                    _ => break,
                }
            }
            process.kill().ok();
            process.wait().ok();
        }
        if let Some(pid) = self.postgres() {
            kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
        }
    }
}

/// The project's folder.
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lies in the project").to_path_buf()
}

/// A program of this workspace, beside the running test.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    test.ancestors().nth(2).expect("tests lie in target/PROFILE/deps").join(name)
}

/// Toolchains and compiled engines are the same for all platforms of a run, and expensive.
pub fn shared_cache() -> PathBuf {
    let root = std::env::var_os("PAAS_TEST_CACHE").map_or_else(|| std::env::temp_dir().join("paas-test-cache"), PathBuf::from);
    fs::create_dir_all(&root).expect("the cache can be made");
    fs::set_permissions(&root, Permissions::from_mode(0o711)).expect("the cache is ours");
    root
}

/// A free port on loopback, below those that the system gives to whoever asks for any (from 32768 on): nobody else comes upon it before paasd does.
pub fn free_port() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let first = std::process::id() as u16;
    loop {
        let port = 12_000 + first.wrapping_add(GIVEN.fetch_add(1, Relaxed)) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn find(dir: &Path, name: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(dir).ok()?.flatten();
    entries.into_iter().find_map(|entry| match entry.path() {
        path if path.file_name().is_some_and(|found| found == name) => Some(path),
        path if path.is_dir() && !path.is_symlink() => find(&path, name),
        _ => None,
    })
}
