//! What every way to a new release shares: prepare it first, then number it, then wait until it answers.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
};
use paas_model::{
    App, ConfigPatch, ConfigVars, Digest, Release, ReleaseId, ReleaseVersion, Settings, Target, egress::EgressPatch, limits::LimitPatch,
};
use paas_store::{NewConfig, NewRelease, StoreError};
use std::sync::Arc;

/// Another change of the same app may come first; after this many the caller is told to try again.
const TRIES: usize = 10;

/// A release about to be made of code that exists.
pub struct Wish {
    /// The release whose code it takes.
    pub code_of: ReleaseVersion,
    pub config: NewConfig,
    /// `config`, opened: what the release boots with.
    pub vars: ConfigVars,
    pub settings: Settings,
    pub description: String,
}

/// What is asked for; it becomes a [`Wish`] when it meets the app as it is.
#[derive(Clone, Copy)]
pub enum Change<'a> {
    Config(&'a ConfigPatch),
    Limits(&'a LimitPatch),
    Egress(&'a EgressPatch),
    /// To a release, or to the one before the current one.
    Rollback(Option<ReleaseVersion>),
}

impl Deploy {
    /// Makes the release that `change` means for the app as it is at each try, or returns its current one when there is nothing to do.
    pub(crate) async fn release(&self, app: &App, by: &paas_model::Account, change: Change<'_>) -> Result<Release> {
        let id = ReleaseId::generate();
        for _ in 0..TRIES {
            let gone = || DeployError::NotFound(format!("App {} does not exist any more.", app.name));
            let now = self.store.app_by_id(app.id).await?.ok_or_else(gone)?;
            let Some(wish) = self.wish(&now, change).await? else { return self.current(&now).await };
            self.prepare_existing(&now, id, &wish).await?;
            let Wish { code_of, config, settings, description, .. } = wish;
            let new = NewRelease { id, app: app.id, code_of, config, settings, description, account: by.id, expected: now.current };
            match self.store.release_with(&new).await {
                Ok(activated) => {
                    self.wait_until_published(activated.routes_version).await;
                    return Ok(activated.release);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeployError::Conflict(format!("{} is being changed by others all the time. Try again.", app.name)))
    }

    async fn wish(&self, app: &App, change: Change<'_>) -> Result<Option<Wish>> {
        match change {
            Change::Config(patch) => self.changed_config(app, patch).await,
            Change::Limits(patch) => self.changed_limits(app, patch).await,
            Change::Egress(patch) => self.changed_egress(app, patch).await,
            Change::Rollback(to) => self.way_back(app, to).await.map(Some),
        }
    }

    /// The release that answers now.
    pub(crate) async fn current(&self, app: &App) -> Result<Release> {
        let lost = || DeployError::Fault(format!("the current release {} of {} is missing", app.current, app.name));
        self.store.release(app.id, app.current).await?.ok_or_else(lost)
    }

    async fn prepare_existing(&self, app: &App, id: ReleaseId, wish: &Wish) -> Result<()> {
        let missing = || DeployError::NotFound(format!("{} has no release {}.", app.name, wish.code_of));
        let code = self.store.release(app.id, wish.code_of).await?.ok_or_else(missing)?;
        match code.slug {
            Some(slug) => self.prepare(app, id, slug, &wish.vars, &wish.settings, code.commit.as_deref()).await,
            None => Ok(()),
        }
    }

    /// Boots the app's next release, so that the first request finds it ready; a boot that fails is the developer's to mend.
    pub(crate) async fn prepare(
        &self,
        app: &App,
        release: ReleaseId,
        slug: Digest,
        vars: &ConfigVars,
        settings: &Settings,
        commit: Option<&str>,
    ) -> Result<()> {
        let target = self.target(app, release, slug, vars, settings, commit).await?;
        // What there is to say of a boot, the app's log says, too.
        self.runtime.prepare(&target).await?;
        Ok(())
    }

    /// What would run as the app's next release.
    pub(crate) async fn target(
        &self,
        app: &App,
        release: ReleaseId,
        slug: Digest,
        vars: &ConfigVars,
        settings: &Settings,
        commit: Option<&str>,
    ) -> Result<Target> {
        let lost = || DeployError::Fault(format!("slug {slug} of {} is missing", app.name));
        let manifest = Arc::new(self.store.slug(slug).await?.ok_or_else(lost)?);
        let version = app.current.next();
        let env = Arc::new(Target::environment(vars, &app.name, version, commit));
        let limits = settings.limits.resolve(self.store.caps());
        let egress = settings.egress.clone();
        Ok(Target { app: app.id, app_name: app.name.clone(), release, version, slug, manifest, env, limits, egress })
    }
}
