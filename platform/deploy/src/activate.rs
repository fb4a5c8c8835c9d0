//! From a built release to the one that answers.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
};
use paas_model::{AppId, Release, ReleaseId};
use paas_store::StoreError;

/// Config changes may come first while a release is booted; after this many the push is left to the recovery.
const TRIES: usize = 10;

impl Deploy {
    /// Numbers a built release; boots it anew when the app's config or number changed since it was checked.
    pub(crate) async fn activate(&self, app: AppId, built: ReleaseId) -> Result<Release> {
        let gone = || DeployError::NotFound("The app does not exist any more.".into());
        let lost = || DeployError::Fault(format!("built release {built} is missing"));
        for _ in 0..TRIES {
            let now = self.store.app_by_id(app).await?.ok_or_else(gone)?;
            let vars = self.store.config_vars_to_be(app, built).await?;
            let release = self.store.release_by_id(built).await?.ok_or_else(lost)?;
            if let Some(slug) = release.slug {
                let settings = self.current(&now).await?.settings;
                self.prepare(&now, built, slug, &vars, &settings, release.commit.as_deref()).await?;
            }
            match self.store.activate(built, now.current).await {
                Ok(activated) => {
                    self.wait_until_published(activated.routes_version).await;
                    return Ok(activated.release);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(DeployError::Conflict("The app is being changed by others all the time.".into()))
    }
}
