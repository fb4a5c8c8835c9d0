//! Requests that a core module sends, for which there is no wasi:http: functions that it imports from `paas:app/http@0.1.0`.
//!
//! None of them waits, because a program of one thread would stand still with it: what is not there yet is [`LATER`], and the program asks again.
use super::{Client, Origin, client::Call};
use crate::stdio::Log;
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, Empty, StreamBody};
use std::{cell::RefCell, collections::HashMap, sync::Arc};
use tokio::{
    sync::mpsc::{self, error::TryRecvError, error::TrySendError},
    task::JoinHandle,
    task_local,
};
use wasmtime::{Caller, Extern, Linker, Memory, Result};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

pub(crate) const MODULE: &str = "paas:app/http@0.1.0";
/// Instead of a length: not yet; and: it is over, or there is no such call.
const LATER: i32 = -1;
const BROKEN: i32 = -2;
/// A program holds at most this many calls, of which its limits let fewer be in flight; each holds a few pieces either way.
const HELD: usize = 256;
const HEAD_BYTES: usize = 64 << 10;
const PIECE_BYTES: usize = 64 << 10;
const PIECES: usize = 4;
/// A connection's own matters, and what the platform says itself.
const NOT_SENT: [&str; 8] = ["host", "connection", "keep-alive", "proxy-connection", "proxy-authorization", "te", "transfer-encoding", "upgrade"];

task_local! {
    /// Those of the request that this task runs a core module for.
    static CALLS: Calls;
}

/// The calls of one instance, which end with it.
pub(crate) struct Calls {
    client: Arc<Client>,
    log: Arc<Log>,
    origin: Origin,
    held: RefCell<Held>,
}

#[derive(Default)]
struct Held {
    last: i32,
    calls: HashMap<i32, Ongoing>,
}

/// A call, and what has come of it that the program has not taken yet.
struct Ongoing {
    body: Option<mpsc::Sender<Bytes>>,
    head: Option<String>,
    heads: mpsc::Receiver<String>,
    rest: Bytes,
    pieces: mpsc::Receiver<Result<Bytes, Error>>,
    task: JoinHandle<()>,
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Calls {
    pub(crate) fn new(client: Arc<Client>, log: Arc<Log>, origin: Origin) -> Self {
        Self { client, log, origin, held: RefCell::default() }
    }

    /// Runs a core module, whose calls these are.
    pub(crate) async fn of<R>(self, run: impl Future<Output = R>) -> R {
        CALLS.scope(self, run).await
    }

    fn open(&self, head: &[u8], has_body: bool) -> Option<i32> {
        let mut held = self.held.borrow_mut();
        if held.calls.len() >= HELD {
            return None;
        }
        let mut request = request(head)?;
        let (body, theirs) = mpsc::channel(PIECES);
        if has_body {
            let pieces = stream::unfold(theirs, |mut theirs| async move { theirs.recv().await.map(|piece: Bytes| (Ok(Frame::data(piece)), theirs)) });
            *request.body_mut() = StreamBody::new(pieces).boxed_unsync();
        }
        let (to_head, heads) = mpsc::channel(1);
        let (to_pieces, pieces) = mpsc::channel(PIECES);
        let call = Call::new(&request, self.log.clone(), self.origin.clone());
        // At once, so that a program that does not wait for its answer is refused, and told so, all the same.
        let allowed = self.client.check(&call, &request);
        let sending = exchange(self.client.clone(), call, request, allowed, to_head, to_pieces);
        let task = tokio::spawn(sending);
        let number = held.last + 1;
        held.last = number;
        held.calls.insert(number, Ongoing { body: has_body.then_some(body), head: None, heads, rest: Bytes::new(), pieces, task });
        Some(number)
    }

    fn with(&self, call: i32, ask: impl FnOnce(&mut Ongoing) -> i32) -> i32 {
        self.held.borrow_mut().calls.get_mut(&call).map_or(BROKEN, ask)
    }
}

impl Ongoing {
    fn write(&mut self, piece: Bytes) -> i32 {
        let length = piece.len() as i32;
        match self.body.as_ref().map(|body| body.try_send(piece)) {
            Some(Ok(())) => length,
            Some(Err(TrySendError::Full(_))) => LATER,
            Some(Err(TrySendError::Closed(_))) | None => BROKEN,
        }
    }

