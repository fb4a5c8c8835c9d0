//! The threads that connections live on, one for each core.
//!
//! A connection stays on the thread it was given to, and its requests are answered there: none of them has to wake another thread. A guest that computes steps
//! aside every few milliseconds, so those who share a thread wait for each other no longer than that.
use std::{
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread::{self, available_parallelism},
};
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// They end when this is dropped, whatever still runs on them.
pub(crate) struct Threads {
    all: Vec<Thread>,
    _end: DropGuard,
}

struct Thread {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
}

/// Counts a connection as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Threads {
    pub fn start() -> io::Result<Self> {
        let end = CancellationToken::new();
        let count = available_parallelism().map_or(1, usize::from);
        let all = (0..count).map(|number| Thread::start(number, end.clone())).collect::<io::Result<_>>()?;
        Ok(Self { all, _end: end.drop_guard() })
    }

    /// Runs a connection on the thread that has the fewest.
    pub fn spawn(&self, connection: impl Future<Output = ()> + Send + 'static) {
        let Some(thread) = self.all.iter().min_by_key(|thread| thread.connections.load(Relaxed)) else { return };
        thread.connections.fetch_add(1, Relaxed);
        let counted = Counted(thread.connections.clone());
        thread.runtime.spawn(async move {
            let _counted = counted;
            connection.await;
        });
    }
}

impl Thread {
    fn start(number: usize, end: CancellationToken) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new().name(format!("visitors-{number}")).spawn(move || runtime.block_on(end.cancelled()))?;
        Ok(Self { runtime: handle, connections: Arc::default() })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::{mpsc, oneshot};

    #[tokio::test]
    async fn each_thread_gets_its_share_and_a_place_that_was_left_is_taken_first() {
        let threads = Threads::start().unwrap();
        let cores = threads.all.len();
        let (here, mut seen) = mpsc::unbounded_channel();
        let connect = || {
            let (leave, left) = oneshot::channel::<()>();
            let here = here.clone();
            threads.spawn(async move {
                here.send(thread::current().id()).unwrap();
                let _left = left.await;
            });
            leave
        };
        let mut connections: Vec<_> = (0..2 * cores).map(|_| connect()).collect();
        let mut where_they_are = Vec::new();
        for _ in 0..2 * cores {
            where_they_are.push(seen.recv().await.unwrap());
        }
        assert!(where_they_are.iter().all(|thread| where_they_are.iter().filter(|other| *other == thread).count() == 2), "{where_they_are:?}");
        drop(connections.remove(0));
        while threads.all[0].connections.load(Relaxed) > 1 {
            tokio::task::yield_now().await;
        }
        connections.push(connect());
        assert!(threads.all.iter().all(|thread| thread.connections.load(Relaxed) == 2));
    }
}
