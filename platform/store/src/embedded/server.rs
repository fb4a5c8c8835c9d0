//! The server's process: found running, or started, and ended.
use super::{
    EmbeddedError, Result,
    binaries::Binaries,
    log,
    place::{PORT, Place},
};
use crate::PgConnectOptions;
use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, PgConnection, postgres::PgSslMode};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::{process::Child, time::sleep};

/// A crash recovery may take long; a server that is at it is waited for this long.
const READY: Duration = Duration::from_secs(120);
/// After `kill -9` the dead server's lock file counts until its process is reaped, and its children need a moment to end.
const LOCKED_ATTEMPTS: u32 = 20;
const LOCKED_PAUSE: Duration = Duration::from_millis(250);
/// For sessions to be cut off and a checkpoint to be written; then, for ending without one.
const FAST_STOP: Duration = Duration::from_secs(20);
const QUIT: Duration = Duration::from_secs(5);

pub(super) struct Server {
    pub pid: Pid,
    socket: PathBuf,
    /// Kept so that it is reaped; `None` when adopted.
    child: Option<Child>,
}

/// The server of this place, if one runs: left by a platform that was killed, or in use by another one.
pub(super) async fn adopt(place: &Place) -> Option<Server> {
    let deadline = Instant::now() + READY;
    loop {
        let (pid, socket) = read_pid_file(&place.cluster())?;
        match data_directory(&socket).await {
            Ok(folder) => return (folder == place.cluster()).then_some(Server { pid, socket, child: None }),
            Err(error) if is_starting(&error) && Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
            Err(_) => return None,
        }
    }
}

/// Starts the server and waits until it answers.
pub(super) async fn start(place: &Place, binaries: &Binaries) -> Result<Server> {
    let mut attempt = 1;
    loop {
        let tail = match try_start(place, binaries).await? {
            Started::Ready(server) => return Ok(server),
            Started::Ended { tail } => tail,
        };
        if attempt == LOCKED_ATTEMPTS || !is_locked(&tail) {
            return Err(EmbeddedError::Start { log: place.log(), tail });
        }
        attempt += 1;
        sleep(LOCKED_PAUSE).await;
        // Whoever holds the lock may be another platform's server that is up by now.
        if let Some(server) = adopt(place).await {
            return Ok(server);
        }
    }
}

impl Server {
    pub(super) fn options(&self, database: &str) -> PgConnectOptions {
        options(&self.socket).database(database)
    }

    /// Fast shutdown (sessions cut off, checkpoint), and if that takes too long, immediate shutdown (recovery at the next start).
    pub(super) async fn stop(mut self, place: &Place) -> Result<()> {
        for (signal, patience) in [(Signal::SIGINT, FAST_STOP), (Signal::SIGQUIT, QUIT)] {
            if self.has_ended(place) {
                return Ok(());
            }
            // An error means that it has just ended, which the wait will see.
            kill(self.pid, signal).or_else(|errno| if errno == Errno::ESRCH { Ok(()) } else { Err(errno) }).map_err(|_| self.unstoppable())?;
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if self.has_ended(place) {
                    return Ok(());
                }
                sleep(Duration::from_millis(20)).await;
            }
        }
        Err(self.unstoppable())
    }

    /// An adopted server is known by its pid file, which it removes at its very end: its pid alone may be somebody else's by now.
    fn has_ended(&mut self, place: &Place) -> bool {
        match &mut self.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => read_pid_file(&place.cluster()).is_none_or(|(pid, _)| pid != self.pid) || kill(self.pid, None) == Err(Errno::ESRCH),
        }
    }

    fn unstoppable(&self) -> EmbeddedError {
        EmbeddedError::Stop(self.pid.as_raw().unsigned_abs())
    }
}

enum Started {
    Ready(Server),
    /// With the end of what it said.
    Ended {
        tail: String,
    },
}

async fn try_start(place: &Place, binaries: &Binaries) -> Result<Started> {
    let socket = place.socket_folder()?;
    let log_start = log::rotate(&place.log()).map_err(|error| EmbeddedError::Folder(place.log(), error))?;
    let mut child = spawn(place, binaries, &socket)?;
    let deadline = Instant::now() + READY;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return Ok(Started::Ended { tail: log::tail(&place.log(), log_start) });
        }
        let pid = child.id().map(|id| Pid::from_raw(id.cast_signed()));
        if let (Some(pid), Ok(folder)) = (pid, data_directory(&socket).await)
            && folder == place.cluster()
        {
            return Ok(Started::Ready(Server { pid, socket, child: Some(child) }));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(EmbeddedError::Slow { log: place.log(), seconds: READY.as_secs() })
}

/// In a process group of its own, so that Ctrl-C at the platform's terminal does not reach it: the platform stops it last.
fn spawn(place: &Place, binaries: &Binaries, socket: &Path) -> Result<Child> {
    let program = binaries.program("postgres");
    let log = log::open(&place.log()).map_err(|error| EmbeddedError::Folder(place.log(), error))?;
    let errors = log.try_clone().map_err(|error| EmbeddedError::Folder(place.log(), error))?;
    let mut command = place.user.command(&program, place.folder());
    command.arg("-D").arg(place.cluster());
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.args(["-c", &format!("port={PORT}")]);
    command.args(["-c", &format!("unix_socket_directories=\"{}\"", socket.display().to_string().replace('"', "\"\""))]);
    command.stdout(log).stderr(errors).process_group(0);
    command.spawn().map_err(|error| EmbeddedError::Run(program, error))
}

/// On the command line, where they win over the cluster's files.
const SETTINGS: [&str; 9] = [
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "logging_collector=off",
    "log_timezone=UTC",
    "shared_buffers=64MB",
    "max_connections=100",
];

fn options(socket: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass().socket(socket).port(PORT).username("paas").database("postgres").ssl_mode(PgSslMode::Disable)
}

/// Asked instead of trusted: a stale pid file may name a socket that is another server's now.
async fn data_directory(socket: &Path) -> sqlx::Result<PathBuf> {
    let mut connection = PgConnection::connect_with(&options(socket)).await?;
    let folder: String = sqlx::query_scalar("select current_setting('data_directory')").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(folder.into())
}

/// The first and the fifth line of postmaster.pid: process id and socket folder.
fn read_pid_file(cluster: &Path) -> Option<(Pid, PathBuf)> {
    let text = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    let socket = lines.nth(3).filter(|line| !line.is_empty())?;
    Some((Pid::from_raw(pid), socket.into()))
}

/// SQLSTATE cannot_connect_now: starting up, recovering, or shutting down.
fn is_starting(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.code().as_deref() == Some("57P03"))
}

fn is_locked(tail: &str) -> bool {
    tail.contains("\"postmaster.pid\" already exists") || tail.contains("pre-existing shared memory block")
}
