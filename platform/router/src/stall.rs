//! Lets go of a visitor who does not take an answer over HTTP/2 (H28).
//!
//! Over HTTP/1.1 the connection itself stands still, which `Wire` sees. Here only one stream does, and nobody asks the body any more: so a task looks at it now and then.
use crate::request_log::Counted;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use paas_model::Code;
use paas_runtime::{Body, BoxError};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// The same body, dropped when it was not asked for a piece, nor was about to give one, for as long as `limit`.
pub fn watched(body: Counted, limit: Duration) -> Body {
    let slot = Arc::new(Mutex::new(Slot { body: Some(body), state: State::Asked, at: Instant::now() }));
    tokio::spawn(watch(Arc::downgrade(&slot), limit));
    Watched(slot).boxed_unsync()
}

struct Slot {
    body: Option<Counted>,
    state: State,
    /// When it came into that state.
    at: Instant,
}

#[derive(PartialEq)]
enum State {
    /// It has nothing to give yet, or was never asked.
    Asked,
    /// It gave a piece, which may not have been taken yet.
    Gave,
}

struct Watched(Arc<Mutex<Slot>>);

async fn watch(slot: Weak<Mutex<Slot>>, limit: Duration) {
    loop {
        sleep(limit).await;
        let Some(slot) = slot.upgrade() else { return };
        let stalled = {
            let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
            let stalled = slot.state == State::Gave && slot.at.elapsed() >= limit;
            if stalled { slot.body.take() } else { None }
        };
        if let Some(mut body) = stalled {
            body.gives_up(Code::H28);
            return;
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the visitor took nothing for too long")]
struct Stalled;

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(body) = &mut slot.body else { return Poll::Ready(Some(Err(Stalled.into()))) };
        let next = Pin::new(body).poll_frame(cx);
        slot.state = if next.is_ready() { State::Gave } else { State::Asked };
        slot.at = Instant::now();
        next
    }
    fn is_end_stream(&self) -> bool {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.body.as_ref().is_some_and(HttpBody::is_end_stream)
    }
    fn size_hint(&self) -> SizeHint {
        let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.body.as_ref().map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}
