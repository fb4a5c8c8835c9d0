//! What can go wrong in the store, and whether trying again later helps.
use paas_model::{AppName, ReleaseVersion};
use std::{io, path::PathBuf};

/// A step of the store that failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another living app has it.
    #[error("Name {0} is already taken. Choose another one.")]
    NameTaken(AppName),
    #[error("The app does not exist (any more). See which apps there are with `paas apps`.")]
    NoApp,
    #[error("Release {0} does not exist. See which releases there are with `paas releases`.")]
    NoRelease(String),
    /// A change was made from a release that is no longer current.
    #[error("The app was released as {current} meanwhile. Look at it, then try again.")]
    Conflict { current: ReleaseVersion },
    /// Only a release in state `built` can get a number.
    #[error("The release was {0} and cannot be activated. Push again.")]
    NotBuilt(String),

    #[error("Slug file name {0:?} is not a plain relative path. Rename it and push again.")]
    SlugPath(String),
    #[error("Could not read {} of the slug. See the cause, then push again.", .0.display())]
    SlugRead(PathBuf, #[source] io::Error),
    #[error("{} changed while it was being stored. Push again.", .0.display())]
    SlugChanged(PathBuf),
    #[error("Could not write slug files to {}. Check the disk's space and rights.", .0.display())]
    BlobWrite(PathBuf, #[source] Box<dyn std::error::Error + Send + Sync>),

    #[error("Could not read or make the key file {}. It is 32 bytes that only the platform may read.", .0.display())]
    KeyFile(PathBuf, #[source] io::Error),
    #[error("The key file {} is {length} bytes long, not 32. Put back the one that this database was made with.", path.display())]
    KeyLength { path: PathBuf, length: usize },
    #[error("Others may read the key file {path}. Run `chmod 600 {path}`.", path = .0.display())]
    KeyOpen(PathBuf),
    #[error(
        "The key file does not open this database: it belongs to another one. Put back the `secret.key` that this database was made with, or the config vars are lost."
    )]
    WrongKey,

    #[error("Postgres runs with {0}: it may lose what it has promised to keep. Set it to on, restart Postgres, then start again.")]
    NotDurable(String),
    #[error("Could not bring the database's tables up to date. See the cause.")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    #[error("The database holds something that this version does not understand: {0}. Start a newer version.")]
    Unreadable(String),
    #[error("The database failed. See the cause; if it is down, start it and try again.")]
    Database(#[source] sqlx::Error),
}

pub type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    /// True when the database cannot be reached or is overloaded, so that the same call may work a moment later (HTTP 503).
    pub fn is_unavailable(&self) -> bool {
        let (Self::Database(error) | Self::Migrate(sqlx::migrate::MigrateError::Execute(error))) = self else { return false };
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing(&code)),
            _ => false,
        }
    }
}

/// SQLSTATE: connection lost, out of resources, lock or statement timeout, shutting down or starting up, read-only standby.
fn is_passing(code: &str) -> bool {
    ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || ["55P03", "25006"].contains(&code)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let gone =
            error.as_database_error().is_some_and(|e| e.is_foreign_key_violation() && e.constraint().is_some_and(|c| c.ends_with("_app_id_fkey")));
        if gone { Self::NoApp } else { Self::Database(error) }
    }
}
