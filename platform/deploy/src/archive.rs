//! What no git push brings: an archive of source to build, or a slug built elsewhere. It waits its turn, then goes the way of a push.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
    output::Recording,
    push::{Pushing, Source, tell},
};
use paas_model::{Account, App, BuildId, BuildStatus, Release, output::Output};
use std::path::Path;

/// Builds of one app that may be at work or wait; who sends more waits for these to end.
const PENDING: i64 = 5;

/// A build that has not begun to work: another one of the app may go first. `run` must be called.
pub struct Waiting {
    deploy: Deploy,
    app: App,
    by: Account,
    source: Source,
    output: Output,
    build: BuildId,
    recording: Recording,
}

impl Deploy {
    /// A build to be, whose output can be followed at once.
    pub async fn queue(&self, app: &App, by: &Account, source: Source) -> Result<Waiting> {
        if self.store.pending_builds(app.id).await? >= PENDING {
            let text = format!(
                "{PENDING} builds of {} are at work or wait already. Send this one when they have ended: `paas builds` shows them.",
                app.name
            );
            return Err(DeployError::Conflict(text));
        }
        let nobody = Output::new(|_: &str| {});
        let (build, recording, output) = self.begin_build(app, by, &source, &nobody).await?;
        Ok(Waiting { deploy: self.clone(), app: app.clone(), by: by.clone(), source, output, build, recording })
    }
}

impl Waiting {
    pub fn build(&self) -> BuildId {
        self.build
    }

    /// Returns when the new release answers. An error has been told in the build's output.
    ///
    /// `checkout` writes the archive's files into the folder it is given.
    pub async fn run(self, checkout: impl AsyncFnOnce(&Path) -> Result<(), String>) -> Result<Option<Release>> {
        let Self { deploy, app, by, source, output, build, recording } = self;
        let lock = deploy.running.cancellable(build, deploy.wait_for_lock(&app, &output)).await;
        let lock = match lock {
            Ok(lock) => lock,
            Err(error) => {
                tell(&error, &app, &output);
                deploy.close_build(build, recording, BuildStatus::Failed).await;
                return Err(error);
            }
        };
        let mut pushing = Pushing { deploy, app, by, output, build: Some((build, recording)), built: None, _lock: lock };
        let worked = pushing.work(build, &source, checkout).await;
        // There is no ref that could have stayed behind.
        let ended = pushing.end(true).await;
        worked.and(ended)
    }
}
