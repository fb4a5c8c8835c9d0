//! How many requests of one app run at once; a few more may wait, further ones are turned away (H11).
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub struct Gate {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    size: Size,
}

/// How many may run, and how many more may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub run: usize,
    pub wait: usize,
}

/// The right to run, given back when dropped.
pub type Pass = OwnedSemaphorePermit;

impl Gate {
    pub fn new(size: Size) -> Self {
        Self { running: Arc::new(Semaphore::new(size.run)), waiting: AtomicUsize::new(0), size }
    }

    pub fn size(&self) -> Size {
        self.size
    }

    /// `None` when too many wait already.
    pub async fn enter(&self) -> Option<Pass> {
        if let Ok(pass) = self.running.clone().try_acquire_owned() {
            return Some(pass);
        }
        let _place = self.queue()?;
        self.running.clone().acquire_owned().await.ok()
    }

    fn queue(&self) -> Option<Place<'_>> {
        let place = Place(&self.waiting);
        (self.waiting.fetch_add(1, Ordering::Relaxed) < self.size.wait).then_some(place)
    }
}

/// A place in the queue, left also when the visitor goes away.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, poll};

    #[tokio::test]
    async fn one_runs_one_waits_and_the_third_is_turned_away() {
        let gate = Gate::new(Size { run: 1, wait: 1 });
        let first = gate.enter().await.unwrap();
        let mut second = Box::pin(gate.enter());
        assert!(poll!(&mut second).is_pending());
        assert!(gate.enter().now_or_never().flatten().is_none());
        drop(first);
        let second = second.await;
        assert!(second.is_some());
        let mut fourth = Box::pin(gate.enter());
        assert!(poll!(&mut fourth).is_pending(), "the turned-away one has left its place");
    }

    #[tokio::test]
    async fn a_visitor_who_leaves_gives_up_the_place() {
        let gate = Gate::new(Size { run: 1, wait: 1 });
        let _running = gate.enter().await.unwrap();
        for _ in 0..3 {
            let mut waiting = Box::pin(gate.enter());
            assert!(poll!(&mut waiting).is_pending());
        }
    }
}
