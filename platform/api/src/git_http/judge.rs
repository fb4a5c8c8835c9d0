//! Decides about a push by deploying it. Lives as long as the push, whether or not its client does.
use crate::{announce, api::Api, archive::words};
use async_trait::async_trait;
use paas_deploy::{DeployError, Form, Pushing, Source};
use paas_model::{
    Account, App, Release,
    output::{Lines, Output},
};
use paas_receiver::{Deploying, Judge, Push, ReceiverError, Rejected};
use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};
use tokio::sync::Mutex;
use uuid::Uuid;

/// The judge of one push.
pub struct PushJudge {
    api: Api,
    app: App,
    by: Account,
    /// From `pre_receive` to `ended`; holds the app's lock. Empty for a push that deploys nothing.
    work: Mutex<Option<Work>>,
}

struct Work {
    pushing: Pushing,
    source: Source,
    relay: Arc<Relay>,
}

impl PushJudge {
    pub fn new(api: Api, app: App, by: Account) -> Self {
        Self { api, app, by, work: Mutex::default() }
    }

    /// Waits for the app's lock. Until then another push may have moved the ref.
    async fn begin(&self, deploying: &Deploying, output: Output) -> Result<Work, Rejected> {
        let relay = Arc::new(Relay(RwLock::new(output)));
        let output = Output::new({
            let relay = relay.clone();
            move |text: &str| relay.line(text)
        });
        let pushing = self.api.deploy.begin_push(&self.app, &self.by, &output).await.map_err(|error| self.untold(&error))?;
        let source = Source { commit: deploying.commit.clone(), reference: deploying.reference.clone(), form: Form::Code(Vec::new()) };
        Ok(Work { pushing, source, relay })
    }

    async fn build(&self, work: &mut Work, push: &Push, deploying: &Deploying) -> Result<(), Rejected> {
        push.check_current().await?;
        self.announce(format!("Build started by {}", self.by.email));
        let checkout = async |into: &Path| deploying.checkout(into).await.map(drop).map_err(words);
        let built = work.pushing.build(&work.source, checkout).await;
        self.announce(format!("Build {}", if built.is_ok() { "succeeded" } else { "failed. `paas builds:output` shows why" }));
        built.map_err(|_| Rejected(String::new())) // the pusher has been told
    }

    /// A refusal that nobody has told or logged yet.
    fn untold(&self, error: &DeployError) -> Rejected {
        if !matches!(error, DeployError::Refused(_) | DeployError::Conflict(_) | DeployError::NotFound(_)) {
            tracing::error!(error = error as &dyn std::error::Error, app.name = %self.app.name, "a push could not begin");
        }
        Rejected(error.public())
    }

    async fn has_moved(&self, source: &Source) -> Result<bool, ReceiverError> {
        let now = self.api.receiver.reference(self.app.id, &source.reference).await?;
        Ok(now.as_ref() == Some(&source.commit))
    }

    fn released(&self, release: Option<Release>) {
        if let Some(release) = release {
            announce::release(&self.api, &release);
        }
    }

    fn announce(&self, text: String) {
        announce::text(&self.api, self.app.id, text);
    }
}

#[async_trait]
impl Judge for PushJudge {
    async fn pre_receive(&self, push: Push, output: Output) -> Result<(), Rejected> {
        let Some(deploying) = &push.deploying else { return Ok(()) };
        let mut kept = self.work.lock().await;
        let work = kept.insert(self.begin(deploying, output).await?);
        self.build(work, &push, deploying).await
    }

    async fn post_receive(&self, _: Uuid, output: Output) {
        let mut kept = self.work.lock().await;
        let Some(work) = kept.as_mut() else { return };
        work.relay.turn_to(output.clone());
        // An error has been told to the pusher and logged.
        if let Ok(release) = work.pushing.activate().await {
            output.line("Verifying deploy... done.");
            self.released(release);
        }
    }

    async fn ended(&self, push: Uuid) {
        let Some(work) = self.work.lock().await.take() else { return };
        let moved = match self.has_moved(&work.source).await {
            Ok(moved) => moved,
            Err(error) => {
                // Not ended: were it given up, a ref that did move would show code that never ran. The next start looks again.
                return tracing::error!(error = &error as &dyn std::error::Error, push.id = %push, "a ref could not be read; its release waits for the next start");
            }
        };
        match work.pushing.end(moved).await {
            Ok(release) => self.released(release),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, push.id = %push, "a push could not be ended"),
        }
    }
}

/// Where a push's lines go now: git runs one hook before the ref moves and another one after.
struct Relay(RwLock<Output>);

impl Relay {
    fn turn_to(&self, output: Output) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = output;
    }
}

impl Lines for Relay {
    fn line(&self, text: &str) {
        self.0.read().unwrap_or_else(PoisonError::into_inner).line(text);
    }
}
