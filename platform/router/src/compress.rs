//! Compresses an app's answer when the visitor takes gzip and the app left it plain.
//!
//! gzip alone: all visitors take it, and a compressor needs some 300 KB for as long as its answer lasts, where Brotli's takes several megabytes. Static sites bring
//! their own Brotli. What the app has written is flushed whenever it pauses, so nothing waits in the compressor. Event streams are left alone.
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, VARY},
    response,
};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use paas_runtime::{Body, BoxError};
use std::{
    io::{self, Write},
    pin::Pin,
    task::{Context, Poll},
};

/// Below this, the head of an answer weighs more than what is saved.
const MIN_BYTES: u64 = 1_024;
/// Half the time of the default level for nearly its size.
const LEVEL: u32 = 4;

/// Whether the visitor takes gzip, and likes it no less than plain.
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let (mut gzip, mut any, mut identity) = (None, None, None);
    let items = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    for item in items {
        let mut parts = item.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let q = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q="))).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        match name {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => gzip = Some(q),
            name if name.eq_ignore_ascii_case("identity") => identity = Some(q),
            "*" => any = Some(q),
            _ => {}
        }
    }
    let gzip: f32 = gzip.or(any).unwrap_or(0.0);
    gzip > 0.0 && gzip >= identity.unwrap_or(0.0)
}

/// The body as it is sent; `head` says how.
pub fn answer(head: &mut response::Parts, body: Body, gzip: bool) -> Body {
    if !compressible(head, &body) {
        return body;
    }
    vary(&mut head.headers);
    if !gzip {
        return body;
    }
    for gone in [CONTENT_LENGTH, ACCEPT_RANGES] {
        head.headers.remove(gone);
    }
    head.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    weaken(&mut head.headers);
    Gzipped { body, encoder: Some(GzEncoder::new(Vec::new(), Compression::new(LEVEL))), dirty: false, after: None }.boxed_unsync()
}

fn compressible(head: &response::Parts, body: &Body) -> bool {
    let text = |name: &HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let large = body.size_hint().exact().is_none_or(|size| size >= MIN_BYTES);
    let whole = head.status != StatusCode::PARTIAL_CONTENT && !head.headers.contains_key(CONTENT_RANGE);
    let allowed = !text(&CACHE_CONTROL).to_ascii_lowercase().contains("no-transform");
    large && whole && allowed && !head.headers.contains_key(CONTENT_ENCODING) && is_text(text(&CONTENT_TYPE))
}

fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (top, sub) = kind.split_once('/').unwrap_or_default();
    match top {
        "text" => sub != "event-stream",
        "application" => {
            let named = ["json", "javascript", "xml", "wasm", "x-ndjson", "graphql-response+json", "manifest+json"].contains(&sub);
            named || sub.ends_with("+json") || sub.ends_with("+xml")
        }
        "image" => ["svg+xml", "bmp", "x-icon", "vnd.microsoft.icon"].contains(&sub),
        "font" => ["ttf", "otf", "collection"].contains(&sub),
        _ => false,
    }
}

/// Caches keep both forms apart, also when this one is plain.
fn vary(headers: &mut HeaderMap) {
    let mut named = headers.get_all(VARY).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    if !named.any(|name| name.trim().eq_ignore_ascii_case("accept-encoding") || name.trim() == "*") {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
}

/// The bytes are others than those the app tagged.
fn weaken(headers: &mut HeaderMap) {
    let strong = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    if let Some(weak) = strong.and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok()) {
        headers.insert(ETAG, weak);
    }
}

struct Gzipped {
    body: Body,
    /// `None` when the body has ended.
    encoder: Option<GzEncoder<Vec<u8>>>,
    /// Something was written and not flushed.
    dirty: bool,
    /// Trailers, which come behind the compressor's last bytes.
    after: Option<Frame<Bytes>>,
}

impl Gzipped {
    fn write(&mut self, data: &[u8]) -> io::Result<Option<Bytes>> {
        let Some(encoder) = &mut self.encoder else { return Ok(None) };
        encoder.write_all(data)?;
        self.dirty = true;
        Ok(taken(encoder.get_mut()))
    }
    fn flush(&mut self) -> io::Result<Option<Bytes>> {
        let Some(encoder) = self.encoder.as_mut().filter(|_| self.dirty) else { return Ok(None) };
        encoder.flush()?;
        self.dirty = false;
        Ok(taken(encoder.get_mut()))
    }
    fn finish(&mut self) -> io::Result<Option<Bytes>> {
        let Some(encoder) = self.encoder.take() else { return Ok(None) };
        Ok(taken(&mut encoder.finish()?))
    }
}

