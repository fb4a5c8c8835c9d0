//! How a release becomes the one that answers: one transaction gives it the next number, makes it current and says so.
//!
//! Every way in locks the app's row first, so that numbers of an app are given one at a time. Every way in may be
//! retried after a lost answer: what already happened is returned, not repeated.
use crate::{
    Store, StoreError,
    config::{self, ConfigId},
    error::Result,
    release, route,
};
use paas_model::{AccountId, AppId, ConfigVars, Release, ReleaseId, ReleaseState, ReleaseVersion, Settings};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

/// A release that answers as soon as the routes have this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated {
    pub release: Release,
    pub routes_version: u64,
}

/// A release made of what earlier releases have: a change of config or settings, or a rollback.
#[derive(Clone, Debug)]
pub struct NewRelease {
    /// Chosen by the caller, who has prepared it under this id and may retry with it.
    pub id: ReleaseId,
    pub app: AppId,
    /// The release whose slug and commit it takes.
    pub code_of: ReleaseVersion,
    pub config: NewConfig,
    pub settings: Settings,
    /// `Set FOO config vars`, `Rollback to v3`
    pub description: String,
    pub account: AccountId,
    /// What was current when the caller looked; if it no longer is, nothing happens ([`StoreError::Conflict`]).
    pub expected: ReleaseVersion,
}

#[derive(Clone, Debug)]
pub enum NewConfig {
    Vars(ConfigVars),
    SameAs(ReleaseVersion),
}

impl Store {
    /// Numbers a `built` release and makes it current with the app's config and settings, if `expected` still is the current release, whose
    /// config, settings and number it was prepared by ([`StoreError::Conflict`]), and if it was not abandoned ([`StoreError::NotBuilt`]).
    pub async fn activate(&self, release: ReleaseId, expected: ReleaseVersion) -> Result<Activated> {
        let mut tx = self.pool.begin().await?;
        let app = app_of(&mut tx, release).await?;
        let current = lock(&mut tx, app).await?;
        let row = release::by_id(&mut tx, release).await?.ok_or_else(|| StoreError::NoRelease(release.to_string()))?;
        match row.state {
            ReleaseState::Built if current.version != expected => return Err(StoreError::Conflict { current: current.version }),
            ReleaseState::Built => {}
            ReleaseState::Succeeded => return done(&mut tx, row).await,
            other => return Err(StoreError::NotBuilt(format!("{other:?}").to_lowercase())),
        }
        let config = self.config_of_built(&mut tx, app, release, current.config).await?;
        let settings = current.settings.deployed(row.settings.asked());
        let update = "update releases set state = 'succeeded', config_id = $2, settings = $4,
                      version = (select max(version) + 1 from releases where app_id = $3) where id = $1";
        sqlx::query(update).bind(release.0).bind(config.0).bind(app.0).bind(Json(&settings)).execute(&mut *tx).await?;
        let finish = "update builds set status = 'succeeded', finished_at = now() where status = 'pending' and id = $1";
        sqlx::query(finish).bind(row.build.map(|build| build.0)).execute(&mut *tx).await?;
        let activated = make_current(&mut tx, app, release).await?;
        tx.commit().await?;
        Ok(activated)
    }

    /// The app's config, or a new one when the release adds to it.
    async fn config_of_built(&self, tx: &mut PgConnection, app: AppId, release: ReleaseId, current: ConfigId) -> Result<ConfigId> {
        let additions = config::additions(tx, app, release, &self.key).await?;
        if additions.0.is_empty() {
            return Ok(current);
        }
        let vars = config::by_id(tx, app, current, &self.key).await?.with_defaults(&additions);
        config::insert(tx, app, &vars, &self.key).await
    }

