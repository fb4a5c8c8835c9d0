//! `paas:app/exchange@0.1.0`: the request that an instance was called for, and its answer; `wit/paas-app.wit` describes it.
use super::serve::Answering;
use crate::{Body, BoxError, cgi, instance::State, pipe::Stdin};
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::sync::mpsc;
use wasmtime::{StoreContextMut, component::Linker};

const INTERFACE: &str = "paas:app/exchange@0.1.0";
/// Of an answer, so many pieces of so many bytes at most wait for the visitor.
const PIECES: usize = 8;
const PIECE_BYTES: usize = 64 << 10;
/// What the guest may ask for at once of the request's body.
const READ_BYTES: usize = 1 << 20;

/// One request while an instance has it.
pub(crate) struct Exchange {
    head: String,
    body: Stdin,
    answering: Option<Answering>,
    /// The way of a body that is sent piece by piece, and whether all of it was sent.
    pieces: Option<(mpsc::Sender<Bytes>, Arc<AtomicBool>)>,
}

impl Exchange {
    pub(super) fn new(request: Request<Body>, answering: Answering) -> Self {
        let (parts, body) = request.into_parts();
        let head = head(&parts, !body.is_end_stream());
        Self { head, body: Stdin::new(body), answering: Some(answering), pieces: None }
    }

    /// The answer's head, with a body that is there, or that comes piece by piece.
    fn begin(&mut self, status: u16, head: &str, whole: Option<Bytes>) -> Result<(), String> {
        let (status, headers) = parse(status, head)?;
        let answering = self.answering.take().ok_or("the request was answered before")?;
        let body = match whole {
            Some(whole) => Full::new(whole).map_err(|never| match never {}).boxed_unsync(),
            None => self.open(),
        };
        let mut response = Response::new(body);
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        answering.answer(Ok(response));
        Ok(())
    }

    fn open(&mut self) -> Body {
        let (sender, receiver) = mpsc::channel(PIECES);
        let ended = Arc::new(AtomicBool::new(false));
        self.pieces = Some((sender, ended.clone()));
        let pieces = stream::unfold((receiver, ended), |(mut receiver, ended)| async move {
            let next = match receiver.recv().await {
                Some(piece) => Ok(Frame::data(piece)),
                None if ended.swap(true, Relaxed) => return None,
                None => Err(BoxError::from("the app broke off its answer")),
            };
            Some((next, (receiver, ended)))
        });
        StreamBody::new(pieces).boxed_unsync()
    }
}

pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("head", |mut store: StoreContextMut<'_, State>, (): ()| Ok((std::mem::take(&mut exchange(&mut store)?.head),)))?;
    interface.func_wrap_async("read", |mut store: StoreContextMut<'_, State>, (most,): (u32,)| {
        Box::new(async move {
            let body = exchange(&mut store)?.body.clone();
            let read = body.next(READ_BYTES.min(most as usize)).await;
            Ok((read.map(Vec::from).map_err(|_broken| ()),))
        })
    })?;
    interface.func_wrap_async("answer", |mut store: StoreContextMut<'_, State>, (status, head, body): (u16, String, Vec<u8>)| {
        Box::new(async move {
            let (exchange, body) = (exchange(&mut store)?, Bytes::from(body));
            if body.len() <= PIECE_BYTES {
                return Ok((exchange.begin(status, &head, Some(body)),));
            }
            // A large one waits in the instance, whose memory it is counted with.
            let begun = exchange.begin(status, &with_length(&head, body.len()), None);
            if begun.is_ok() && write(exchange.pieces.clone(), body).await.is_ok() {
                end(exchange);
            }
            Ok((begun,))
        })
    })?;
    interface.func_wrap("begin", |mut store: StoreContextMut<'_, State>, (status, head): (u16, String)| {
        Ok((exchange(&mut store)?.begin(status, &head, None),))
    })?;
    interface.func_wrap_async("write", |mut store: StoreContextMut<'_, State>, (piece,): (Vec<u8>,)| {
        Box::new(async move { Ok((write(exchange(&mut store)?.pieces.clone(), piece.into()).await,)) })
    })?;
    interface.func_wrap("end", |mut store: StoreContextMut<'_, State>, (): ()| {
        end(exchange(&mut store)?);
        Ok(())
    })
}

/// For a boot, which has no request.
pub(super) fn link_boot<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    for name in ["head", "read", "answer", "begin", "write", "end"] {
        interface.func_new(name, |_, _, _, _| Err(not_called()))?;
    }
    Ok(())
}

fn exchange<'a>(store: &'a mut StoreContextMut<'_, State>) -> wasmtime::Result<&'a mut Exchange> {
    store.data_mut().exchange().ok_or_else(not_called)
}

