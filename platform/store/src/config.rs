//! Config vars: sealed on the way in, opened on the way out, never changed.
use crate::{Store, StoreError, error::Result, secret::SecretKey};
use paas_model::{AppId, ConfigVars, ReleaseId, ReleaseVersion};
use sqlx::PgConnection;
use std::fmt;
use uuid::Uuid;

/// Names one set of config vars; releases with the same id have the same vars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConfigId(pub Uuid);

impl fmt::Display for ConfigId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Store {
    /// The vars of the app's current release.
    pub async fn config_vars(&self, app: AppId) -> Result<(ConfigId, ConfigVars)> {
        let select =
            "select c.id, c.sealed from apps a join releases r on r.id = a.current_release join configs c on c.id = r.config_id where a.id = $1";
        let row: Option<(Uuid, Vec<u8>)> = sqlx::query_as(select).bind(app.0).fetch_optional(&self.pool).await?;
        let (id, sealed) = row.ok_or(StoreError::NoApp)?;
        Ok((ConfigId(id), open(app, &sealed, &self.key)?))
    }

    /// The vars that the release, which is `built`, would have if it were activated now.
    pub async fn config_vars_to_be(&self, app: AppId, release: ReleaseId) -> Result<ConfigVars> {
        let (_, vars) = self.config_vars(app).await?;
        let added = additions(&mut *self.pool.acquire().await?, app, release, &self.key).await?;
        Ok(vars.with_defaults(&added))
    }

    /// The vars of an older (or the current) release.
    pub async fn config_vars_of(&self, app: AppId, version: ReleaseVersion) -> Result<(ConfigId, ConfigVars)> {
        let select = "select c.id, c.sealed from releases r join configs c on c.id = r.config_id where r.app_id = $1 and r.version = $2";
        let query = sqlx::query_as(select).bind(app.0).bind(i64::from(version.number()));
        let row: Option<(Uuid, Vec<u8>)> = query.fetch_optional(&self.pool).await?;
        let (id, sealed) = row.ok_or_else(|| StoreError::NoRelease(version.to_string()))?;
        Ok((ConfigId(id), open(app, &sealed, &self.key)?))
    }
}

/// What the release adds to the app's vars when it is activated.
pub(crate) async fn additions(connection: &mut PgConnection, app: AppId, release: ReleaseId, key: &SecretKey) -> Result<ConfigVars> {
    let select = "select additions from releases where app_id = $1 and id = $2";
    let sealed: Option<Option<Vec<u8>>> = sqlx::query_scalar(select).bind(app.0).bind(release.0).fetch_optional(connection).await?;
    sealed.flatten().map_or_else(|| Ok(ConfigVars::default()), |sealed| open(app, &sealed, key))
}

pub(crate) async fn by_id(connection: &mut PgConnection, app: AppId, id: ConfigId, key: &SecretKey) -> Result<ConfigVars> {
    let select = "select sealed from configs where app_id = $1 and id = $2";
    let sealed: Vec<u8> = sqlx::query_scalar(select).bind(app.0).bind(id.0).fetch_one(connection).await?;
    open(app, &sealed, key)
}

pub(crate) async fn insert(tx: &mut PgConnection, app: AppId, vars: &ConfigVars, key: &SecretKey) -> Result<ConfigId> {
    let id = Uuid::now_v7();
    let sealed = seal(app, vars, key);
    let insert = "insert into configs (id, app_id, sealed) values ($1, $2, $3)";
    sqlx::query(insert).bind(id).bind(app.0).bind(sealed).execute(tx).await?;
    Ok(ConfigId(id))
}

pub(crate) fn seal(app: AppId, vars: &ConfigVars, key: &SecretKey) -> Vec<u8> {
    let json = serde_json::to_vec(vars).expect("a map of strings is JSON");
    key.seal(app.0.as_bytes(), &json)
}

/// The app's id is part of the seal: vars moved to another app's row do not open.
pub(crate) fn open(app: AppId, sealed: &[u8], key: &SecretKey) -> Result<ConfigVars> {
    let json = key.open(app.0.as_bytes(), sealed).ok_or(StoreError::WrongKey)?;
    serde_json::from_slice(&json).map_err(|_| StoreError::Unreadable(format!("the config vars of app {app}")))
}
