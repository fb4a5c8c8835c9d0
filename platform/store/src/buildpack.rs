//! The buildpacks that an app's owner chose. They count at the next push; they are no part of a release.
use crate::{Store, StoreError, error::Result};
use paas_model::{AppId, BuildpackRef};

impl Store {
    /// In their order; none means that the source decides.
    pub async fn buildpacks(&self, app: AppId) -> Result<Vec<BuildpackRef>> {
        let names: Option<Vec<String>> =
            sqlx::query_scalar("select buildpacks from apps where id = $1").bind(app.0).fetch_optional(&self.pool).await?;
        let names = names.ok_or(StoreError::NoApp)?.into_iter();
        names.map(|name| BuildpackRef::try_from(name).map_err(|bad| StoreError::Unreadable(bad.to_string()))).collect()
    }

    pub async fn set_buildpacks(&self, app: AppId, buildpacks: &[BuildpackRef]) -> Result<()> {
        let names: Vec<&str> = buildpacks.iter().map(BuildpackRef::as_str).collect();
        let update = "update apps set buildpacks = $2, updated_at = now() where id = $1";
        match sqlx::query(update).bind(app.0).bind(names).execute(&self.pool).await?.rows_affected() {
            0 => Err(StoreError::NoApp),
            _ => Ok(()),
        }
    }
}
