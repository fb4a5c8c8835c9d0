//! One push per app at a time, across all processes of the platform.
use crate::{Store, error::Result};
use paas_model::AppId;
use sqlx::{Connection, PgConnection};

/// Held until dropped. The lock belongs to a connection of its own, so that it ends with the process, however that ends.
pub struct AppLock {
    _connection: PgConnection,
}

impl Store {
    /// The app's lock, or `None` when somebody has it.
    pub async fn lock_app(&self, app: AppId) -> Result<Option<AppLock>> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(number(app)).fetch_one(&mut connection).await?;
        Ok(locked.then_some(AppLock { _connection: connection }))
    }
}

/// Two apps with the same number would only wait for one another.
fn number(app: AppId) -> i64 {
    let (high, low) = app.0.as_u64_pair();
    (high ^ low) as i64
}
