//! A connection whose bytes count against what a job may fetch.
use super::Network;
use crate::build::size;
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What is left of a job's bytes.
pub struct Left {
    bytes: AtomicU64,
    network: Arc<Network>,
}

impl Left {
    pub fn all(network: Arc<Network>) -> Arc<Self> {
        Arc::new(Self { bytes: AtomicU64::new(network.bytes), network })
    }

    fn take(&self, bytes: u64) {
        self.bytes.update(Ordering::Relaxed, Ordering::Relaxed, |left| left.saturating_sub(bytes));
    }

    fn check(&self) -> io::Result<()> {
        if self.bytes.load(Ordering::Relaxed) > 0 {
            return Ok(());
        }
        let most = size(self.network.bytes);
        self.network.output.say(format!("The build fetched more than {most} and was cut off. Make it fetch less, and push again."));
        Err(io::ErrorKind::QuotaExceeded.into())
    }
}

pub struct Counted<S> {
    pub stream: S,
    pub left: Arc<Left>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.left.check()?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.left.take((buffer.filled().len() - before) as u64);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
