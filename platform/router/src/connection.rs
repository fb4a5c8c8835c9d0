//! What holds for a whole connection: how many requests it carries, when it has idled too long, and when it is cut off.
use crate::wire::Wire;
use hyper::{Request, Response, body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use paas_runtime::Body;
use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, interval_at},
};
use tokio_util::sync::CancellationToken;

/// How long a visitor may take, and how much may come over one connection.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the whole head of a request. A connection without requests is closed after it, too.
    pub head: Duration,
    /// Between two pieces of a request's body that come, or of an answer that are taken (H28).
    pub transfer: Duration,
    /// A connection that has carried this many is closed, so that none lives for ever.
    pub requests: u64,
    /// A visitor who left this many requests of one connection before their answers, and more than were answered, is cut off (rapid reset).
    pub abandoned: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), transfer: Duration::from_secs(55), requests: 10_000, abandoned: 100 }
    }
}

/// What its requests know of each other.
#[derive(Default)]
pub struct Connection {
    begun: AtomicU64,
    answered: AtomicU64,
    abandoned: AtomicU64,
    stalled: AtomicBool,
    broken: AtomicBool,
    retired: Notify,
    cut_off: Notify,
}

impl Connection {
    /// A request has come. It lasts until the returned is dropped.
    pub fn begin(self: &Arc<Self>, patience: &Patience) -> Exchange {
        let last = self.begun.fetch_add(1, Relaxed) + 1 >= patience.requests;
        if last {
            self.retired.notify_one();
        }
        Exchange { connection: self.clone(), last, abandoned_limit: patience.abandoned, abandoned: false }
    }
    /// The other side took nothing for too long.
    pub fn stalls(&self) {
        self.stalled.store(true, Relaxed);
    }
    pub fn is_stalled(&self) -> bool {
        self.stalled.load(Relaxed)
    }
    /// Its last answer broke off, which must show.
    pub fn breaks(&self) {
        self.broken.store(true, Relaxed);
    }
    pub fn is_broken(&self) -> bool {
        self.broken.load(Relaxed)
    }
    /// Requests begun, and whether none is at work.
    fn work(&self) -> (u64, bool) {
        let begun = self.begun.load(Relaxed);
        (begun, begun == self.answered.load(Relaxed) + self.abandoned.load(Relaxed))
    }
}

/// One request on its connection.
pub struct Exchange {
    pub connection: Arc<Connection>,
    /// The connection takes no further one.
    pub last: bool,
    abandoned_limit: u64,
    /// Its visitor left before the answer began.
    pub abandoned: bool,
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let connection = &self.connection;
        if !self.abandoned {
            connection.answered.fetch_add(1, Relaxed);
            return;
        }
        let abandoned = connection.abandoned.fetch_add(1, Relaxed) + 1;
        if abandoned >= self.abandoned_limit && abandoned > connection.answered.load(Relaxed) {
            connection.cut_off.notify_one();
        }
    }
}

/// Runs a connection to its end. `stopping` and a long life let its requests finish and take no new ones.
pub async fn run<S>(
    served: auto::Connection<'static, TokioIo<Wire>, S, TokioExecutor>,
    connection: Arc<Connection>,
    patience: Patience,
    stopping: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = Response<Body>, Error = Infallible> + 'static,
    S::Future: Send + 'static,
{
    let mut served = pin!(served);
    let mut ticks = interval_at(Instant::now() + patience.head, patience.head);
    let (mut begun_before, mut told) = (0, false);
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error = %error, "a connection ended early");
                }
                return;
            }
            () = connection.cut_off.notified() => {
                tracing::debug!("a visitor left too many requests; the connection is cut off");
                return;
            }
            () = stopping.cancelled(), if !told => told = true,
            () = connection.retired.notified(), if !told => told = true,
            _ = ticks.tick() => {
                let (begun, resting) = connection.work();
                let idle = resting && begun == begun_before;
                begun_before = begun;
                match (idle, told) {
                    (false, _) => continue,
                    (true, true) => return,
                    (true, false) => told = true,
                }
            }
        }
        served.as_mut().graceful_shutdown();
    }
}
