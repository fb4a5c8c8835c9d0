//! Releases: what a build offers, and what the app's history shows.
use crate::{Store, StoreError, config, error::Result};
use chrono::{DateTime, Utc};
use paas_model::{AccountId, AppId, Asked, BuildId, ConfigVars, Digest, Release, ReleaseId, ReleaseState, ReleaseVersion, Settings};
use sqlx::{FromRow, PgConnection, types::Json};
use uuid::Uuid;

/// As many as a history shows at once.
const HISTORY: i64 = 1000;

/// A push that was built and checked; its ref has not moved yet.
#[derive(Clone, Debug)]
pub struct NewBuilt {
    pub app: AppId,
    pub build: BuildId,
    pub slug: Digest,
    /// The full commit id.
    pub commit: String,
    /// `refs/heads/main`: what has to point at `commit` before this may be activated.
    pub reference: String,
    /// `Deploy 4c47f1a2`
    pub description: String,
    pub account: AccountId,
    /// Config vars that the app gets when this is activated, unless it has them by then.
    pub additions: ConfigVars,
    /// What the source asks for.
    pub asked: Asked,
}

/// A release in state `built`, left by a process that ended too early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltRelease {
    pub app: AppId,
    pub release: ReleaseId,
    pub commit: String,
    pub reference: String,
}

macro_rules! select_releases {
    ($rest:literal) => {
        concat!(
            "select r.id, r.app_id, r.version, r.state, r.description, r.slug, r.commit, r.build_id, r.settings,
                    (select s.capabilities from slugs s where s.digest = r.slug) as capabilities, o.email as user_email, r.created_at,
                    a.current_release = r.id as current
             from releases r join apps a on a.id = r.app_id join accounts o on o.id = r.account_id ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct ReleaseRow {
    id: Uuid,
    app_id: Uuid,
    version: Option<i64>,
    state: String,
    description: String,
    slug: Option<String>,
    commit: Option<String>,
    build_id: Option<Uuid>,
    settings: Json<Settings>,
    capabilities: Option<Vec<String>>,
    user_email: String,
    created_at: DateTime<Utc>,
    current: bool,
}

impl TryFrom<ReleaseRow> for Release {
    type Error = StoreError;
    fn try_from(row: ReleaseRow) -> Result<Self> {
        Ok(Self {
            id: ReleaseId(row.id),
            app: AppId(row.app_id),
            version: row.version.map(version).transpose()?,
            state: state(&row.state)?,
            description: row.description,
            slug: row.slug.as_deref().map(digest).transpose()?,
            commit: row.commit,
            build: row.build_id.map(BuildId),
            settings: row.settings.0,
            capabilities: row.capabilities.unwrap_or_default(),
            user_email: row.user_email,
            created_at: row.created_at,
            current: row.current,
        })
    }
}

impl Store {
    /// A release without a number, to be activated or abandoned.
    pub async fn insert_built(&self, new: &NewBuilt) -> Result<ReleaseId> {
        let id = ReleaseId::generate();
        let insert = "insert into releases (id, app_id, state, description, slug, commit, reference, build_id, account_id, additions, settings)
                      values ($1, $2, 'built', $3, $4, $5, $6, $7, $8, $9, $10)";
        let query = sqlx::query(insert).bind(id.0).bind(new.app.0).bind(&new.description).bind(new.slug.to_string());
        let query = query.bind(&new.commit).bind(&new.reference).bind(new.build.0).bind(new.account.0);
        let additions = (!new.additions.0.is_empty()).then(|| config::seal(new.app, &new.additions, &self.key));
        let settings = Settings::default().deployed(new.asked.clone());
        let query = query.bind(additions).bind(Json(settings));
        query.execute(&self.pool).await?;
        Ok(id)
    }

    /// Gives up a `built` release (its ref did not move) and fails its build; leaves one that got further alone.
    pub async fn abandon(&self, release: ReleaseId) -> Result<()> {
        let update = "with abandoned as (update releases set state = 'abandoned' where id = $1 and state = 'built' returning build_id)
                      update builds set status = 'failed', finished_at = now() where id = (select build_id from abandoned) and status = 'pending'";
        sqlx::query(update).bind(release.0).execute(&self.pool).await?;
        Ok(())
    }

    /// All releases in state `built`, oldest first. Those of a push at work are among them: take the app's lock before acting on one.
    pub async fn built_releases(&self) -> Result<Vec<BuiltRelease>> {
        let select = "select app_id, id, commit, reference from releases where state = 'built' order by id";
        let rows: Vec<(Uuid, Uuid, String, String)> = sqlx::query_as(select).fetch_all(&self.pool).await?;
        let built = |(app, release, commit, reference)| BuiltRelease { app: AppId(app), release: ReleaseId(release), commit, reference };
        Ok(rows.into_iter().map(built).collect())
    }

    /// The app's numbered releases, newest first, 1000 at most.
    pub async fn releases(&self, app: AppId) -> Result<Vec<Release>> {
        let select = select_releases!("where r.app_id = $1 and r.version is not null order by r.version desc limit $2");
        let rows: Vec<ReleaseRow> = sqlx::query_as(select).bind(app.0).bind(HISTORY).fetch_all(&self.pool).await?;
        rows.into_iter().map(Release::try_from).collect()
    }

    pub async fn release(&self, app: AppId, version: ReleaseVersion) -> Result<Option<Release>> {
        let select = select_releases!("where r.app_id = $1 and r.version = $2");
        let query = sqlx::query_as(select).bind(app.0).bind(i64::from(version.number()));
        let row: Option<ReleaseRow> = query.fetch_optional(&self.pool).await?;
        row.map(Release::try_from).transpose()
    }

    /// In whatever state it is.
    pub async fn release_by_id(&self, release: ReleaseId) -> Result<Option<Release>> {
        by_id(&mut *self.pool.acquire().await?, release).await
    }
}

pub(crate) async fn by_id(connection: &mut PgConnection, release: ReleaseId) -> Result<Option<Release>> {
    let select = select_releases!("where r.id = $1");
    let row: Option<ReleaseRow> = sqlx::query_as(select).bind(release.0).fetch_optional(connection).await?;
    row.map(Release::try_from).transpose()
}

pub(crate) fn version(number: i64) -> Result<ReleaseVersion> {
    let version = u32::try_from(number).ok().and_then(ReleaseVersion::new);
    version.ok_or_else(|| StoreError::Unreadable(format!("the release number {number}")))
}

pub(crate) fn digest(text: &str) -> Result<Digest> {
    text.parse().map_err(|_| StoreError::Unreadable(format!("the slug digest {text:?}")))
}

fn state(text: &str) -> Result<ReleaseState> {
    match text {
        "built" => Ok(ReleaseState::Built),
        "succeeded" => Ok(ReleaseState::Succeeded),
        "failed" => Ok(ReleaseState::Failed),
        "abandoned" => Ok(ReleaseState::Abandoned),
        _ => Err(StoreError::Unreadable(format!("the release state {text:?}"))),
    }
}
