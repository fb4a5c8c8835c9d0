//! A change of limits makes a release of the same code and config.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    release::{Change, Wish},
};
use paas_model::{
    Account, App, Release, Settings,
    limits::{self, LimitPatch},
};
use paas_store::NewConfig;

impl Deploy {
    /// Applies the patch; returns when the new release answers. A patch that changes nothing makes no release.
    pub async fn set_limits(&self, app: &App, patch: &LimitPatch, by: &Account) -> Result<Release> {
        self.release(app, by, Change::Limits(patch)).await
    }

    pub(crate) async fn changed_limits(&self, app: &App, patch: &LimitPatch) -> Result<Option<Wish>> {
        let settings = self.current(app).await?.settings;
        let patched = settings.limits.patched(patch, self.store.caps()).map_err(|bad| DeployError::Refused(bad.to_string()))?;
        if patched == settings.limits {
            return Ok(None);
        }
        let (_, vars) = self.store.config_vars_of(app.id, app.current).await?;
        let settings = Settings { limits: patched, ..settings };
        let description = limits::describe(patch);
        Ok(Some(Wish { code_of: app.current, config: NewConfig::SameAs(app.current), vars, settings, description }))
    }
}
