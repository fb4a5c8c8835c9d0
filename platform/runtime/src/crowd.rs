//! Instances of WASI 0.3 services that have several requests inside at the same time, because their app chose so (`reuse-concurrent`).
//!
//! Each is run by a task of its own, which lets requests in through a door. Who waits for an answer holds a ticket instead of running the guest.
//! An instance lets nobody in any more after its share of requests, at its age, after an error or a refused limit, and when a visitor left before the
//! end; those inside finish. A trap, or a guest that computes when its request is out of time, ends it with all that are inside.
mod inside;
mod run;
mod ticket;

pub(crate) use inside::{Ended, Inside};

use crate::{
    Body, Failure,
    guest::{Head, Run},
    instance::{self, Record, State},
};
use http::{Request, Response};
use paas_model::limits::Limits;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use ticket::{Member, Ticket};
use tokio::sync::{Semaphore, mpsc, oneshot};
use wasmtime::Store;
use wasmtime_wasi_http::p3::bindings::ServicePre;

/// The instances of a release that let requests in.
pub(crate) struct Crowd {
    /// Requests at a time in one instance.
    most: usize,
    life: Life,
    open: Mutex<Vec<Open>>,
}

/// How long an instance lets requests in.
#[derive(Clone)]
struct Life {
    requests: u64,
    age: Duration,
    /// Places of the node for instances that wait for another request.
    node: Arc<Semaphore>,
}

struct Open {
    door: mpsc::UnboundedSender<Entering>,
    inside: Arc<Inside>,
    /// Requests that it may still take.
    left: u64,
    born: Instant,
}

/// A request at the door.
struct Entering {
    request: Request<Body>,
    answer: oneshot::Sender<Result<Response<Body>, Failure>>,
    member: Arc<Member>,
}

impl Crowd {
    /// `None` for an app that wants one request at a time, which is the default.
    pub(crate) fn new(limits: &Limits, node: &Arc<Semaphore>) -> Option<Self> {
        let most = usize::try_from(limits.reuse_concurrent).unwrap_or(usize::MAX);
        let life = Life { requests: limits.reuse, age: Duration::from_millis(limits.reuse_age_ms), node: node.clone() };
        (limits.reuse > 1 && most > 1).then(|| Self { most, life, open: Mutex::default() })
    }

    /// Lets the request into the emptiest instance that has room, or into a new one, in the store that `fresh` makes.
    pub(crate) fn enter<E>(
        &self,
        pre: &ServicePre<State>,
        mut request: Request<Body>,
        record: &Arc<Record>,
        fresh: impl FnOnce(&Arc<Record>) -> Result<Store<State>, E>,
    ) -> Result<(Run, Head), E> {
        record.run_elsewhere();
        let (mut answer, head) = oneshot::channel();
        let mut open = self.open();
        while let Some(one) = open.iter_mut().filter(|one| one.has_room(self.most)).min_by_key(|one| one.inside.present()) {
            let (member, ticket) = Ticket::new(&one.inside, record);
            match one.door.send(Entering { request, answer, member }) {
                Ok(()) => {
                    one.left -= 1;
                    record.reused();
                    return Ok((ticket.run(), head));
                }
                // It closed its door just now.
                Err(mpsc::error::SendError(back)) => {
                    one.inside.retire();
                    (request, answer) = (back.request, back.answer);
                }
            }
        }
        let life = Record::of_instance(record);
        let inside = Inside::new(life.clone());
        let mut store = fresh(&life)?;
        instance::share(&mut store, &inside);
        let (door, entrance) = mpsc::unbounded_channel();
        let (member, ticket) = Ticket::new(&inside, record);
        tokio::spawn(run::run(pre.clone(), store, inside.clone(), Entering { request, answer, member }, entrance, self.life.clone()));
        open.push(Open { door, inside, left: self.life.requests - 1, born: Instant::now() });
        Ok((ticket.run(), head))
    }

    /// Those that still let requests in.
    fn open(&self) -> MutexGuard<'_, Vec<Open>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|one| one.left > 0 && one.born.elapsed() < self.life.age && !one.inside.is_retired());
        open
    }
}

impl Open {
    fn has_room(&self, most: usize) -> bool {
        self.left > 0 && self.inside.present() < most && !self.inside.is_retired()
    }
}
