//! From an archive to a release, the way a push goes.
use crate::{announce, api::Api, error::Result};
use paas_deploy::{DeployError, Form, NO_REFERENCE, Source, Waiting};
use paas_model::{Account, App, Release};
use paas_receiver::{Archive, CheckoutError};
use std::path::Path;

/// A build of the archive, which begins as soon as no other one of the app is at work.
pub async fn queue(api: &Api, app: &App, by: &Account, archive: &Archive, version: Option<String>, form: Form) -> Result<Waiting> {
    let commit = version.unwrap_or_else(|| archive.digest.to_string());
    Ok(api.deploy.queue(app, by, Source { commit, reference: NO_REFERENCE.into(), form }).await?)
}

/// Returns when the new release answers; the build goes on whether or not somebody waits for this.
pub async fn run(api: Api, app: App, by: Account, archive: Archive, waiting: Waiting) -> std::result::Result<Option<Release>, DeployError> {
    let work = async move {
        announce::text(&api, app.id, format!("Build started by {}", by.email));
        let checkout = async |into: &Path| archive.checkout(into).await.map(drop).map_err(words);
        let released = waiting.run(checkout).await;
        let ending = if released.is_ok() { "succeeded" } else { "failed. `paas builds:output` shows why" };
        announce::text(&api, app.id, format!("Build {ending}"));
        if let Ok(Some(release)) = &released {
            announce::release(&api, release);
        }
        released
    };
    tokio::spawn(work).await.unwrap_or_else(|error| Err(DeployError::Fault(format!("a build's task ended early: {error}"))))
}

/// Words for the sender; a fault is logged here, since it goes on as text.
pub fn words(error: CheckoutError) -> String {
    match error {
        CheckoutError::Refused(text) => text,
        fault => {
            tracing::error!(error = &fault as &dyn std::error::Error, "a source could not be checked out");
            "The source could not be written down. This is a fault of the platform: try again in a moment.".into()
        }
    }
}
