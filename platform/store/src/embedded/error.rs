//! Why there is no Postgres, in words that say what to do about it.
use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error(
        "No PostgreSQL was found ({0}). Install it (Debian, Ubuntu: `apt-get install postgresql`), name its folder of programs in PAAS_PG_BIN, or name a server of your own in DATABASE_URL."
    )]
    NotFound(String),
    #[error("The programs in {} cannot be run by user {user}, who runs Postgres when the platform is started as root: {reason}. Put them where that user may read them, or name others in PAAS_PG_BIN.", bin.display())]
    NotRunnable { bin: PathBuf, user: String, reason: String },
    #[error("The database in {} was made by PostgreSQL {cluster}, but only {found} is installed. Install {cluster} again, or move the data over with `pg_upgrade --old-datadir {} …`.", data.display(), data.display())]
    Version { data: PathBuf, cluster: String, found: String },
    #[error("User {user}, who runs Postgres when the platform is started as root, cannot enter {}. Choose a data folder whose parents others may pass through (mode 0711), such as /var/lib/paas.", folder.display())]
    Unreachable { folder: PathBuf, user: String },
    #[error(
        "Postgres cannot be run as root, and there is no user `postgres` or `nobody` to run it as. Add a user named postgres, or start the platform as an ordinary user."
    )]
    NoUser,
    #[error("Could not prepare {} for Postgres. Check the disk's space and rights.", .0.display())]
    Folder(PathBuf, #[source] io::Error),
    #[error("{} is not a private folder of user {user}: somebody else made it. Remove it, or choose a data folder with a shorter path.", folder.display())]
    NotPrivate { folder: PathBuf, user: String },
    #[error("The path of {} is too long for a unix socket, and no shorter place could be used. Choose a data folder with a shorter path.", .0.display())]
    NoSocket(PathBuf),
    #[error("Could not run {}. Check that PostgreSQL is installed completely.", .0.display())]
    Run(PathBuf, #[source] io::Error),
    #[error("Could not make a database in {}. initdb said:\n{output}", data.display())]
    InitDb { data: PathBuf, output: String },
    #[error("Postgres did not start. The end of {}:\n{tail}", log.display())]
    Start { log: PathBuf, tail: String },
    #[error("Postgres is still not ready after {seconds} seconds; it may be recovering from a crash. See {}, then start the platform again: it goes on where it is.", log.display())]
    Slow { log: PathBuf, seconds: u64 },
    #[error("Postgres (process {0}) did not stop. End it by hand with `kill -QUIT {0}`.")]
    Stop(u32),
    #[error("The platform's own Postgres runs without {0}, so it could lose what it has promised to keep. Stop it, and let the platform start it.")]
    Unsafe(&'static str),
    #[error("Postgres started but does not answer. See the cause.")]
    Query(#[from] sqlx::Error),
}
