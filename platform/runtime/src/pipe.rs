//! The two ends of a CGI program: the request's body on stdin, and stdout cut into head and body.
//!
//! Both work in the guest's own turn, without a task or a copy between: the program is stopped while the visitor has not taken what it wrote.
use crate::{
    Body, BoxError, Failure,
    cgi::{self, MAX_HEAD_BYTES},
};
use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, StreamBody};
use paas_model::Code;
use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::{mpsc, oneshot},
};
use tokio_util::sync::PollSender;
use wasmtime_wasi::{
    cli::{IsTerminal, StdinStream, StdoutStream},
    p2::{InputStream, OutputStream, Pollable, StreamError},
};

/// What the program wrote waits in at most this many pieces of at most this many bytes.
const PIECES: usize = 8;
const PIECE_BYTES: usize = 64 << 10;

/// The request's body as stdin.
#[derive(Clone)]
pub(crate) struct Stdin(Arc<Mutex<Reading>>);

struct Reading {
    body: Body,
    begun: Bytes,
    over: bool,
    /// It ended before its end, which a program must not take for the whole.
    broken: bool,
}

impl Stdin {
    pub(crate) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Reading { body, begun: Bytes::new(), over: false, broken: false })))
    }
    /// At most so many bytes; none at the end.
    pub(crate) async fn next(&self, most: usize) -> io::Result<Bytes> {
        poll_fn(|cx| self.lock().poll_fill(cx)).await?;
        let mut reading = self.lock();
        if reading.broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let size = most.min(reading.begun.len());
        Ok(reading.begun.split_to(size))
    }
    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// Ready when there is something to read, or nothing any more.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.begun.is_empty() && !self.over {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.begun = frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    (self.over, self.broken) = (true, true);
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionReset, error)));
                }
                None => self.over = true,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl IsTerminal for Stdin {
    fn is_terminal(&self) -> bool {
        false
    }
}
impl StdinStream for Stdin {
    fn async_stream(&self) -> Box<dyn AsyncRead + Send + Sync> {
        Box::new(self.clone())
    }
    fn p2_stream(&self) -> Box<dyn InputStream> {
        Box::new(self.clone())
    }
}
#[async_trait::async_trait]
impl Pollable for Stdin {
    async fn ready(&mut self) {
        // A broken body shows when it is read.
        let _broken = poll_fn(|cx| self.lock().poll_fill(cx)).await;
    }
}
impl InputStream for Stdin {
    fn read(&mut self, size: usize) -> Result<Bytes, StreamError> {
        let mut reading = self.lock();
        let size = size.min(reading.begun.len());
        match reading.over && reading.begun.is_empty() {
            true if reading.broken => Err(StreamError::LastOperationFailed(io::Error::from(io::ErrorKind::ConnectionReset).into())),
            true => Err(StreamError::Closed),
            false => Ok(reading.begun.split_to(size)),
        }
    }
}
impl AsyncRead for Stdin {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut reading = self.lock();
        ready!(reading.poll_fill(cx))?;
        let size = buffer.remaining().min(reading.begun.len());
        buffer.put_slice(&reading.begun[..size]);
        reading.begun.advance(size);
        Poll::Ready(Ok(()))
    }
}

/// stdout as an answer: the head goes to whoever waits for it, what follows is the body.
#[derive(Clone)]
pub(crate) struct Stdout(Arc<Mutex<Writing>>);

enum Writing {
    Head {
        begun: BytesMut,
        answer: Option<oneshot::Sender<Result<Response<Body>, Failure>>>,
    },
    Body(PollSender<Bytes>),
    /// Its head was no head: nobody reads on.
    Refused,
}

impl Stdout {
    pub(crate) fn new(answer: oneshot::Sender<Result<Response<Body>, Failure>>) -> Self {
        Self(Arc::new(Mutex::new(Writing::Head { begun: BytesMut::new(), answer: Some(answer) })))
    }
    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut *self.lock() {
            // A visitor who left shows when it is written.
            Writing::Body(sender) => sender.poll_reserve(cx).map(|_gone| ()),
            _ => Poll::Ready(()),
        }
    }
}

