//! A config change makes a release of the same code.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    release::{Change, Wish},
};
use paas_model::{Account, App, ConfigPatch, Release, config};
use paas_store::NewConfig;

impl Deploy {
    /// Applies the patch; returns when the new release answers. A patch that changes nothing makes no release.
    pub async fn set_config(&self, app: &App, patch: &ConfigPatch, by: &Account) -> Result<Release> {
        self.release(app, by, Change::Config(patch)).await
    }

    pub(crate) async fn changed_config(&self, app: &App, patch: &ConfigPatch) -> Result<Option<Wish>> {
        let (_, vars) = self.store.config_vars(app.id).await?;
        let patched = vars.patched(patch).map_err(|bad| DeployError::Refused(bad.to_string()))?;
        if patched == vars {
            return Ok(None);
        }
        let (settings, description) = (self.current(app).await?.settings, config::describe(patch));
        Ok(Some(Wish { code_of: app.current, config: NewConfig::Vars(patched.clone()), vars: patched, settings, description }))
    }
}
