//! After a crash: every release is either numbered or given up, by what its ref says.
use crate::{deploy::Deploy, error::Result};
use paas_model::AppId;
use paas_store::BuiltRelease;

impl Deploy {
    /// Activates what a dead process left `built` where the ref has moved to it, abandons the rest, and fails the builds that
    /// nobody runs any more. `reference` reads an app's ref. Pushes at work are left alone.
    pub async fn recover<F, R>(&self, reference: F) -> Result<()>
    where
        F: Fn(AppId, String) -> R,
        R: Future<Output = Result<Option<String>, String>>,
    {
        for built in self.store.built_releases().await? {
            let Some(_lock) = self.store.lock_app(built.app).await? else { continue };
            match reference(built.app, built.reference.clone()).await {
                Ok(commit) => self.settle(&built, commit.as_deref() == Some(&built.commit)).await?,
                Err(error) => tracing::error!(error, app.id = %built.app, "a ref could not be read; its built release stays as it is"),
            }
        }
        let failed = self.store.fail_pending_builds(&self.outputs.builds()).await?;
        if failed > 0 {
            tracing::info!(failed, "builds of an earlier process are marked failed");
        }
        Ok(())
    }

    async fn settle(&self, built: &BuiltRelease, moved: bool) -> Result<()> {
        if !moved {
            tracing::info!(app.id = %built.app, commit = built.commit, "a built release is abandoned: its ref did not move");
            return Ok(self.store.abandon(built.release).await?);
        }
        match self.activate(built.app, built.release).await {
            Ok(release) => tracing::info!(app.id = %built.app, release.version = ?release.version, "a built release is activated: its ref had moved"),
            Err(error) if error.is_final() => {
                tracing::warn!(error = &error as &dyn std::error::Error, app.id = %built.app, "a built release cannot be activated; it is abandoned");
                self.store.abandon(built.release).await?;
            }
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, app.id = %built.app, "a built release cannot be activated yet"),
        }
        Ok(())
    }
}
