//! A Postgres of our own: made, started, adopted after a crash, and stopped.
//!
//! It is the system's program on a private folder, reached by a unix socket that only its user can touch. It is started
//! in a process group of its own and outlives a platform that is killed; the next platform adopts it. So dropping an
//! [`Embedded`] leaves the server running, and only [`Embedded::stop`] ends it.
//!
//! ```text
//! <data>/postgres/          0700, of the user that runs Postgres (a symlink when that user cannot enter <data>)
//!   data/                   the cluster
//!   run/.s.PGSQL.5432       the socket (elsewhere when this path is too long for one)
//!   postgres.log            what the server says
//! ```
mod binaries;
mod cluster;
mod error;
mod log;
mod place;
mod server;
mod user;

pub use error::EmbeddedError;

use crate::PgConnectOptions;
use binaries::Binaries;
use place::Place;
use server::Server;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};

type Result<T> = std::result::Result<T, EmbeddedError>;

/// The platform's database on the server.
const DATABASE: &str = "paas";

/// A running Postgres.
pub struct Embedded {
    place: Place,
    server: Server,
}

/// Starts the Postgres of this data folder, or adopts it when it still runs. Makes whatever is missing.
pub async fn start(data: &Path) -> Result<Embedded> {
    let place = Place::prepare(data).await?;
    let server = match server::adopt(&place).await {
        Some(server) => server,
        None => {
            let binaries = Binaries::find(&place).await?;
            cluster::ensure(&place, &binaries).await?;
            server::start(&place, &binaries).await?
        }
    };
    let embedded = Embedded { place, server };
    embedded.check().await?;
    Ok(embedded)
}

impl Embedded {
    /// How to connect to the platform's database.
    pub fn options(&self) -> PgConnectOptions {
        self.server.options(DATABASE)
    }

    /// The server's process id.
    pub fn pid(&self) -> u32 {
        self.server.pid.as_raw().unsigned_abs()
    }

    /// Where the server writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.place.log()
    }

    /// Ends the server and waits until it has: sessions are cut off, everything committed is kept.
    pub async fn stop(self) -> Result<()> {
        self.server.stop(&self.place).await
    }

    /// Makes the database, and holds the server to what it was made with.
    async fn check(&self) -> Result<()> {
        let mut connection = PgConnection::connect_with(&self.server.options("postgres")).await?;
        for setting in ["fsync", "full_page_writes", "data_checksums"] {
            let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&mut connection).await?;
            if value != "on" {
                return Err(EmbeddedError::Unsafe(setting));
            }
        }
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(DATABASE).fetch_one(&mut connection).await?;
        if !exists {
            sqlx::query(AssertSqlSafe(format!("create database {DATABASE}"))).execute(&mut connection).await?;
        }
        Ok(connection.close().await?)
    }
}
