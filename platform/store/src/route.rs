//! Who answers what: everything the data plane needs to know, at one point in time.
use crate::{Store, StoreError, app::app_name, config, error::Result, release};
use paas_model::{AppId, AppRoutes, ConfigVars, Digest, Manifest, ReleaseId, Settings, Target};
use sqlx::{FromRow, PgConnection, types::Json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// Older releases than these stop answering at their own hosts.
const KEPT_RELEASES: i64 = 100;
/// Carries the new version; a hint, never the truth.
pub(crate) const CHANNEL: &str = "paas_routes";

/// All apps as of one version.
#[derive(Clone, Debug)]
pub struct Routes {
    /// Grows with every change of routing.
    pub version: u64,
    pub apps: Vec<AppRoutes>,
}

/// The targets of the last `routes()`, so that an unchanged release is neither read nor opened again.
#[derive(Default)]
pub(crate) struct TargetCache(Mutex<Arc<HashMap<ReleaseId, Target>>>);

#[derive(FromRow)]
struct RouteRow {
    app_id: Uuid,
    name: String,
    maintenance: bool,
    current_release: Uuid,
    release_id: Option<Uuid>,
    version: Option<i64>,
    slug: Option<String>,
    commit: Option<String>,
    config_id: Option<Uuid>,
    settings: Option<Json<Settings>>,
}

const SELECT: &str =
    "select a.id as app_id, a.name, a.maintenance, a.current_release, r.id as release_id, r.version, r.slug, r.commit, r.config_id, r.settings
    from apps a join releases c on c.id = a.current_release
    left join releases r on r.app_id = a.id and r.state = 'succeeded' and r.slug is not null and r.version > c.version - $1
    order by a.name, r.version desc";

impl Store {
    /// The version of the routes now; cheap enough to ask every few seconds.
    pub async fn routes_version(&self) -> Result<u64> {
        version(&mut *self.pool.acquire().await?).await
    }

    /// All apps, as of one moment.
    pub async fn routes(&self) -> Result<Routes> {
        let mut tx = self.pool.begin_with("begin isolation level repeatable read read only").await?;
        let version = version(&mut tx).await?;
        let rows: Vec<RouteRow> = sqlx::query_as(SELECT).bind(KEPT_RELEASES).fetch_all(&mut *tx).await?;
        let known = self.targets.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let parts = Parts::load(&mut tx, &rows, &known).await?;
        tx.commit().await?;

        let mut apps: Vec<AppRoutes> = Vec::new();
        for row in rows {
            if apps.last().is_none_or(|app| app.id.0 != row.app_id) {
                apps.push(AppRoutes {
                    id: AppId(row.app_id),
                    name: app_name(&row.name)?,
                    maintenance: row.maintenance,
                    current: None,
                    targets: Vec::new(),
                });
            }
            let app = apps.last_mut().expect("one was just pushed");
            let current = row.release_id == Some(row.current_release);
            let Some(target) = self.target(&row, app, &known, &parts)? else { continue };
            if current {
                app.current = Some(target.version);
            }
            app.targets.push(target);
        }
        let fresh = apps.iter().flat_map(|app| &app.targets).map(|target| (target.release, target.clone())).collect();
        *self.targets.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(Routes { version, apps })
    }

    fn target(&self, row: &RouteRow, app: &AppRoutes, known: &HashMap<ReleaseId, Target>, parts: &Parts) -> Result<Option<Target>> {
        let (Some(id), Some(number), Some(slug), Some(config)) = (row.release_id, row.version, &row.slug, row.config_id) else { return Ok(None) };
        if let Some(target) = known.get(&ReleaseId(id)).filter(|target| target.app_name == app.name) {
            return Ok(Some(target.clone()));
        }
        let (slug, version) = (release::digest(slug)?, release::version(number)?);
        let missing = || StoreError::Unreadable(format!("release {version} of {}, whose slug or config is gone", app.name));
        let manifest = parts.manifests.get(&slug).ok_or_else(missing)?.clone();
        let sealed = parts.configs.get(&config).ok_or_else(missing)?;
        let vars: ConfigVars = config::open(app.id, sealed, &self.key)?;
        let env = Arc::new(Target::environment(&vars, &app.name, version, row.commit.as_deref()));
        let Settings { limits, egress, .. } = row.settings.as_ref().map_or_else(Settings::default, |settings| settings.0.clone());
        let limits = limits.resolve(&self.caps);
        Ok(Some(Target { app: app.id, app_name: app.name.clone(), release: ReleaseId(id), version, slug, manifest, env, limits, egress }))
    }
}

/// What the rows of new releases name.
struct Parts {
    manifests: HashMap<Digest, Arc<Manifest>>,
    configs: HashMap<Uuid, Vec<u8>>,
}

impl Parts {
    async fn load(tx: &mut PgConnection, rows: &[RouteRow], known: &HashMap<ReleaseId, Target>) -> Result<Self> {
        let mut manifests: HashMap<Digest, Arc<Manifest>> = known.values().map(|target| (target.slug, target.manifest.clone())).collect();
        let new = || rows.iter().filter(|row| row.release_id.is_some_and(|id| !known.contains_key(&ReleaseId(id))));
        let configs: Vec<Uuid> = new().filter_map(|row| row.config_id).collect();
        let slugs: Vec<String> = new().filter_map(|row| row.slug.clone()).collect();

        let select = "select digest, manifest from slugs where digest = any($1)";
        let found: Vec<(String, Json<Manifest>)> = sqlx::query_as(select).bind(slugs).fetch_all(&mut *tx).await?;
        for (digest, Json(manifest)) in found {
            manifests.entry(release::digest(&digest)?).or_insert_with(|| Arc::new(manifest));
        }
        let select = "select id, sealed from configs where id = any($1)";
        let configs: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(select).bind(configs).fetch_all(tx).await?;
        Ok(Self { manifests, configs: configs.into_iter().collect() })
    }
}

pub(crate) async fn version(connection: &mut PgConnection) -> Result<u64> {
    number(sqlx::query_scalar("select version from routing").fetch_one(connection).await?)
}

/// Called last in every transaction that changes routing: it holds the counter until the commit, so that versions
/// become visible in order.
pub(crate) async fn bump(tx: &mut PgConnection) -> Result<u64> {
    let bump = "with bumped as (update routing set version = version + 1 returning version)
                select version, pg_notify($1, version::text) from bumped";
    number(sqlx::query_scalar(bump).bind(CHANNEL).fetch_one(tx).await?)
}

fn number(version: i64) -> Result<u64> {
    u64::try_from(version).map_err(|_| StoreError::Unreadable(format!("the routes version {version}")))
}
