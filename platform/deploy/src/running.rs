//! The builds that run on this node: how many at a time, and how one of them is ended from outside.
use crate::{
    deploy::Deploy,
    error::{DeployError, Result},
};
use paas_model::{Account, BuildId, output::Output};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Shared by all clones of [`Deploy`].
#[derive(Clone)]
pub(crate) struct Running {
    places: Arc<Semaphore>,
    most: usize,
    waiting: Arc<AtomicUsize>,
    cancels: Arc<Mutex<HashMap<BuildId, oneshot::Sender<String>>>>,
}

impl Running {
    pub fn new(most: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(most)), most, waiting: Arc::default(), cancels: Arc::default() }
    }

    /// Waits for a place among the builds at work, and says so.
    pub async fn place(&self, output: &Output) -> OwnedSemaphorePermit {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return place;
        }
        let before = Waiting::new(&self.waiting);
        let Self { most, .. } = self;
        output.step(format!("Waiting for a place: {most} builds run at a time on this node, and {} wait before this one...", before.0));
        self.places.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Does the work of a build, unless somebody ends it first.
    pub async fn cancellable<T>(&self, build: BuildId, work: impl Future<Output = Result<T>>) -> Result<T> {
        let (cancel, mut cancelled) = oneshot::channel();
        self.cancels().insert(build, cancel);
        let _registered = Registered { running: self, build };
        tokio::select! {
            done = work => done,
            Ok(by) = &mut cancelled => Err(DeployError::Refused(format!("The build was cancelled by {by}."))),
        }
    }

    fn cancels(&self) -> MutexGuard<'_, HashMap<BuildId, oneshot::Sender<String>>> {
        self.cancels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deploy {
    /// Ends a build that runs on this node; whether there was one.
    pub fn cancel_build(&self, build: BuildId, by: &Account) -> bool {
        let cancel = self.running.cancels().remove(&build);
        cancel.is_some_and(|cancel| cancel.send(by.email.clone()).is_ok())
    }
}

struct Registered<'a> {
    running: &'a Running,
    build: BuildId,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.running.cancels().remove(&self.build);
    }
}

/// Counts who waits, also when one gives up; holds how many waited before.
struct Waiting<'a>(usize, &'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Self(count.fetch_add(1, Relaxed), count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Relaxed);
    }
}
