//! A push as its judge sees it.
use crate::{
    ReceiverError,
    checkout::{self, CheckoutError, CheckoutLimits, CheckoutStats},
    repository::Objects,
    rules,
};
use async_trait::async_trait;
use paas_model::{AppId, output::Output};
use std::path::Path;
use uuid::Uuid;

/// Decides about one push. The calls for a push never overlap and come in this order, each at most once.
#[async_trait]
pub trait Judge: Send + Sync {
    /// The pushed objects are in quarantine and no ref has moved. What the receiver itself refuses (shallow pushes, deletion of
    /// `main`, foreign refs) never comes here.
    async fn pre_receive(&self, push: Push, output: Output) -> Result<(), Rejected>;
    /// The refs have moved.
    async fn post_receive(&self, push: Uuid, output: Output);
    /// git has exited, however it went: the last chance to finish or to undo. Called exactly once for every
    /// [`crate::Receiver::receive_pack`] that returned `Ok`, also when the other two were never called.
    async fn ended(&self, push: Uuid);
}

/// Why a push is refused, as printed to the developer after ` !     `; nothing is printed when it is empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Rejected(pub String);

/// One ref that a push creates, moves or deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Full object id; `None` if the ref is new.
    pub old: Option<String>,
    /// Full object id; `None` if the ref is deleted.
    pub new: Option<String>,
    /// `refs/heads/…` or `refs/tags/…`
    pub name: String,
}

/// All that one `git push` wants to change.
#[derive(Clone, Debug)]
pub struct Push {
    pub id: Uuid,
    pub app: AppId,
    /// The update that deploys: of `main` or `master`, if there is one.
    pub deploying: Option<Deploying>,
    pub updates: Vec<Update>,
    /// Values of `git push -o …`.
    pub options: Vec<String>,
    pub(crate) objects: Objects,
}

impl Push {
    /// Refuses if a ref has moved since the client looked. The receiver asks before the judge; a judge that waits for another push
    /// asks again after the wait, so that it doesn't build what git will refuse.
    pub async fn check_current(&self) -> Result<(), Rejected> {
        let (objects, updates) = (self.objects.clone(), self.updates.clone());
        let checked = tokio::task::spawn_blocking(move || rules::check_current(&objects, &updates)).await;
        match checked.map_err(ReceiverError::from) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refusal)) => Err(refusal.into_rejected()),
            Err(fault) => Err(rules::Refusal::Fault(fault).into_rejected()),
        }
    }
}

/// The commit that a push wants to deploy.
#[derive(Clone, Debug)]
pub struct Deploying {
    /// `refs/heads/main` or `refs/heads/master`
    pub reference: String,
    /// Full object id.
    pub commit: String,
    /// What the ref pointed at; `None` if it is new.
    pub old: Option<String>,
    pub(crate) objects: Objects,
}

impl Deploying {
    /// Writes the commit's files into `into`, which is made if missing and has to be empty. Nothing is ever written outside of it.
    /// A refusal may come in the middle: the folder's content is then worthless.
    pub async fn checkout(&self, into: &Path) -> Result<CheckoutStats, CheckoutError> {
        self.checkout_within(into, CheckoutLimits::default()).await
    }

    /// [`Self::checkout`] with limits of the caller's own.
    pub async fn checkout_within(&self, into: &Path, limits: CheckoutLimits) -> Result<CheckoutStats, CheckoutError> {
        let (objects, commit, into) = (self.objects.clone(), self.commit.clone(), into.to_path_buf());
        tokio::task::spawn_blocking(move || checkout::checkout(&objects, &commit, &into, &limits))
            .await
            .map_err(|error| CheckoutError::Fault(error.into()))?
    }
}
