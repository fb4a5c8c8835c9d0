//! A running guest and the way of its answer to the visitor.
//!
//! Nobody else runs the guest: who waits for its answer polls it, first for the head, then for each piece of the body. So a visitor who leaves ends
//! the guest, one who reads slowly slows it, and a small answer is ready without a second task.
use crate::{
    Body, BoxError, Failure, crash,
    due::Due,
    held::{self, Left},
    instance::Record,
};
use bytes::{Bytes, BytesMut};
use http::Response;
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Full};
use paas_model::Code;
use std::{
    collections::VecDeque,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
    time::{Instant, sleep_until, timeout},
};

/// A guest from instantiation to its end.
pub(crate) type Run = Pin<Box<dyn Future<Output = wasmtime::Result<Left>> + Send>>;
/// The guest's answer: its head, and the end of the body that visitors read from.
pub(crate) type Head = oneshot::Receiver<Result<Response<Body>, Failure>>;

/// An answer up to this size that is complete at once is sent whole, with its length.
const WHOLE_BYTES: usize = 64 << 10;
/// An answer with more headers is refused: no client would read it.
const MAX_HEADERS: usize = 1_000;
/// How long a guest that is out of time may take to reach its next tick.
const LAST_TICK: Duration = Duration::from_millis(30);
/// What a guest may still do after its answer is complete.
const AFTERWARDS: Duration = Duration::from_secs(30);

pub(crate) struct Guest {
    /// `None` when it has ended.
    run: Option<Run>,
    /// Until the answer is on its way, or has to be waited for.
    left: Left,
    failure: Option<Failure>,
    record: Arc<Record>,
    /// Permits for guests of this app that work on after their answer.
    afterwards: Arc<Semaphore>,
}

impl Guest {
    pub(crate) fn new(run: Run, record: Arc<Record>, afterwards: Arc<Semaphore>) -> Self {
        Self { run: Some(run), left: None, failure: None, record, afterwards }
    }

    /// Lets the guest run until it waits; ready when it has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(run) = &mut self.run else { return Poll::Ready(()) };
        // A fault of ours in a host function ends this request, not the connection with all others on it.
        let poll = AssertUnwindSafe(|| self.record.meter(|| run.as_mut().poll(cx)));
        let ending = match catch_unwind(poll) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(ending)) => ending,
            Err(_) => {
                self.run = None;
                self.failure = Some(Failure::new(Code::H99, "the platform panicked while the app ran"));
                return Poll::Ready(());
            }
        };
        self.run = None;
        self.record.log.flush();
        self.failure = crash::judge(ending.map(|left| self.left = left), &self.record);
        self.record.log.flush();
        Poll::Ready(())
    }

    /// Waits for the head until `deadline` (and a moment longer for the trace of a guest that computes), then gives the whole answer or a body that runs the guest.
    pub(crate) async fn answer(mut self, head: Head, deadline: Instant) -> Result<Response<Body>, Failure> {
        let response = self.head(head, deadline).await?;
        if response.status().is_informational() {
            return Err(Failure::new(Code::H17, format!("status {} is not an answer", response.status())));
        }
        if response.headers().len() > MAX_HEADERS {
            return Err(Failure::new(Code::H17, format!("{} headers are more than {MAX_HEADERS}", response.headers().len())));
        }
        let (parts, rest) = response.into_parts();
        let due = Due::of(parts.status, &parts.headers);
        let mut answer = Streaming { guest: Some(self), begun: VecDeque::new(), rest, due, over: false };
        let body = match poll_fn(|cx| Poll::Ready(answer.whole(cx))).await? {
            Some(whole) => Full::new(whole).map_err(|never| match never {}).boxed_unsync(),
            None => {
                answer.clear();
                answer.boxed_unsync()
            }
        };
        Ok(Response::from_parts(parts, body))
    }

    async fn head(&mut self, mut head: Head, deadline: Instant) -> Result<Response<Body>, Failure> {
        let mut late = pin!(sleep_until(deadline));
        let mut given_up = false;
        poll_fn(|cx| {
            if self.poll(cx).is_ready() {
                // Not by `poll`, which at times says "later" for the sake of other tasks.
                let answer = head.try_recv().unwrap_or_else(|_| Err(silent()));
                // A crash says more than the bad answer it led to.
                return Poll::Ready(answer.map_err(|failure| self.failure.take().unwrap_or(failure)));
            }
            if !given_up {
                match Pin::new(&mut head).poll(cx) {
                    Poll::Ready(Ok(answer)) => return Poll::Ready(answer),
                    Poll::Ready(Err(_)) => given_up = true,
                    Poll::Pending => {}
                }
            }
            while late.as_mut().poll(cx).is_ready() {
                if self.record.expire() {
                    return Poll::Ready(Err(self.too_late()));
                }
                late.as_mut().reset(Instant::now() + LAST_TICK);
            }
            Poll::Pending
        })
        .await
    }

    fn too_late(&self) -> Failure {
        self.record.log.flush();
        Failure::new(Code::H12, "no answer within the time limit")
    }

    /// Lets the guest finish what it does after its answer, within bounds.
    fn detach(mut self) {
        let (Ok(runtime), Ok(permit)) = (Handle::try_current(), self.afterwards.clone().try_acquire_owned()) else { return };
        runtime.spawn(async move {
            // Either way it is over: the guest ended, or its time did.
            let _over = timeout(AFTERWARDS, poll_fn(|cx| self.poll(cx))).await;
            drop(permit);
        });
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(store) = self.left.take() {
            held::clear_after_answer(store);
        }
    }
}

fn silent() -> Failure {
    Failure::new(Code::H13, "the app ended without an answer")
}

