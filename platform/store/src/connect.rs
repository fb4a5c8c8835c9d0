//! The way in: the tables are brought up to date, and a database that could lose or misread data is refused.
use crate::{Store, StoreError, blob::Blobs, error::Result, secret::SecretKey};
use paas_model::{limits::Caps, slug::BlobDir};
use sqlx::{
    Connection, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};

const MAX_CONNECTIONS: u32 = 20;
/// A caller waits no longer than this for a connection, and then hears that the database is unavailable.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Sealed under the first key this database saw.
const KNOWN_TEXT: &[u8] = b"the key fits";
const KEY_CHECK: &[u8] = b"key_check";

impl Store {
    /// Needs session connections (no transaction pooler in between), for locks and notifications.
    pub async fn connect(options: PgConnectOptions, blobs: BlobDir, key: SecretKey) -> Result<Self> {
        let options = options.application_name("paas").options([
            ("lock_timeout", "5s"),
            ("statement_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // A node that lost its power must not hold an app's lock for hours.
            ("tcp_keepalives_idle", "30"),
            ("tcp_keepalives_interval", "10"),
            ("tcp_keepalives_count", "3"),
        ]);
        let mut connection = PgConnection::connect_with(&options).await?;
        let data_checksums = check_durable(&mut connection).await?;
        migrate(&mut connection).await?;
        check_key(&mut connection, &key).await?;
        connection.close().await?;
        let pool: PgPool = PgPoolOptions::new().max_connections(MAX_CONNECTIONS).acquire_timeout(ACQUIRE).connect_lazy_with(options.clone());
        let (blobs, key) = (Arc::new(Blobs::open(blobs)?), Arc::new(key));
        Ok(Self { pool, options, blobs, key, targets: Arc::default(), data_checksums, caps: Caps::default() })
    }
}

async fn check_durable(connection: &mut PgConnection) -> Result<bool> {
    let select = "select current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), current_setting('data_checksums')";
    let (fsync, full_pages, commit, checksums): (String, String, String, String) = sqlx::query_as(select).fetch_one(connection).await?;
    for (setting, value) in [("fsync", fsync), ("full_page_writes", full_pages), ("synchronous_commit", commit)] {
        if value == "off" {
            return Err(StoreError::NotDurable(format!("{setting} = off")));
        }
    }
    if checksums != "on" {
        tracing::warn!("Postgres runs without data checksums: damage by the disk goes unnoticed. Turn them on with `pg_checksums --enable`.");
    }
    Ok(checksums == "on")
}

/// Several processes may start at once: the migrator has a lock of its own.
async fn migrate(connection: &mut PgConnection) -> Result<()> {
    sqlx::query("set statement_timeout = 0").execute(&mut *connection).await?;
    sqlx::query("set client_min_messages = warning").execute(&mut *connection).await?;
    sqlx::migrate!("../../migrations").run(connection).await.map_err(StoreError::Migrate)
}

async fn check_key(connection: &mut PgConnection, key: &SecretKey) -> Result<()> {
    let insert = "insert into key_check (sealed) values ($1) on conflict do nothing";
    sqlx::query(insert).bind(key.seal(KEY_CHECK, KNOWN_TEXT)).execute(&mut *connection).await?;
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from key_check").fetch_one(connection).await?;
    match key.open(KEY_CHECK, &sealed).as_deref() {
        Some(KNOWN_TEXT) => Ok(()),
        _ => Err(StoreError::WrongKey),
    }
}

impl crate::Store {
    /// The settings of the database that are off although safety wants them on.
    pub async fn durability(&self) -> Result<Vec<&'static str>> {
        let mut off = Vec::new();
        for setting in ["fsync", "full_page_writes", "data_checksums"] {
            let value: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&self.pool).await?;
            if value != "on" {
                off.push(setting);
            }
        }
        Ok(off)
    }
}
