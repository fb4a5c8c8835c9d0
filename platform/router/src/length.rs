//! Holds an app to the length that it announced: neither a longer nor a shorter body is passed off as a whole one (H17).
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_LENGTH};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use paas_runtime::{Body, BoxError};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

#[derive(Debug, thiserror::Error)]
#[error("the answer is not as long as its Content-Length says")]
pub struct WrongLength;

/// The body, which breaks off where it leaves its announced length; an error when it is known at once that it does.
pub fn held(headers: &HeaderMap, body: Body) -> Result<Body, WrongLength> {
    let mut announced = headers.get_all(CONTENT_LENGTH).iter();
    let Some(length) = announced.next() else { return Ok(body) };
    let length: u64 = length.to_str().ok().and_then(|text| text.parse().ok()).ok_or(WrongLength)?;
    match (announced.next(), body.size_hint().exact()) {
        (Some(_), _) => Err(WrongLength),
        (None, Some(exact)) if exact != length => Err(WrongLength),
        (None, Some(_)) => Ok(body),
        (None, None) => Ok(Held { body, left: length }.boxed_unsync()),
    }
}

struct Held {
    body: Body,
    left: u64,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let next = ready!(Pin::new(&mut self.body).poll_frame(cx));
        let data = match &next {
            Some(Ok(frame)) => frame.data_ref().map_or(0, |data| data.len() as u64),
            Some(Err(_)) => 0,
            None if self.left > 0 => return Poll::Ready(Some(Err(WrongLength.into()))),
            None => 0,
        };
        match self.left.checked_sub(data) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Some(Err(WrongLength.into()))),
        }
        Poll::Ready(next)
    }
    fn is_end_stream(&self) -> bool {
        self.left == 0 && self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use http::HeaderValue;
    use http_body_util::{Full, StreamBody};

    fn announced(length: &'static str) -> HeaderMap {
        [(CONTENT_LENGTH, HeaderValue::from_static(length))].into_iter().collect()
    }
    fn streamed(pieces: &'static [&'static str]) -> Body {
        let frames = stream::iter(pieces.iter().map(|piece| Ok::<_, BoxError>(Frame::data(Bytes::from_static(piece.as_bytes())))));
        StreamBody::new(frames).boxed_unsync()
    }

    #[tokio::test]
    async fn a_streamed_body_is_as_long_as_announced_or_breaks_off() {
        for (length, whole) in [("6", true), ("5", false), ("7", false), ("0", false)] {
            let body = held(&announced(length), streamed(&["abc", "def"])).ok().unwrap();
            assert_eq!(body.collect().await.is_ok(), whole, "{length}");
        }
    }

    #[test]
    fn a_body_that_is_there_is_judged_at_once() {
        let full = || Full::new(Bytes::from_static(b"abc")).map_err(|never| match never {}).boxed_unsync();
        assert!(held(&announced("3"), full()).is_ok() && held(&HeaderMap::new(), full()).is_ok());
        for wrong in ["2", "4", "x", "-1", ""] {
            assert!(held(&announced(wrong), full()).is_err(), "{wrong}");
        }
    }
}
