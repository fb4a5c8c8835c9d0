//! Starts every room in its order, serves, and stops them in the reverse order.
use crate::{config::Serve, connections, control, dashboard, exit::StartError, reconcile, shutdown::Signals};
use anyhow::Context;
use nix::fcntl::{Flock, FlockArg};
use paas_builder::{BuildLimits, Builder};
use paas_deploy::{Deploy, Parts};
use paas_logs::Logs;
use paas_metrics::Metrics;
use paas_model::{Account, Address, log::Sink, slug::BlobDir};
use paas_receiver::Receiver;
use paas_router::Router;
use paas_runtime::{NetworkConfig, Runtime};
use paas_store::{PgConnectOptions, SecretKey, Store, TokenKind, embedded::Embedded};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    net::{TcpListener, TcpSocket},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

/// Connections that the system holds until they are accepted. With the usual 128, a burst of one visitor's makes it forget those of others.
const WAITING: u32 = 4096;

/// Runs until a signal; everything that was started is stopped when this returns.
pub async fn serve(options: Serve) -> anyhow::Result<()> {
    let signals = Signals::listen()?;
    let data = options.data()?;
    let _lock = own(&data)?;
    let listener = listen(options.listen)?;
    if !options.buildpacks.join("order.toml").is_file() {
        return Err(StartError::NoBuildpacks(options.buildpacks.display().to_string()).into());
    }
    let (postgres, database) = database(&options, &data).await?;
    let served = serve_with(&options, &data, listener, database, signals).await;
    if let Some(postgres) = postgres {
        postgres.stop().await.context("the embedded PostgreSQL did not stop")?;
    }
    tracing::info!("stopped");
    served
}

async fn serve_with(options: &Serve, data: &Path, listener: TcpListener, database: PgConnectOptions, signals: Signals) -> anyhow::Result<()> {
    let address = Address { scheme: "http".into(), domain: options.domain.clone(), port: listener.local_addr()?.port() };
    let cache = options.cache.clone().unwrap_or_else(|| data.join("cache"));
    // Builds run as another user, who has to pass through to their own folders.
    DirBuilder::new().recursive(true).mode(0o711).create(&cache)?;
    let blobs = BlobDir(data.join("blobs"));
    let key = SecretKey::load_or_create(&data.join("secret.key"))?;
    let database_host = database.get_host().to_string();
    let store = Store::connect(database, blobs.clone(), key).await.map_err(|error| StartError::Database(error.into()))?;
    let store = store.with_caps(options.limit_caps);
    let admin = admin(&store, data, &options.admin_email).await?.id;

    let logs = Logs::open(&data.join("logs"))?;
    let runtime = runtime(&cache, blobs, Arc::new(logs.clone()), network(options, database_host).await)?;
    if let Some(bytes) = options.memory_budget {
        runtime.limit_memory(bytes);
    }
    if let Some(bytes) = options.snapshot_budget {
        runtime.limit_snapshots(bytes);
    }
    runtime.limit_modules(options.max_module_bytes);
    let metrics = Metrics::default();
    let router = Router::new(runtime.clone(), logs.clone(), metrics.clone(), address.port).with_connections(connections::of(options));
    let router = Arc::new(router);
    let published = watch::Sender::new(reconcile::begin(&store, &router, runtime.clone()).await?);
    let receiver = receiver(options, data).await?;
    let deploy = deploy(options, data, &cache, &store, runtime.clone(), &address, published.subscribe())?;

    let following = tokio::spawn(reconcile::follow(store.clone(), router.clone(), published));
    if let Err(error) = reconcile::recover(&deploy, &receiver).await {
        tracing::error!(error = format!("{error:#}"), "releases in between could not be settled; this is tried again every minute");
    }
    let settling = tokio::spawn(reconcile::settle(deploy.clone(), receiver.clone()));
    let tidying = tokio::spawn(reconcile::tidy(store.clone(), runtime.clone()));

    let stopping = CancellationToken::new();
    let parts = paas_api::Parts { store: store.clone(), deploy, receiver, logs: logs.clone(), metrics, address: address.clone(), admin };
    let api = paas_api::router(parts, axum::Router::new().fallback(dashboard::answer));
    let control = control::control(api, stopping.clone());
    tracing::info!("paasd answers at {} (data in {})", address.control(), data.display());
    let shutdown = async {
        let patience = signals.wait().await;
        tracing::info!("stopping; requests at work have {} s to end", patience.as_secs());
        stopping.cancel();
        patience
    };
    let done = paas_router::serve(listener, router, options.domain.clone(), control, shutdown).await?;
    if !done {
        tracing::warn!("some requests did not end in time and were cut off");
    }
    settling.abort();
    tidying.abort();
    if let Err(error) = runtime.save_demand().await {
        tracing::warn!(%error, "how much each app is asked for could not be written down");
    }
    following.abort();
    logs.flush();
    store.close().await;
    Ok(())
}

