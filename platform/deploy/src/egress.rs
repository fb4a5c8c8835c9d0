//! A change of the hosts that an app may call makes a release of the same code and config.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    release::{Change, Wish},
};
use paas_model::{
    Account, App, Release,
    egress::{self, EgressPatch},
};
use paas_store::NewConfig;

impl Deploy {
    /// Applies the patch; returns when the new release answers. A patch that changes nothing makes no release.
    pub async fn set_egress(&self, app: &App, patch: &EgressPatch, by: &Account) -> Result<Release> {
        self.release(app, by, Change::Egress(patch)).await
    }

    pub(crate) async fn changed_egress(&self, app: &App, patch: &EgressPatch) -> Result<Option<Wish>> {
        let current = self.current(app).await?.settings;
        let settings = current.clone().allowing(patch).map_err(|bad| DeployError::Refused(bad.to_string()))?;
        if settings == current {
            return Ok(None);
        }
        let (_, vars) = self.store.config_vars_of(app.id, app.current).await?;
        let description = egress::describe(patch);
        Ok(Some(Wish { code_of: app.current, config: NewConfig::SameAs(app.current), vars, settings, description }))
    }
}