    /// The head of the answer, which stays to be read again with more room.
    fn head(&mut self) -> Result<&str, i32> {
        if self.head.is_none() {
            self.head = Some(self.heads.try_recv().map_err(|none| if none == TryRecvError::Empty { LATER } else { BROKEN })?);
        }
        Ok(self.head.as_deref().unwrap_or_default())
    }

    /// The next bytes of the answer's body, at most so many; none at its end.
    fn read(&mut self, most: usize) -> Result<Bytes, i32> {
        while self.rest.is_empty() {
            self.rest = match self.pieces.try_recv() {
                Ok(Ok(piece)) => piece,
                Ok(Err(_)) => return Err(BROKEN),
                Err(TryRecvError::Empty) => return Err(LATER),
                Err(TryRecvError::Disconnected) => return Ok(Bytes::new()),
            };
        }
        Ok(self.rest.split_to(most.min(self.rest.len())))
    }
}

/// `POST https://api.example.com/path`, and a header a line, with CRLF behind each.
fn request(head: &[u8]) -> Option<Request<WasiBody>> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let (method, uri) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(uri).body(Empty::new().map_err(|never| match never {}).boxed_unsync()).ok()?;
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':')?;
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if !NOT_SENT.contains(&name.as_str()) {
            request.headers_mut().append(name, HeaderValue::from_str(value.trim()).ok()?);
        }
    }
    Some(request)
}

/// One call, to the end of its answer's body, or until nobody takes it any more.
async fn exchange(
    client: Arc<Client>,
    call: Call,
    request: Request<WasiBody>,
    allowed: Result<(), Error>,
    head: mpsc::Sender<String>,
    pieces: mpsc::Sender<Result<Bytes, Error>>,
) {
    let place = request.uri().authority().map_or_else(String::new, ToString::to_string);
    let answered = match allowed {
        Ok(()) => client.send(call, request, RequestOptions::default()).await,
        Err(error) => Err(error),
    };
    let response = match answered {
        Ok((response, _)) => response,
        Err(error) => return drop(head.send(format!("0\r\n{}\r\n", explained(&error, &place))).await), // whoever asked may have gone
    };
    if head.send(told(&response)).await.is_err() {
        return;
    }
    let mut body = response.into_body();
    while let Some(frame) = body.frame().await {
        let piece = frame.map(|frame| frame.into_data().unwrap_or_default());
        let broken = piece.is_err();
        if pieces.send(piece).await.is_err() || broken {
            return;
        }
    }
}

/// `200`, and a header a line.
fn told(response: &Response<WasiBody>) -> String {
    let mut text = format!("{}\r\n", response.status().as_u16());
    for (name, value) in passing(response.headers()) {
        text += &format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    text
}

fn passing(headers: &HeaderMap) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
    headers.iter().filter(|(name, _)| ![header::CONNECTION, header::TRANSFER_ENCODING, header::UPGRADE].contains(name))
}

/// Why there is no answer, in words that end in the program's own error.
fn explained(error: &Error, place: &str) -> String {
    match error {
        Error::HttpRequestDenied => format!("{place} is not among the hosts that this app may call. Allow it: paas egress:allow {place}"),
        Error::DestinationIpProhibited => format!("the address of {place} is not a public one"),
        Error::DestinationNotFound => format!("the name of {place} cannot be resolved"),
        error => format!("no answer of {place}: {error}"),
    }
}

