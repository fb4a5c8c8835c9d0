//! A request's place in an instance, held by whoever waits for its answer.
use super::Inside;
use crate::{Body, BoxError, due::Due, guest::Run, instance::Record};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{
            AtomicBool,
            Ordering::{Relaxed, SeqCst},
        },
    },
    task::{Context, Poll, ready},
};
use tokio::sync::oneshot;
use wasmtime::component::GuestTaskId;

/// A request as the instance knows it.
pub(super) struct Member {
    pub(super) record: Arc<Record>,
    /// The guest's task that answers it, once it is inside.
    pub(super) task: OnceLock<GuestTaskId>,
    /// Its answer was given to the end.
    complete: AtomicBool,
    /// Its instance has ended: what is missing of the answer will not come.
    broken: AtomicBool,
    /// Nobody waits for it any more.
    gone: AtomicBool,
    /// It was gone when time was last shared: what is spent from then on is others'.
    settled: AtomicBool,
    ended: Mutex<Option<oneshot::Sender<wasmtime::Result<()>>>>,
}

impl Member {
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Relaxed)
    }
    /// Whether some of the time since it was last shared is its own. That also holds for one who came and left in between.
    pub(super) fn has_a_part(&self) -> bool {
        !self.settled.load(Relaxed)
    }
    pub(super) fn takes(&self, nanoseconds: u64) {
        self.settled.store(self.is_gone(), Relaxed);
        self.record.charge(nanoseconds);
    }
    fn went_well(&self) -> bool {
        self.complete.load(Relaxed) && self.record.went_well()
    }
    pub(super) fn break_off(&self) {
        self.broken.store(true, SeqCst);
    }
    /// Tells who waits how the instance ended.
    pub(super) fn end(&self, ending: wasmtime::Result<()>) {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Nobody waits any more: the visitor left.
        let _gone = ended.map(|ended| ended.send(ending));
    }
}

pub(super) struct Ticket {
    member: Arc<Member>,
    inside: Arc<Inside>,
    ended: oneshot::Receiver<wasmtime::Result<()>>,
}

impl Ticket {
    pub(super) fn new(inside: &Arc<Inside>, record: &Arc<Record>) -> (Arc<Member>, Self) {
        let (tell, ended) = oneshot::channel();
        let member = Arc::new(Member {
            record: record.clone(),
            task: OnceLock::new(),
            complete: AtomicBool::new(false),
            broken: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            settled: AtomicBool::new(false),
            ended: Mutex::new(Some(tell)),
        });
        inside.expect();
        (member.clone(), Self { member, inside: inside.clone(), ended })
    }

    /// What stands for the guest with those who wait: it ends only if the instance does.
    pub(super) fn run(mut self) -> Run {
        Box::pin(async move { (&mut self.ended).await.unwrap_or(Ok(())).map(|()| None) })
    }
}

impl Drop for Ticket {
    /// An instance that somebody left before the end may be in any state.
    fn drop(&mut self) {
        self.member.gone.store(true, Relaxed);
        self.inside.leave(self.member.task.get().is_none() || self.member.went_well());
    }
}

/// The body of an answer, which tells whether it was read to its end, and never passes off an instance's end as its own.
pub(super) struct Tail {
    pub(super) body: Body,
    pub(super) due: Due,
    pub(super) member: Arc<Member>,
}

impl http_body::Body for Tail {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &next {
            self.due.came(frame);
            self.member.complete.fetch_or(self.due.is_complete(), Relaxed);
        }
        if next.is_some() {
            return Poll::Ready(next);
        }
        if self.member.broken.load(SeqCst) {
            return Poll::Ready(Some(Err("the instance ended before its answer did".into())));
        }
        self.member.complete.store(true, Relaxed);
        Poll::Ready(None)
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
