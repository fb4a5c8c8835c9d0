//! Apps: made with their first release, gone with everything that is theirs alone.
use crate::{Store, StoreError, config, error::Result, release::version, route, secret::SecretKey};
use chrono::{DateTime, Utc};
use paas_model::{AccountId, App, AppId, AppName, ConfigVars, ReleaseId};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

macro_rules! select_apps {
    ($rest:literal) => {
        concat!(
            "select a.id, a.name, a.owner_id, o.email as owner_email, a.maintenance, a.created_at, a.updated_at, a.released_at, r.version as current
             from apps a join accounts o on o.id = a.owner_id join releases r on r.id = a.current_release ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct AppRow {
    id: Uuid,
    name: String,
    owner_id: Uuid,
    owner_email: String,
    maintenance: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    released_at: Option<DateTime<Utc>>,
    current: i64,
}

impl TryFrom<AppRow> for App {
    type Error = StoreError;
    fn try_from(row: AppRow) -> Result<Self> {
        Ok(Self {
            id: AppId(row.id),
            name: app_name(&row.name)?,
            owner: AccountId(row.owner_id),
            owner_email: row.owner_email,
            maintenance: row.maintenance,
            created_at: row.created_at,
            updated_at: row.updated_at,
            released_at: row.released_at,
            current: version(row.current)?,
        })
    }
}

impl Store {
    /// A new app with release v1, which has no slug yet.
    pub async fn create_app(&self, name: &AppName, owner: AccountId) -> Result<App> {
        let app = AppId::generate();
        let mut tx = self.pool.begin().await?;
        insert(&mut tx, app, name, owner, &self.key).await?;
        route::bump(&mut tx).await?;
        tx.commit().await?;
        self.app_by_id(app).await?.ok_or(StoreError::NoApp)
    }

    /// By id or by name.
    pub async fn app(&self, id_or_name: &str) -> Result<Option<App>> {
        if let Ok(id) = id_or_name.parse::<AppId>() {
            return self.app_by_id(id).await;
        }
        let row: Option<AppRow> = sqlx::query_as(select_apps!("where a.name = $1")).bind(id_or_name).fetch_optional(&self.pool).await?;
        row.map(App::try_from).transpose()
    }

    pub async fn app_by_id(&self, id: AppId) -> Result<Option<App>> {
        let row: Option<AppRow> = sqlx::query_as(select_apps!("where a.id = $1")).bind(id.0).fetch_optional(&self.pool).await?;
        row.map(App::try_from).transpose()
    }

    /// The owner's apps by name.
    pub async fn apps(&self, owner: AccountId) -> Result<Vec<App>> {
        let rows: Vec<AppRow> = sqlx::query_as(select_apps!("where a.owner_id = $1 order by a.name")).bind(owner.0).fetch_all(&self.pool).await?;
        rows.into_iter().map(App::try_from).collect()
    }

    pub async fn set_maintenance(&self, app: AppId, on: bool) -> Result<App> {
        let mut tx = self.pool.begin().await?;
        let update = "update apps set maintenance = $2, updated_at = now() where id = $1 and maintenance <> $2";
        if sqlx::query(update).bind(app.0).bind(on).execute(&mut *tx).await?.rows_affected() > 0 {
            route::bump(&mut tx).await?;
        }
        tx.commit().await?;
        self.app_by_id(app).await?.ok_or(StoreError::NoApp)
    }

    /// Removes the app's rows and frees its name. Its slugs may be another app's too: rows and files that no release
    /// names any more stay as garbage.
    pub async fn delete_app(&self, app: AppId) -> Result<()> {
        let mut tx = self.pool.begin().await?;
        if sqlx::query("delete from apps where id = $1").bind(app.0).execute(&mut *tx).await?.rows_affected() > 0 {
            route::bump(&mut tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

async fn insert(tx: &mut PgConnection, app: AppId, name: &AppName, owner: AccountId, key: &SecretKey) -> Result<()> {
    let release = ReleaseId::generate();
    let insert_app = "insert into apps (id, name, owner_id, current_release, released_at) values ($1, $2, $3, $4, now())";
    let inserted = sqlx::query(insert_app).bind(app.0).bind(name.as_str()).bind(owner.0).bind(release.0).execute(&mut *tx).await;
    inserted.map_err(|error| match error.as_database_error() {
        Some(e) if e.is_unique_violation() => StoreError::NameTaken(name.clone()),
        _ => error.into(),
    })?;
    let config = config::insert(tx, app, &ConfigVars::default(), key).await?;
    let insert_release = "insert into releases (id, app_id, version, state, description, config_id, account_id)
                          values ($1, $2, 1, 'succeeded', 'Initial release', $3, $4)";
    sqlx::query(insert_release).bind(release.0).bind(app.0).bind(config.0).bind(owner.0).execute(tx).await?;
    Ok(())
}

pub(crate) fn app_name(text: &str) -> Result<AppName> {
    text.parse().map_err(|_| StoreError::Unreadable(format!("the app name {text:?}")))
}
