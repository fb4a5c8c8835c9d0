//! What the tests stand on.
use paas_model::{
    Account, App, AppId, Asked, ConfigVars, Digest, Launch, ReleaseId, Settings,
    limits::{Caps, LimitOverrides},
    slug::BlobDir,
};
use paas_store::{Activated, NewBuilt, NewSlug, PgConnectOptions, SecretKey, SlugFile, Store, StoreError, embedded};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    fs,
    future::Future,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

static SERVER: OnceCell<PgConnectOptions> = OnceCell::const_new();
pub const COMMIT: &str = "4c47f1a2c0ffee00c0ffee00c0ffee00c0ffee00";

/// A store with its own database and files.
pub struct World {
    pub store: Store,
    pub account: Account,
    pub options: PgConnectOptions,
    pub files: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let server = SERVER.get_or_init(start_server).await.clone();
        let name = format!("t{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect_with(&server).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let (options, files) = (server.database(&name), tempfile::tempdir().unwrap());
        let store = Store::connect(options.clone(), BlobDir(files.path().join("blobs")), SecretKey::from_bytes([7; 32])).await.unwrap();
        let (account, _) = store.ensure_admin("ada@example.com").await.unwrap();
        Self { store, account, options, files }
    }

    /// A connection past the store, to look behind it.
    pub async fn connection(&self) -> PgConnection {
        PgConnection::connect_with(&self.options).await.unwrap()
    }

    pub async fn app(&self, name: &str) -> App {
        self.store.create_app(&name.parse().unwrap(), self.account.id).await.unwrap()
    }

    pub async fn reload(&self, app: &App) -> App {
        self.store.app_by_id(app.id).await.unwrap().unwrap()
    }

    /// A slug of one file.
    pub async fn slug(&self, content: &str) -> Digest {
        let path = self.files.path().join(Uuid::new_v4().to_string());
        fs::write(&path, content).unwrap();
        let launch = Launch::wasm("app.wasm");
        let files = [SlugFile { name: "app.wasm".into(), path }];
        let new = NewSlug { files: &files, processes: [("web".to_string(), launch)].into(), buildpack: "wasm@0.1.0", app_files: None, assets: None };
        self.store.put_slug(new).await.unwrap().0
    }

    /// A push up to the point where its ref moves.
    pub async fn built(&self, app: AppId, content: &str) -> ReleaseId {
        let slug = self.slug(content).await;
        let build = self.store.begin_build(app, self.account.id, COMMIT).await.unwrap();
        let (commit, reference, description) = (COMMIT.into(), "refs/heads/main".into(), "Deploy 4c47f1a2".into());
        let (account, additions, asked) = (self.account.id, ConfigVars::default(), Asked::default());
        let new = NewBuilt { app, build, slug, commit, reference, description, account, additions, asked };
        self.store.insert_built(&new).await.unwrap()
    }

    /// A whole push.
    pub async fn push(&self, app: AppId, content: &str) -> Activated {
        let release = self.built(app, content).await;
        activate(&self.store, app, release).await
    }
}

/// As a push does it: against the current release, again when another one came first.
pub async fn activate(store: &Store, app: AppId, release: ReleaseId) -> Activated {
    loop {
        let current = store.app_by_id(app).await.unwrap().unwrap().current;
        match store.activate(release, current).await {
            Err(StoreError::Conflict { .. }) => {}
            done => return done.unwrap(),
        }
    }
}

pub fn vars(key: &str, value: &str) -> ConfigVars {
    ConfigVars([(key.to_string(), value.to_string())].into())
}

/// Settings with one limit.
pub fn limit(name: &str, value: &str) -> Settings {
    let patch = [(name.to_string(), Some(value.to_string()))].into();
    Settings { limits: LimitOverrides::default().patched(&patch, &Caps::default()).unwrap(), ..Settings::default() }
}

/// Waits until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Statics are never dropped, so a shell waits for the end of this process and then stops the server.
async fn start_server() -> PgConnectOptions {
    let folder = tempfile::tempdir().unwrap().keep();
    let server = embedded::start(&folder).await.unwrap();
    let script = "cat > /dev/null; kill -INT $1; while kill -0 $1 2> /dev/null; do sleep 0.1; done; rm -rf \"$2\"";
    let mut janitor = Command::new("sh");
    janitor.args(["-c", script, "sh", &server.pid().to_string()]).arg(&folder);
    janitor.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    std::mem::forget(janitor.spawn().unwrap());
    server.options()
}