/// Offers the functions to core modules.
pub(crate) fn link<T: 'static>(linker: &mut Linker<T>) -> Result<()> {
    linker.func_wrap(MODULE, "open", |mut caller: Caller<'_, T>, at: i32, length: i32, has_body: i32| -> Result<i32> {
        let head = bytes(&mut caller, at, length, HEAD_BYTES)?;
        Ok(CALLS.with(|calls| calls.open(&head, has_body != 0)).unwrap_or(LATER))
    })?;
    linker.func_wrap(MODULE, "write", |mut caller: Caller<'_, T>, call: i32, at: i32, length: i32| -> Result<i32> {
        let piece = bytes(&mut caller, at, length.min(PIECE_BYTES as i32), PIECE_BYTES)?;
        Ok(CALLS.with(|calls| calls.with(call, |call| call.write(piece))))
    })?;
    linker.func_wrap(MODULE, "end", |call: i32| {
        CALLS.with(|calls| calls.with(call, |call| call.body.take().map_or(BROKEN, |_| 0)));
    })?;
    linker.func_wrap(MODULE, "head", |mut caller: Caller<'_, T>, call: i32, at: i32, length: i32| -> Result<i32> {
        let head = CALLS.with(|calls| match calls.held.borrow_mut().calls.get_mut(&call) {
            Some(call) => call.head().map(str::to_string),
            None => Err(BROKEN),
        });
        match head {
            Ok(head) => {
                put(&mut caller, at, &head.as_bytes()[..head.len().min(length.max(0) as usize)])?;
                Ok(head.len() as i32)
            }
            Err(told) => Ok(told),
        }
    })?;
    linker.func_wrap(MODULE, "read", |mut caller: Caller<'_, T>, call: i32, at: i32, length: i32| -> Result<i32> {
        let piece = CALLS.with(|calls| match calls.held.borrow_mut().calls.get_mut(&call) {
            Some(call) => call.read(length.max(0) as usize),
            None => Err(BROKEN),
        });
        match piece {
            Ok(piece) => {
                put(&mut caller, at, &piece)?;
                Ok(piece.len() as i32)
            }
            Err(told) => Ok(told),
        }
    })?;
    linker.func_wrap(MODULE, "close", |call: i32| CALLS.with(|calls| drop(calls.held.borrow_mut().calls.remove(&call))))?;
    Ok(())
}

fn memory<T: 'static>(caller: &mut Caller<'_, T>) -> Result<Memory> {
    match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => wasmtime::bail!("a module that calls other hosts exports its memory as `memory`"),
    }
}

fn bytes<T: 'static>(caller: &mut Caller<'_, T>, at: i32, length: i32, most: usize) -> Result<Bytes> {
    let length = length as u32 as usize;
    wasmtime::ensure!(length <= most, "{length} bytes at once are too many for {MODULE}");
    let mut bytes = vec![0; length];
    memory(caller)?.read(&*caller, at as u32 as usize, &mut bytes)?;
    Ok(bytes.into())
}

fn put<T: 'static>(caller: &mut Caller<'_, T>, at: i32, bytes: &[u8]) -> Result<()> {
    Ok(memory(caller)?.write(caller, at as u32 as usize, bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_a_request_line_and_headers_without_those_of_a_connection() {
        let read = request(b"PUT https://api.test:8443/a?b=c\r\nX-A: 1\r\nX-A: 2\r\nHost: other.test\r\nTransfer-Encoding: chunked\r\n").unwrap();
        assert_eq!((read.method().as_str(), read.uri().to_string().as_str()), ("PUT", "https://api.test:8443/a?b=c"));
        assert_eq!(
            read.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect::<Vec<_>>(),
            [("x-a", b"1".as_slice()), ("x-a", b"2")]
        );
        for bad in [
            "",
            "GET",
            "GET \u{1}",
            "G\u{e4}T http://a/",
            "GET http://a/\r\nX A: 1\r\n",
            "GET http://a/\r\nno colon\r\n",
            "GET http://a/\r\nX: a\u{1}\r\n",
        ] {
            assert!(request(bad.as_bytes()).is_none(), "{bad:?}");
        }
        assert!(request(&[0xff]).is_none());
    }
}