impl Writing {
    fn write(&mut self, bytes: Bytes) -> Result<(), Stop> {
        match self {
            Self::Refused => Err(Stop::Closed),
            Self::Body(_) if bytes.is_empty() => Ok(()),
            Self::Body(sender) => match room(sender) {
                Poll::Ready(true) => sender.send_item(bytes).map_err(|_| Stop::Closed),
                Poll::Ready(false) => Err(Stop::Closed),
                Poll::Pending => Err(Stop::Full),
            },
            Self::Head { begun, answer } => {
                begun.extend_from_slice(&bytes);
                let (head, next) = match cgi::head(begun) {
                    Ok(None) => return Ok(()),
                    Ok(Some((status, headers, at))) => response(status, headers, begun.split_off(at).freeze()),
                    Err(why) => (Err(malformed(&why)), Self::Refused),
                };
                if let Some(answer) = answer.take() {
                    // If nobody waits any more, the instance ends next.
                    let _gone = answer.send(head);
                }
                *self = next;
                if matches!(self, Self::Refused) { Err(Stop::Closed) } else { Ok(()) }
            }
        }
    }
}

enum Stop {
    /// The visitor left, or gave up on the answer.
    Closed,
    /// More than there was room for.
    Full,
}

/// Whether the visitor is there to take a piece; pending: not now.
fn room(sender: &mut PollSender<Bytes>) -> Poll<bool> {
    sender.poll_reserve(&mut Context::from_waker(Waker::noop())).map(|reserved| reserved.is_ok())
}

fn malformed(why: &str) -> Failure {
    Failure::new(Code::H17, format!("the answer is not in CGI form: {why}"))
}

/// The answer's head with a body that reads what the program writes from now on.
fn response(status: StatusCode, headers: HeaderMap, begun: Bytes) -> (Result<Response<Body>, Failure>, Writing) {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(PIECES);
    if !begun.is_empty() {
        sender.try_send(begun).expect("a new channel has room");
    }
    let stream = futures::stream::poll_fn(move |cx| pieces.poll_recv(cx).map(|piece| piece.map(|piece| Ok::<_, BoxError>(Frame::data(piece)))));
    let mut response = Response::new(StreamBody::new(stream).boxed_unsync());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    (Ok(response), Writing::Body(PollSender::new(sender)))
}

impl Drop for Writing {
    /// The program ended in the middle of its head.
    fn drop(&mut self) {
        if let Self::Head { begun, answer } = self
            && let Some(answer) = answer.take()
            && !begun.is_empty()
        {
            let _gone = answer.send(Err(malformed("the empty line after its head is missing")));
        }
    }
}

impl IsTerminal for Stdout {
    fn is_terminal(&self) -> bool {
        false
    }
}
impl StdoutStream for Stdout {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}
#[async_trait::async_trait]
impl Pollable for Stdout {
    async fn ready(&mut self) {
        poll_fn(|cx| self.poll_room(cx)).await;
    }
}
impl OutputStream for Stdout {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.lock().write(bytes).map_err(|stop| match stop {
            Stop::Closed => StreamError::Closed,
            Stop::Full => StreamError::trap("wrote more to stdout than there was room for"),
        })
    }
    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }
    fn check_write(&mut self) -> Result<usize, StreamError> {
        match &mut *self.lock() {
            Writing::Refused => Err(StreamError::Closed),
            Writing::Head { begun, .. } => Ok((MAX_HEAD_BYTES + 1).saturating_sub(begun.len()).max(1)),
            Writing::Body(sender) => match room(sender) {
                Poll::Ready(true) => Ok(PIECE_BYTES),
                Poll::Ready(false) => Err(StreamError::Closed),
                Poll::Pending => Ok(0),
            },
        }
    }
}
impl AsyncWrite for Stdout {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(cx));
        let piece = &bytes[..bytes.len().min(PIECE_BYTES)];
        let written = self.lock().write(Bytes::copy_from_slice(piece));
        Poll::Ready(written.map(|()| piece.len()).map_err(|_| io::ErrorKind::BrokenPipe.into()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