/// Makes the data folder and keeps every other paasd out of it.
fn own(data: &Path) -> anyhow::Result<Flock<File>> {
    let unusable = |error| StartError::Data(data.display().to_string(), error);
    DirBuilder::new().recursive(true).mode(0o711).create(data).map_err(unusable)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(data.join("paasd.lock")).map_err(unusable)?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| StartError::DataInUse(data.display().to_string()).into())
}

fn listen(address: std::net::SocketAddr) -> Result<TcpListener, StartError> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(WAITING)
    };
    bound().map_err(|error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Listen(address, error),
    })
}

async fn database(options: &Serve, data: &Path) -> anyhow::Result<(Option<Embedded>, PgConnectOptions)> {
    if let Some(url) = &options.database_url {
        let parsed = url.parse().context("DATABASE_URL cannot be read; it looks like postgres://user:password@host/database")?;
        return Ok((None, parsed));
    }
    let postgres = paas_store::embedded::start(data).await.map_err(|error| StartError::Database(error.into()))?;
    let options = postgres.options();
    Ok((Some(postgres), options))
}

/// The first start makes the admin and writes the API key down, for the owner's eyes only.
async fn admin(store: &Store, data: &Path, email: &str) -> anyhow::Result<Account> {
    let (account, _) = store.ensure_admin(email).await?;
    let path = data.join("admin.token");
    if !path.exists() {
        let token = store.create_token(account.id, "admin.token", TokenKind::Api, None).await?;
        write_private(&path, &token).with_context(|| format!("{} cannot be written", path.display()))?;
        tracing::info!("the admin's API key is in {}", path.display());
    }
    Ok(account)
}

/// Whole or not at all, and never readable by others.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(partial, path)
}

fn runtime(cache: &Path, blobs: BlobDir, sink: Arc<dyn Sink>, network: NetworkConfig) -> anyhow::Result<Runtime> {
    Ok(Runtime::new(paas_runtime::Config { cache: cache.join("runtime"), blobs, sink, worker: this_program()?, network })?)
}

/// The way out of apps. It never leads to the platform's own door or database, not even at a public address.
async fn network(options: &Serve, database_host: String) -> NetworkConfig {
    let own = match tokio::net::lookup_host((database_host.as_str(), 0)).await {
        Ok(addresses) => addresses.map(|address| address.ip()).collect(),
        // The embedded server listens on a socket file and has no address; a server that cannot be found would have failed the start.
        Err(_) => Vec::new(),
    };
    NetworkConfig {
        allow_private: options.egress_allow_private.clone(),
        refused: own.into_iter().chain([options.listen.ip()]).collect(),
        authorities: options.egress_authorities.clone(),
        ..NetworkConfig::default()
    }
}

async fn receiver(options: &Serve, data: &Path) -> anyhow::Result<Receiver> {
    let config = paas_receiver::Config {
        repos: data.join("repos"),
        run_dir: data.join("run"),
        hook_program: this_program()?,
        max_pack_bytes: options.max_push_bytes,
    };
    Ok(Receiver::start(config).await?)
}

fn deploy(
    options: &Serve,
    data: &Path,
    cache: &Path,
    store: &Store,
    runtime: Runtime,
    address: &Address,
    published: watch::Receiver<u64>,
) -> anyhow::Result<Deploy> {
    let builder = Builder::new(paas_builder::Config {
        buildpacks: fs::canonicalize(&options.buildpacks)?,
        cache: cache.join("builds"),
        work: data.join("work"),
        user: options.build_user.clone(),
        limits: BuildLimits::default(),
        hosts: options.build_hosts.clone(),
        program: this_program()?,
        accept_weak: options.accept_weak_sandbox,
    })?;
    match builder.sandbox_reason() {
        "" => tracing::info!("builds run in a sandbox of level {}", builder.sandbox_level()),
        reason => tracing::warn!("builds run in a sandbox of level {}: {reason}", builder.sandbox_level()),
    }
    let builds_at_once = options.builds_at_once();
    Ok(Deploy::new(Parts { store: store.clone(), builder, runtime, address: address.clone(), builds_at_once, published }))
}

fn this_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}
