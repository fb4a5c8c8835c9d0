//! Ends a body in which nothing moves for too long: an answer (H15), or an upload (H28).
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use paas_runtime::{Body, BoxError};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep};

/// A body whose next frame has to come within `limit`. The time a slow reader takes does not count: it does not ask.
pub struct Idle {
    body: Body,
    limit: Duration,
    /// Made at the first wait: most answers never wait.
    timer: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, thiserror::Error)]
#[error("nothing came for {0:?}")]
pub struct IdleTooLong(Duration);

impl Idle {
    pub fn new(body: Body, limit: Duration) -> Self {
        Self { body, limit, timer: None }
    }

    fn expired(&mut self, context: &mut Context<'_>) -> bool {
        let limit = self.limit;
        self.timer.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context).is_ready()
    }
}

impl HttpBody for Idle {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        if next.is_ready() {
            let limit = self.limit;
            if let Some(timer) = &mut self.timer {
                timer.as_mut().reset(Instant::now() + limit);
            }
            return next;
        }
        match self.expired(context) {
            true => Poll::Ready(Some(Err(IdleTooLong(self.limit).into()))),
            false => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};
    use http_body_util::{BodyExt, StreamBody};

    fn frame() -> Result<Frame<Bytes>, BoxError> {
        Ok(Frame::data(Bytes::from_static(b"x")))
    }

    #[tokio::test]
    async fn an_answer_that_moves_comes_whole() {
        let frames = stream::iter(0..3).then(|_| async {
            tokio::task::yield_now().await;
            frame()
        });
        let body = Idle::new(StreamBody::new(frames).boxed_unsync(), Duration::from_secs(60));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "xxx");
    }

    #[tokio::test]
    async fn an_answer_that_stands_still_is_broken_off() {
        let frames = stream::iter([frame()]).chain(stream::pending());
        let body = Idle::new(StreamBody::new(frames).boxed_unsync(), Duration::from_millis(20));
        let error = body.collect().await.unwrap_err();
        assert!(error.is::<IdleTooLong>(), "{error}");
    }
}
