//! The platform that the tests stand on, served at a port of its own.
use crate::client::Client;
use axum::{Router, routing::get};
use paas_api::Parts;
use paas_builder::Builder;
use paas_deploy::Deploy;
use paas_logs::Logs;
use paas_metrics::Metrics;
use paas_model::{Account, Address, slug::BlobDir};
use paas_receiver::Receiver;
use paas_runtime::Runtime;
use paas_store::{SecretKey, Store, TokenKind, embedded};
use std::{
    env, fs,
    os::unix::{fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
};
use tokio::{net::TcpListener, sync::watch};
use uuid::Uuid;

/// Connections of the store's pool belong to the runtime that made them, so all tests run on one.
static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());
static PLATFORM: LazyLock<Platform> = LazyLock::new(|| RUNTIME.block_on(Platform::start()));

pub const DASHBOARD: &str = "<title>dashboard</title>";

pub struct Platform {
    pub store: Store,
    pub metrics: Metrics,
    /// The admin's key.
    pub admin: String,
    pub address: Address,
    pub router: Router,
    /// The same, with a store that cannot be reached.
    pub lame: Router,
}

/// A test's own account on the shared platform.
pub struct World {
    pub platform: &'static Platform,
    pub account: Account,
    pub key: String,
}

/// Runs a test.
pub fn run(test: impl AsyncFnOnce(World)) {
    let platform = &*PLATFORM;
    RUNTIME.block_on(async {
        let world = World::new(platform).await;
        test(world).await;
    });
}

impl World {
    async fn new(platform: &'static Platform) -> Self {
        let (account, _) = platform.store.ensure_admin(&format!("{}@example.com", Uuid::new_v4().simple())).await.unwrap();
        let key = platform.store.create_token(account.id, "test", TokenKind::Api, None).await.unwrap();
        Self { platform, account, key }
    }

    /// Another account's world.
    pub async fn stranger(&self) -> Self {
        Self::new(self.platform).await
    }

    /// Calls with this account's key.
    pub fn owner(&self) -> Client {
        self.visitor().with("authorization", &format!("Bearer {}", self.key))
    }

    /// Calls with nothing.
    pub fn visitor(&self) -> Client {
        Client::new(self.platform.router.clone()).with("host", &format!("localhost:{}", self.platform.address.port))
    }

    /// A new app's name.
    pub async fn app(&self) -> String {
        let app = self.owner().post("/apps", "{}").await;
        assert_eq!(app.status, 201, "{}", app.text);
        app.json()["name"].as_str().unwrap().to_string()
    }
}

impl Platform {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap().keep();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Address { scheme: "http".into(), domain: "localhost".into(), port: listener.local_addr().unwrap().port() };
        let (store, lame) = stores(&data).await;
        let logs = Logs::open(&data.join("logs")).unwrap();
        let deploy = deploy(&data, &store, &logs, &address);
        let receiver = receiver(&data).await;
        let metrics = Metrics::default();
        let admin = store.ensure_admin("admin@example.com").await.unwrap().0.id;
        let key = store.create_token(admin, "test", TokenKind::Api, None).await.unwrap();
        let router_on = |store: Store| {
            let (deploy, receiver) = (deploy.clone(), receiver.clone());
            let parts = Parts { store, deploy, receiver, logs: logs.clone(), metrics: metrics.clone(), address: address.clone(), admin };
            paas_api::router(parts, Router::new().fallback(get(async || DASHBOARD)))
        };
        let (router, lame) = (router_on(store.clone()), router_on(lame));
        tokio::spawn(axum::serve(listener, router.clone()).into_future());
        Self { store, metrics, admin: key, address, router, lame }
    }
}

/// A store, and one that has been closed.
async fn stores(data: &Path) -> (Store, Store) {
    let folder = data.join("postgres");
    let server = embedded::start(&folder).await.unwrap();
    stop_with_the_tests(server.pid(), data);
    let connect = async || Store::connect(server.options(), BlobDir(data.join("blobs")), SecretKey::from_bytes([7; 32])).await.unwrap();
    let (store, lame) = (connect().await, connect().await);
    lame.close().await;
    (store, lame)
}

fn deploy(data: &Path, store: &Store, logs: &Logs, address: &Address) -> Deploy {
    let builder = paas_builder::Config {
        buildpacks: buildpacks(data),
        cache: data.join("cache"),
        work: data.join("work"),
        user: None,
        accept_weak: true,
        limits: Default::default(),
        hosts: Vec::new(),
        program: program(),
    };
    let runtime = paas_runtime::Config {
        cache: data.join("native"),
        blobs: BlobDir(data.join("blobs")),
        sink: Arc::new(logs.clone()),
        worker: program(),
        network: Default::default(),
    };
    Deploy::new(paas_deploy::Parts {
        store: store.clone(),
        builder: Builder::new(builder).unwrap(),
        runtime: Runtime::new(runtime).unwrap(),
        address: address.clone(),
        builds_at_once: 2,
        published: watch::channel(u64::MAX).1, // there is no router to wait for
    })
}

/// The one that needs no toolchain.
fn buildpacks(data: &Path) -> PathBuf {
    let (ours, here) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../../buildpacks/static"), data.join("buildpacks"));
    fs::create_dir(&here).unwrap();
    symlink(ours, here.join("static")).unwrap();
    fs::write(here.join("order.toml"), "order = [\"static\"]").unwrap();
    here
}

async fn receiver(data: &Path) -> Receiver {
    let config = paas_receiver::Config { repos: data.join("repos"), run_dir: data.join("run"), hook_program: program(), max_pack_bytes: 64 << 20 };
    Receiver::start(config).await.unwrap()
}

/// `target/debug/deps/api-…` → `target/debug/examples/program`
fn program() -> PathBuf {
    let program = env::current_exe().unwrap().parent().unwrap().with_file_name("examples").join("program");
    assert!(program.exists(), "build it first: cargo build -p paas-api --examples");
    program
}

/// Statics are never dropped, so a shell waits for the end of this process, stops Postgres and cleans up.
fn stop_with_the_tests(postgres: impl std::fmt::Display, data: &Path) {
    let script = "cat > /dev/null; kill -INT $1; while kill -0 $1 2> /dev/null; do sleep 0.1; done; rm -rf \"$2\"";
    let mut janitor = Command::new("sh");
    janitor.args(["-c", script, "sh", &postgres.to_string()]).arg(data);
    janitor.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    std::mem::forget(janitor.spawn().unwrap());
}