    /// Makes a release of an earlier one's code and some config, and makes it current.
    pub async fn release_with(&self, new: &NewRelease) -> Result<Activated> {
        let mut tx = self.pool.begin().await?;
        let current = lock(&mut tx, new.app).await?;
        if let Some(made) = release::by_id(&mut tx, new.id).await? {
            return done(&mut tx, made).await;
        }
        if current.version != new.expected {
            return Err(StoreError::Conflict { current: current.version });
        }
        let config = match &new.config {
            NewConfig::Vars(vars) => config::insert(&mut tx, new.app, vars, &self.key).await?,
            NewConfig::SameAs(version) => config_of(&mut tx, new.app, *version).await?,
        };
        insert(&mut tx, new, config).await?;
        let activated = make_current(&mut tx, new.app, new.id).await?;
        tx.commit().await?;
        Ok(activated)
    }
}

/// What the app's current release was, under the lock.
struct Current {
    version: ReleaseVersion,
    config: ConfigId,
    settings: Settings,
}

/// Keeps every other change of the app's releases waiting until the transaction ends.
async fn lock(tx: &mut PgConnection, app: AppId) -> Result<Current> {
    // Two statements: the second must see what was committed while the first waited.
    let locked = sqlx::query("select 1 from apps where id = $1 for update").bind(app.0).fetch_optional(&mut *tx).await?;
    locked.ok_or(StoreError::NoApp)?;
    let select = "select r.version, r.config_id, r.settings from apps a join releases r on r.id = a.current_release where a.id = $1";
    let (version, config, Json(settings)): (i64, Uuid, Json<Settings>) = sqlx::query_as(select).bind(app.0).fetch_one(tx).await?;
    Ok(Current { version: release::version(version)?, config: ConfigId(config), settings })
}

async fn app_of(tx: &mut PgConnection, release: ReleaseId) -> Result<AppId> {
    let app: Option<Uuid> = sqlx::query_scalar("select app_id from releases where id = $1").bind(release.0).fetch_optional(tx).await?;
    app.map(AppId).ok_or_else(|| StoreError::NoRelease(release.to_string()))
}

async fn config_of(tx: &mut PgConnection, app: AppId, version: ReleaseVersion) -> Result<ConfigId> {
    let select = "select config_id from releases where app_id = $1 and version = $2";
    let config: Option<Uuid> = sqlx::query_scalar(select).bind(app.0).bind(i64::from(version.number())).fetch_optional(tx).await?;
    config.map(ConfigId).ok_or_else(|| StoreError::NoRelease(version.to_string()))
}

async fn insert(tx: &mut PgConnection, new: &NewRelease, config: ConfigId) -> Result<()> {
    let insert = "insert into releases (id, app_id, version, state, description, slug, commit, build_id, config_id, account_id, settings)
                  select $1, $2, (select max(version) + 1 from releases where app_id = $2), 'succeeded', $3, slug, commit, build_id, $4, $5, $7
                  from releases where app_id = $2 and version = $6 and state = 'succeeded'";
    let query = sqlx::query(insert).bind(new.id.0).bind(new.app.0).bind(&new.description).bind(config.0).bind(new.account.0);
    let inserted = query.bind(i64::from(new.code_of.number())).bind(Json(&new.settings)).execute(tx).await?;
    if inserted.rows_affected() == 0 {
        return Err(StoreError::NoRelease(new.code_of.to_string()));
    }
    Ok(())
}

async fn make_current(tx: &mut PgConnection, app: AppId, release: ReleaseId) -> Result<Activated> {
    let update = "update apps set current_release = $2, released_at = now(), updated_at = now() where id = $1";
    sqlx::query(update).bind(app.0).bind(release.0).execute(&mut *tx).await?;
    let routes_version = route::bump(tx).await?;
    let release = release::by_id(tx, release).await?.ok_or_else(|| StoreError::NoRelease(release.to_string()))?;
    Ok(Activated { release, routes_version })
}

/// The answer to a retry.
async fn done(tx: &mut PgConnection, release: Release) -> Result<Activated> {
    Ok(Activated { release, routes_version: route::version(tx).await? })
}
