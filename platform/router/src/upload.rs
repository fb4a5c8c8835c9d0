//! A request's body on its way to the app: a visitor who stops in the middle is told apart from an app that fails (H27, H28).
use crate::idle::{Idle, IdleTooLong};
use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use paas_model::Code;
use paas_runtime::{Body, BoxError};
use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

/// Why the upload did not come whole; known once it has stopped.
#[derive(Clone, Default)]
pub struct Stopped(Option<Arc<OnceLock<Code>>>);

impl Stopped {
    pub fn code(&self) -> Option<Code> {
        self.0.as_ref()?.get().copied()
    }
}

/// Lets no two pieces of the body lie further apart than `limit`. A request without a body is left as it is.
pub fn watched(request: Request<Body>, limit: Duration) -> (Request<Body>, Stopped) {
    if request.body().is_end_stream() {
        return (request, Stopped::default());
    }
    let stopped = Arc::<OnceLock<Code>>::default();
    let upload = |body| Upload { body: Idle::new(body, limit), stopped: stopped.clone() }.boxed_unsync();
    (request.map(upload), Stopped(Some(stopped)))
}

struct Upload {
    body: Idle,
    stopped: Arc<OnceLock<Code>>,
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Err(error))) = &next {
            let code = if error.is::<IdleTooLong>() { Code::H28 } else { Code::H27 };
            self.stopped.get_or_init(|| code); // the first reason counts
        }
        next
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
