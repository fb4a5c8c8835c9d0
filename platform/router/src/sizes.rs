//! Bodies and heads that are no larger than an app's limits allow, in both directions.
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use paas_model::limits::Limits;
use paas_runtime::{Body, BoxError};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

/// Set as soon as a body has turned out to be too large.
#[derive(Clone, Default)]
pub struct Exceeded(Arc<AtomicBool>);

impl Exceeded {
    pub fn is_set(&self) -> bool {
        self.0.load(Relaxed)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a body of more than {0} bytes")]
pub struct TooLarge(u64);

/// A body that ends with [`TooLarge`] after `left` bytes.
struct Bounded {
    body: Body,
    limit: u64,
    left: u64,
    exceeded: Exceeded,
}

impl Bounded {
    fn new(body: Body, limit: u64) -> (Self, Exceeded) {
        let exceeded = Exceeded::default();
        (Self { body, limit, left: limit, exceeded: exceeded.clone() }, exceeded)
    }
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = Pin::new(&mut self.body).poll_frame(context);
        let Poll::Ready(Some(Ok(frame))) = &next else { return next };
        match self.left.checked_sub(frame.data_ref().map_or(0, |data| data.len() as u64)) {
            Some(left) => {
                self.left = left;
                next
            }
            None => {
                self.exceeded.0.store(true, Relaxed);
                Poll::Ready(Some(Err(TooLarge(self.limit).into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a request is refused with that shows its size before its body is read.
pub fn refusal(request: &Request<Body>, limits: &Limits) -> Option<StatusCode> {
    match head_bytes(request) > limits.request_head_bytes {
        true => Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        false => announced(request.body(), limits.request_body_bytes).then_some(StatusCode::PAYLOAD_TOO_LARGE),
    }
}

/// The body, watched unless it said before how long it is and HTTP holds it to that.
pub fn bounded(body: Body, limit: u64) -> (Body, Option<Exceeded>) {
    if body.size_hint().exact().is_some() {
        return (body, None);
    }
    let (body, exceeded) = Bounded::new(body, limit);
    (body.boxed_unsync(), Some(exceeded))
}

/// Whether a body says of itself that it is larger than `limit`.
pub fn announced<B: HttpBody>(body: &B, limit: u64) -> bool {
    body.size_hint().lower() > limit
}

/// Request line and headers as HTTP/1.1 writes them.
fn head_bytes<B>(request: &Request<B>) -> u64 {
    let target = request.uri().path_and_query().map_or(1, |path| path.as_str().len());
    let line = request.method().as_str().len() + target + " HTTP/1.1\r\n ".len();
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    (line + headers.sum::<usize>()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http_body_util::{Full, StreamBody};

    fn pieces(count: usize) -> Body {
        let frames = (0..count).map(|_| Ok::<_, BoxError>(Frame::data(Bytes::from_static(b"12345"))));
        StreamBody::new(stream::iter(frames.collect::<Vec<_>>())).boxed_unsync()
    }

    #[tokio::test]
    async fn a_body_within_its_limit_comes_whole() {
        let (body, exceeded) = Bounded::new(pieces(2), 10);
        assert_eq!(body.collect().await.unwrap().to_bytes(), "1234512345");
        assert!(!exceeded.is_set());
    }

    #[tokio::test]
    async fn a_larger_body_is_broken_off_and_remembered() {
        let (body, exceeded) = Bounded::new(pieces(3), 14);
        assert!(body.collect().await.unwrap_err().is::<TooLarge>());
        assert!(exceeded.is_set());
    }

    #[test]
    fn a_body_that_announces_its_length_is_known_before_it_is_read() {
        let body = Full::new(Bytes::from_static(b"12345"));
        assert!(announced(&body, 4) && !announced(&body, 5) && !announced(&pieces(3), 4));
    }

    #[test]
    fn a_head_is_as_long_as_it_is_written() {
        let request = Request::get("/a?b").header("host", "x").body(()).unwrap();
        assert_eq!(head_bytes(&request), "GET /a?b HTTP/1.1\r\nhost: x\r\n".len() as u64);
    }
}
