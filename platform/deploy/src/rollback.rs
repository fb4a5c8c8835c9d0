//! A rollback makes a new release of an earlier one's code, config and settings. It never rebuilds.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    release::{Change, Wish},
};
use paas_model::{Account, App, Release, ReleaseState, ReleaseVersion};
use paas_store::NewConfig;

impl Deploy {
    /// Goes back to release `to`, or to the one before the current one; returns when it answers.
    pub async fn rollback(&self, app: &App, to: Option<ReleaseVersion>, by: &Account) -> Result<Release> {
        self.release(app, by, Change::Rollback(to)).await
    }

    pub(crate) async fn way_back(&self, app: &App, to: Option<ReleaseVersion>) -> Result<Wish> {
        let old = self.eligible(app, to).await?;
        let to = old.version.ok_or_else(|| DeployError::Fault(format!("release {} of {} has no number", old.id, app.name)))?;
        let (_, vars) = self.store.config_vars_of(app.id, to).await?;
        Ok(Wish { code_of: to, config: NewConfig::SameAs(to), vars, settings: old.settings, description: format!("Rollback to {to}") })
    }

    async fn eligible(&self, app: &App, to: Option<ReleaseVersion>) -> Result<Release> {
        let Some(to) = to else {
            let found = self.store.releases(app.id).await?.into_iter().find(can_go_back_to);
            return found.ok_or_else(|| DeployError::Refused("No eligible release found for app to roll back to.".into()));
        };
        let missing = || DeployError::NotFound(format!("{} has no release {to}. `paas releases -a {}` lists them.", app.name, app.name));
        let release = self.store.release(app.id, to).await?.ok_or_else(missing)?;
        match can_go_back_to(&release) {
            true => Ok(release),
            false if release.current => Err(DeployError::Refused(format!("{to} is the current release already."))),
            false => Err(DeployError::Refused(format!("{to} has no code to go back to. Choose a later release."))),
        }
    }
}

/// Whether a rollback may choose it: it ran, it has code, and it is not what runs now.
fn can_go_back_to(release: &Release) -> bool {
    release.state == ReleaseState::Succeeded && release.slug.is_some() && !release.current
}
