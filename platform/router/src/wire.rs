//! A connection's bytes: requests are checked for their framing, and a visitor who takes nothing for too long is let go.
use crate::{connection::Connection, framing::Framing};
use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

pub struct Wire {
    stream: TcpStream,
    framing: Framing,
    connection: Arc<Connection>,
    /// How long the other side may take nothing.
    limit: Duration,
    /// Made at the first wait: most answers are taken at once.
    timer: Option<Pin<Box<Sleep>>>,
    waits: bool,
}

impl Wire {
    pub fn new(stream: TcpStream, connection: Arc<Connection>, limit: Duration) -> Self {
        Self { stream, framing: Framing::new(), connection, limit, timer: None, waits: false }
    }

    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.waits = false;
            return written;
        }
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !self.waits {
            timer.as_mut().reset(Instant::now() + limit);
            self.waits = true;
        }
        ready!(timer.as_mut().poll(cx));
        self.connection.stalls();
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.framing.check(&mut buffer.filled_mut()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }
    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.watch(cx, written)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl Drop for Wire {
    /// An answer of HTTP/1.0 ends where its connection ends: one that broke off must not end like one that is complete.
    fn drop(&mut self) {
        if self.connection.is_broken()
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::debug!(%error, "a broken connection could not be reset");
        }
    }
}
