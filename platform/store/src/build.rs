//! Builds and their output.
use crate::{Store, StoreError, error::Result, release};
use chrono::{DateTime, Utc};
use paas_model::{
    AccountId, AppId, Build, BuildId, BuildStatus, Digest, ReleaseId,
    build::{Phases, Record},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

/// More output than this is not kept: a build in a loop must not fill the database.
const MAX_OUTPUT_BYTES: i64 = 4 << 20;
/// As many as a list of builds shows at once.
const HISTORY: i64 = 1000;

macro_rules! select_builds {
    ($rest:literal) => {
        concat!(
            "select b.id, b.app_id, b.status, b.commit, b.buildpack, b.created_at, b.finished_at, b.phases, b.record, b.sbom, o.email as user_email,
                    (select r.id from releases r where r.build_id = b.id order by r.id limit 1) as release
             from builds b join accounts o on o.id = b.account_id ",
            $rest
        )
    };
}

#[derive(FromRow)]
struct BuildRow {
    id: Uuid,
    app_id: Uuid,
    status: String,
    commit: String,
    buildpack: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    phases: Json<Phases>,
    record: Json<Record>,
    sbom: Option<String>,
    user_email: String,
    release: Option<Uuid>,
}

impl TryFrom<BuildRow> for Build {
    type Error = StoreError;
    fn try_from(row: BuildRow) -> Result<Self> {
        Ok(Self {
            id: BuildId(row.id),
            app: AppId(row.app_id),
            status: status(&row.status)?,
            commit: row.commit,
            buildpack: row.buildpack,
            release: row.release.map(ReleaseId),
            user_email: row.user_email,
            created_at: row.created_at,
            finished_at: row.finished_at,
            phases: row.phases.0,
            record: row.record.0,
            sbom: row.sbom.as_deref().map(release::digest).transpose()?,
        })
    }
}

impl Store {
    /// A build begins; `commit` is the full commit id, or another version's name of up to 100 printable characters.
    pub async fn begin_build(&self, app: AppId, account: AccountId, commit: &str) -> Result<BuildId> {
        let id = BuildId::generate();
        let insert = "insert into builds (id, app_id, account_id, commit) values ($1, $2, $3, $4)";
        sqlx::query(insert).bind(id.0).bind(app.0).bind(account.0).bind(commit).execute(&self.pool).await?;
        Ok(id)
    }

    /// Keeps a piece of output, newlines included. What exceeds 4 MB is dropped, with a line that says so.
    pub async fn append_output(&self, build: BuildId, text: &str) -> Result<()> {
        let append = "with room as (update builds set output_bytes = output_bytes + octet_length($2) where id = $1 and output_bytes < $3 returning output_bytes)
                      insert into build_output (build_id, text)
                      select $1, case when output_bytes < $3 then $2 else E' !     The output is too long; what follows is not kept.\\n' end from room";
        // Postgres text has no NUL.
        let text = text.replace('\0', "\u{fffd}");
        sqlx::query(append).bind(build.0).bind(text).bind(MAX_OUTPUT_BYTES).execute(&self.pool).await?;
        Ok(())
    }

    /// Detection ended: this buildpack builds.
    pub async fn set_buildpack(&self, build: BuildId, buildpack: &str) -> Result<()> {
        let update = "update builds set buildpack = $2 where id = $1";
        sqlx::query(update).bind(build.0).bind(buildpack).execute(&self.pool).await?;
        Ok(())
    }

    /// How long its parts took.
    pub async fn set_phases(&self, build: BuildId, phases: &Phases) -> Result<()> {
        let update = "update builds set phases = $2 where id = $1";
        sqlx::query(update).bind(build.0).bind(Json(phases)).execute(&self.pool).await?;
        Ok(())
    }

    /// What its slug was made with and of, and the document that names the packages in it.
    pub async fn set_record(&self, build: BuildId, record: &Record, sbom: &str) -> Result<()> {
        let digest = Digest::of(sbom.as_bytes()).to_string();
        let insert = "insert into sboms (digest, document) values ($1, $2) on conflict (digest) do nothing";
        sqlx::query(insert).bind(&digest).bind(sbom).execute(&self.pool).await?;
        let update = "update builds set record = $2, sbom = $3 where id = $1";
        sqlx::query(update).bind(build.0).bind(Json(record)).bind(digest).execute(&self.pool).await?;
        Ok(())
    }

    /// The document that names the packages in a build's slug; `None` if there is no slug, or it was built before this was kept.
    pub async fn sbom(&self, build: BuildId) -> Result<Option<String>> {
        let select = "select s.document from builds b join sboms s on s.digest = b.sbom where b.id = $1";
        Ok(sqlx::query_scalar(select).bind(build.0).fetch_optional(&self.pool).await?)
    }

    /// The build ended, as `Succeeded` or `Failed`. The first word counts; a later one changes nothing.
    pub async fn finish_build(&self, build: BuildId, status: BuildStatus) -> Result<()> {
        let status = match status {
            BuildStatus::Pending => return Ok(()),
            BuildStatus::Succeeded => "succeeded",
            BuildStatus::Failed => "failed",
        };
        let update = "update builds set status = $2, finished_at = now() where id = $1 and status = 'pending'";
        sqlx::query(update).bind(build.0).bind(status).execute(&self.pool).await?;
        Ok(())
    }

    pub async fn build(&self, build: BuildId) -> Result<Option<Build>> {
        let row: Option<BuildRow> = sqlx::query_as(select_builds!("where b.id = $1")).bind(build.0).fetch_optional(&self.pool).await?;
        row.map(Build::try_from).transpose()
    }

    /// The app's builds, newest first, 1000 at most.
    pub async fn builds(&self, app: AppId) -> Result<Vec<Build>> {
        let select = select_builds!("where b.app_id = $1 order by b.id desc limit $2");
        let rows: Vec<BuildRow> = sqlx::query_as(select).bind(app.0).bind(HISTORY).fetch_all(&self.pool).await?;
        rows.into_iter().map(Build::try_from).collect()
    }

    /// All that was kept of the output so far.
    pub async fn output(&self, build: BuildId) -> Result<String> {
        let select = "select coalesce(string_agg(text, '' order by piece), '') from build_output where build_id = $1";
        Ok(sqlx::query_scalar(select).bind(build.0).fetch_one(&self.pool).await?)
    }

    /// How many builds of the app are at work or wait.
    pub async fn pending_builds(&self, app: AppId) -> Result<i64> {
        let select = "select count(*) from builds where app_id = $1 and status = 'pending'";
        Ok(sqlx::query_scalar(select).bind(app.0).fetch_one(&self.pool).await?)
    }

    /// Fails the builds that a dead process left pending, and says how many. A build runs under its app's lock, so where the lock is free
    /// nobody builds, but for `waiting` ones; one whose release is `built` is left to whoever activates or abandons that.
    pub async fn fail_pending_builds(&self, waiting: &[BuildId]) -> Result<u64> {
        let waiting: Vec<Uuid> = waiting.iter().map(|build| build.0).collect();
        let apps: Vec<Uuid> = sqlx::query_scalar("select distinct app_id from builds where status = 'pending'").fetch_all(&self.pool).await?;
        let mut failed = 0;
        for app in apps {
            let Some(_lock) = self.lock_app(AppId(app)).await? else { continue };
            let update = "update builds b set status = 'failed', finished_at = now() where app_id = $1 and status = 'pending' and id <> all($2)
                          and not exists (select from releases r where r.build_id = b.id and r.state = 'built')";
            failed += sqlx::query(update).bind(app).bind(&waiting).execute(&self.pool).await?.rows_affected();
        }
        Ok(failed)
    }
}

fn status(text: &str) -> Result<BuildStatus> {
    match text {
        "pending" => Ok(BuildStatus::Pending),
        "succeeded" => Ok(BuildStatus::Succeeded),
        "failed" => Ok(BuildStatus::Failed),
        _ => Err(StoreError::Unreadable(format!("the build status {text:?}"))),
    }
}
