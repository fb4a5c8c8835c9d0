//! Apps come and go.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    name,
};
use paas_model::{Account, App, AppName};

impl Deploy {
    /// A new app with its first, empty release; a name is made up when none is given.
    pub async fn create_app(&self, name: Option<AppName>, by: &Account) -> Result<App> {
        let name = name.unwrap_or_else(name::generate);
        let app = self.store.create_app(&name, by.id).await?;
        self.wait_until_published(self.store.routes_version().await?).await;
        Ok(app)
    }

    /// Removes an app, its releases and its builds, unless a push is at work on it. What its boots kept of its config goes, too.
    pub async fn destroy_app(&self, app: &App) -> Result<()> {
        let busy = || DeployError::Conflict(format!("A push to {} is running. Wait for its end, then try again.", app.name));
        let _lock = self.store.lock_app(app.id).await?.ok_or_else(busy)?;
        let releases = self.store.routes().await?.apps.into_iter().find(|routes| routes.id == app.id).map(|routes| routes.targets);
        self.store.delete_app(app.id).await?;
        if let Err(error) = self.builder.forget(app.id) {
            tracing::warn!(error = &error as &dyn std::error::Error, app.id = %app.id, "a deleted app's build cache stays");
        }
        self.wait_until_published(self.store.routes_version().await?).await;
        if let Err(error) = self.runtime.forget(app.id, releases.unwrap_or_default()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, app.id = %app.id, "a deleted app's snapshots and functions stay");
        }
        Ok(())
    }

    /// While on, visitors get the maintenance page.
    pub async fn set_maintenance(&self, app: &App, on: bool) -> Result<App> {
        let app = self.store.set_maintenance(app.id, on).await?;
        self.wait_until_published(self.store.routes_version().await?).await;
        Ok(app)
    }
}