fn not_called() -> wasmtime::Error {
    wasmtime::Error::msg("the engine asked for a request that it was not called for")
}

/// `Err`: the visitor has left, or there is no answer that could go on.
async fn write(pieces: Option<(mpsc::Sender<Bytes>, Arc<AtomicBool>)>, mut bytes: Bytes) -> Result<(), ()> {
    let (sender, _) = pieces.ok_or(())?;
    while !bytes.is_empty() {
        let piece = bytes.split_to(bytes.len().min(PIECE_BYTES));
        sender.send(piece).await.map_err(|_gone| ())?;
    }
    Ok(())
}

fn end(exchange: &mut Exchange) {
    if let Some((_, ended)) = exchange.pieces.take() {
        ended.store(true, Relaxed);
    }
}

/// The request in the interface's lines. The connection's own headers are the router's matter.
fn head(request: &Parts, has_body: bool) -> String {
    let mut text = String::with_capacity(1 << 10);
    let mut line = |words: &[u8]| {
        match words.is_ascii() {
            true => text.push_str(&String::from_utf8_lossy(words)),
            false => text.extend(words.iter().map(|byte| char::from(*byte))),
        }
        text.push('\n');
    };
    line(request.method.as_str().as_bytes());
    line(request.uri.path_and_query().map_or("/", |target| target.as_str()).as_bytes());
    line(if has_body { b"body" } else { b"" });
    let host = request.uri.authority().map(|host| (header::HOST.as_str(), host.as_str().as_bytes()));
    let others = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let passes = |name: &str| name != header::HOST && name != "http2-settings" && !cgi::HOP_BY_HOP.contains(&name);
    for (name, value) in host.into_iter().chain(others.filter(|(name, _)| passes(name))) {
        line(name.as_bytes());
        line(value);
    }
    text.pop();
    text
}

/// An answer's head out of the interface's lines.
fn parse(status: u16, head: &str) -> Result<(StatusCode, HeaderMap), String> {
    let status = StatusCode::from_u16(status).map_err(|_| format!("{status} is not the status of an answer"))?;
    let mut headers = HeaderMap::new();
    let mut lines = head.split('\n');
    while let Some(name) = lines.next().filter(|name| !name.is_empty()) {
        let value = lines.next().unwrap_or_default();
        let bad = || format!("`{name}: {value}` is not a header");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let value = HeaderValue::from_bytes(&latin_1(value).ok_or_else(bad)?).map_err(|_| bad())?;
        if !cgi::HOP_BY_HOP.contains(&key.as_str()) {
            headers.append(key, value);
        }
    }
    Ok((status, headers))
}

fn latin_1(text: &str) -> Option<Cow<'_, [u8]>> {
    match text.is_ascii() {
        true => Some(text.as_bytes().into()),
        false => text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect::<Option<Vec<u8>>>().map(Cow::from),
    }
}

/// With the body's length, if the app does not say it.
fn with_length(head: &str, length: usize) -> Cow<'_, str> {
    let said = head.split('\n').step_by(2).any(|name| name.eq_ignore_ascii_case("content-length"));
    match said {
        true => head.into(),
        false if head.is_empty() => format!("content-length\n{length}").into(),
        false => format!("{head}\ncontent-length\n{length}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_lines_in_latin_1() {
        let value = HeaderValue::from_bytes(b"caf\xe9").unwrap();
        let request = Request::builder().method("PUT").uri("http://a.localhost/b?c=d").header("x-a", "1").header("x-a", value);
        let (parts, ()) = request.header("connection", "close").header("host", "other").body(()).unwrap().into_parts();
        assert_eq!(head(&parts, true), "PUT\n/b?c=d\nbody\nhost\na.localhost\nx-a\n1\nx-a\ncafé");
    }

    #[test]
    fn an_answer_is_lines_in_latin_1() {
        let (status, headers) = parse(404, "X-A\ncafé\nx-a\n2\nConnection\nclose").unwrap();
        assert_eq!(status, 404);
        assert_eq!(headers.get_all("x-a").iter().map(HeaderValue::as_bytes).collect::<Vec<_>>(), [b"caf\xe9".as_slice(), b"2"]);
        assert_eq!(headers.len(), 2);
        assert!(parse(200, "").unwrap().1.is_empty());
        for (status, head) in [(99, ""), (200, "a b\n1"), (200, "a\n\u{1}"), (200, "a\n\u{100}")] {
            assert!(parse(status, head).is_err(), "{status} {head:?}");
        }
    }

    #[test]
    fn a_length_is_added_where_none_is_said() {
        assert_eq!(with_length("a\nb", 5), "a\nb\ncontent-length\n5");
        assert_eq!(with_length("", 5), "content-length\n5");
        assert_eq!(with_length("Content-Length\n4", 5), "Content-Length\n4");
    }
}