fn taken(bytes: &mut Vec<u8>) -> Option<Bytes> {
    (!bytes.is_empty()).then(|| std::mem::take(bytes).into())
}

impl HttpBody for Gzipped {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        loop {
            if self.encoder.is_none() {
                return Poll::Ready(self.after.take().map(Ok));
            }
            let out = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.write(&data),
                    Err(trailers) => {
                        self.after = Some(trailers);
                        self.finish()
                    }
                },
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => self.finish(),
                Poll::Pending => match self.flush() {
                    Ok(None) => return Poll::Pending,
                    flushed => flushed,
                },
            };
            match out {
                Ok(None) => {}
                Ok(Some(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use futures::{FutureExt, StreamExt, channel::mpsc};
    use http::Response;
    use http_body_util::{Full, StreamBody};
    use std::io::Read;

    fn gzip(accept: &str) -> bool {
        accepts_gzip(&[(ACCEPT_ENCODING, HeaderValue::from_str(accept).unwrap())].into_iter().collect())
    }

    #[test]
    fn a_visitors_preferences_count() {
        for yes in ["gzip", "deflate, GZIP;q=0.5, br", "*", "x-gzip", "identity;q=0.5, gzip;q=0.8", "br;q=1.0, *;q=0.1"] {
            assert!(gzip(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "*;q=0", "gzip; q=0, *", "identity, gzip;q=0.5", "gzip;q=x", "gzipped"] {
            assert!(!gzip(no), "{no}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    fn sent(headers: &[(&'static str, &'static str)], body: &'static [u8], gzip: bool) -> (response::Parts, Body) {
        let mut response = Response::builder();
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        let body = Full::new(Bytes::from_static(body)).map_err(|never| match never {}).boxed_unsync();
        let (mut head, body) = response.body(body).unwrap().into_parts();
        let body = answer(&mut head, body, gzip);
        (head, body)
    }

    const TEXT: &[u8] = &[b'a'; 5_000];

    #[tokio::test]
    async fn text_is_compressed_and_says_so() {
        let (head, body) = sent(&[("content-type", "text/html; charset=utf-8"), ("content-length", "5000"), ("etag", "\"x\"")], TEXT, true);
        assert_eq!(
            (&head.headers["content-encoding"], &head.headers["vary"], &head.headers["etag"]),
            (&HeaderValue::from_static("gzip"), &HeaderValue::from_static("accept-encoding"), &HeaderValue::from_static("W/\"x\""))
        );
        assert!(!head.headers.contains_key("content-length"));
        let bytes = body.collect().await.unwrap().to_bytes();
        let mut plain = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        assert!(bytes.len() < 200 && plain == TEXT);
    }

    #[test]
    fn what_gains_nothing_or_must_not_change_is_left_alone() {
        let html = ("content-type", "text/html");
        for headers in [
            &[("content-type", "image/png")][..],
            &[],
            &[("content-type", "text/event-stream")],
            &[html, ("content-encoding", "br")],
            &[html, ("cache-control", "public, No-Transform")],
            &[html, ("content-range", "bytes 0-4999/9999")],
        ] {
            assert!(!sent(headers, TEXT, true).0.headers.contains_key("vary"), "{headers:?}");
        }
        assert!(!sent(&[html], b"short", true).0.headers.contains_key("content-encoding"));
        let plain = sent(&[html], TEXT, false).0.headers;
        assert!(plain.contains_key("vary") && !plain.contains_key("content-encoding"), "a cache has to know that there is another form");
    }

    #[tokio::test]
    async fn what_the_app_wrote_is_sent_when_it_pauses() {
        let (mut app, pieces) = mpsc::unbounded();
        let body = StreamBody::new(pieces.map(|piece: &'static str| Ok::<_, BoxError>(Frame::data(Bytes::from_static(piece.as_bytes())))));
        let (mut head, body) = Response::builder().header("content-type", "text/plain").body(body.boxed_unsync()).unwrap().into_parts();
        let mut body = answer(&mut head, body, true);
        let mut seen = Vec::new();
        for piece in ["one", "two"] {
            app.start_send(piece).unwrap();
            while let Some(frame) = body.frame().now_or_never() {
                seen.extend_from_slice(&frame.unwrap().unwrap().into_data().unwrap());
            }
            let mut plain = Vec::new();
            // It ends too early, which is an error only after everything that is there.
            let _unfinished = GzDecoder::new(&seen[..]).read_to_end(&mut plain);
            assert!(plain.ends_with(piece.as_bytes()), "{piece}: {plain:?}");
        }
    }
}