/// A body that runs the guest which writes it.
struct Streaming {
    guest: Option<Guest>,
    begun: VecDeque<Frame<Bytes>>,
    rest: Body,
    /// What its reader waits for.
    due: Due,
    over: bool,
}

impl Streaming {
    /// The whole body if it is small and there already. Nothing has been sent yet, so a guest that crashed can still be called crashed.
    fn whole(&mut self, cx: &mut Context<'_>) -> Result<Option<Bytes>, Failure> {
        let mut size = 0;
        while size <= WHOLE_BYTES {
            match self.poll_rest(cx) {
                Poll::Ready(None) => return Ok(Some(self.joined())),
                Poll::Ready(Some(Ok(frame))) => {
                    let Some(data) = frame.data_ref() else {
                        self.begun.push_back(frame);
                        return Ok(None);
                    };
                    size += data.len();
                    self.begun.push_back(frame);
                }
                Poll::Ready(Some(Err(error))) => {
                    let crash = self.guest.as_mut().and_then(|guest| guest.failure.take());
                    return Err(crash.unwrap_or_else(|| Failure::new(Code::H17, error.to_string())));
                }
                Poll::Pending => return Ok(None),
            }
        }
        Ok(None)
    }

    fn joined(&mut self) -> Bytes {
        let mut data = self.begun.drain(..).filter_map(|frame| frame.into_data().ok());
        let first = data.next().unwrap_or_default();
        match data.next() {
            None => first,
            Some(second) => {
                let mut all = BytesMut::from(first);
                all.extend_from_slice(&second);
                data.for_each(|more| all.extend_from_slice(&more));
                all.freeze()
            }
        }
    }

    /// Has nothing wait for a visitor who reads slowly.
    fn clear(&mut self) {
        if let Some(store) = self.guest.as_mut().and_then(|guest| guest.left.take()) {
            held::clear(store);
        }
    }

    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(guest) = &mut self.guest else { return Poll::Ready(None) };
        // Whether it has ended shows in `rest`, whose writing end it held, or left.
        let ended = guest.poll(cx).is_ready();
        let mut next = Pin::new(&mut self.rest).poll_frame(cx);
        if ended && next.is_pending() {
            self.clear();
            next = Pin::new(&mut self.rest).poll_frame(cx);
        }
        let next = ready!(next);
        self.over = !matches!(next, Some(Ok(_)));
        match (&next, self.guest.as_ref().and_then(|guest| guest.failure.as_ref())) {
            (None, Some(failure)) => Poll::Ready(Some(Err(failure.clone().into()))),
            _ => Poll::Ready(next),
        }
    }
}

impl http_body::Body for Streaming {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = match self.begun.pop_front() {
            Some(frame) => Some(Ok(frame)),
            None if self.over => None,
            None => {
                let next = self.poll_rest(cx);
                self.clear();
                ready!(next)
            }
        };
        if let Some(Ok(frame)) = &next {
            self.due.came(frame);
        }
        Poll::Ready(next)
    }
}

impl Drop for Streaming {
    /// A visitor who left before the end takes the guest along.
    fn drop(&mut self) {
        match self.guest.take() {
            Some(guest) if (self.over || self.due.is_complete()) && guest.run.is_some() && !guest.record.runs_elsewhere() => guest.detach(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{log_rate::LogRate, outbound::Origin, stdio::Log};
    use futures::SinkExt;
    use http_body_util::StreamBody;
    use paas_model::{
        AppId,
        limits::Limits,
        log::{Line, Sink},
    };

    struct Nowhere;
    impl Sink for Nowhere {
        fn write(&self, _: AppId, _: Line) {}
    }

    fn record() -> Arc<Record> {
        let limits = Limits::default();
        Record::new(Log::new(AppId::generate(), Arc::new(Nowhere), &limits, LogRate::new(&limits)), Origin::default())
    }

    /// Whether a guest comes to its own end whose visitor took so many bytes of its four, and went.
    async fn finishes_for_a_visitor_who_takes(bytes: usize) -> bool {
        let ((answer, head), (leave, left), (finish, finished)) = (oneshot::channel(), oneshot::channel::<()>(), oneshot::channel());
        let run = Box::pin(async move {
            let (mut body, pieces) = futures::channel::mpsc::channel(1);
            let response = Response::builder().header("content-length", "4").body(StreamBody::new(pieces).boxed_unsync());
            assert!(answer.send(Ok(response?)).is_ok(), "somebody waits");
            for piece in ["so", "me"] {
                body.send(Ok(Frame::data(Bytes::from(piece)))).await?;
            }
            left.await?;
            assert!(finish.send(()).is_ok(), "the test waits");
            Ok(None)
        });
        let guest = Guest::new(run, record(), Arc::new(Semaphore::new(1)));
        let mut body = guest.answer(head, Instant::now() + Duration::from_secs(60)).await.unwrap().into_body();
        let mut taken = 0;
        while taken < bytes {
            taken += body.frame().await.unwrap().unwrap().into_data().unwrap().len();
        }
        drop(body);
        let _gone = leave.send(());
        finished.await.is_ok()
    }

    #[tokio::test]
    async fn a_visitor_who_has_all_that_was_announced_leaves_the_guest_to_finish() {
        assert!(finishes_for_a_visitor_who_takes(4).await);
        assert!(!finishes_for_a_visitor_who_takes(2).await, "one who left before takes it along");
    }

    #[tokio::test]
    async fn a_panic_of_the_host_fails_one_request() {
        let (answer, head) = oneshot::channel();
        let run = Box::pin(async move {
            let _never_used = answer;
            panic!("as a host function with a fault would")
        });
        let guest = Guest::new(run, record(), Arc::new(Semaphore::new(1)));
        let failure = guest.answer(head, Instant::now() + Duration::from_secs(60)).await.unwrap_err();
        assert_eq!(failure.code, Code::H99);
    }
}
