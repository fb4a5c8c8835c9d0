//! Carries bytes between a connection and a git process.
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use std::{io, pin::pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::ChildStdin,
    task::yield_now,
    time::timeout,
};

/// A client that sends nothing for so long has gone, though its connection may stand.
pub(crate) const SILENCE: Duration = Duration::from_secs(300);
/// What is kept of a child's complaints.
const COMPLAINT_BYTES: usize = 4096;
const PIECE_BYTES: usize = 64 * 1024;

/// Feeds a request's body to git, as fast as git takes it. However this ends (the body's end, a client that left, too many bytes),
/// git's input is closed and git ends by itself.
///
/// When git stops reading first, because it refuses the pack, the rest of the body is read and dropped: a client that is still
/// sending doesn't read the refusal.
pub(crate) async fn feed<B>(body: B, input: ChildStdin, max_bytes: u64)
where
    B: Stream<Item = Result<Bytes, io::Error>>,
{
    let mut body = pin!(body);
    let mut input = Some(input);
    let mut bytes = 0;
    loop {
        let piece = match timeout(SILENCE, body.next()).await {
            Ok(Some(Ok(piece))) => piece,
            Ok(Some(Err(error))) => return tracing::debug!(%error, "the client left while it was sending"),
            Ok(None) => return,
            Err(_) => return tracing::debug!("the client stopped sending"),
        };
        bytes += piece.len() as u64;
        if bytes > max_bytes {
            return tracing::debug!(max_bytes, "the client sends more than allowed");
        }
        if let Some(pipe) = &mut input
            && let Err(error) = pipe.write_all(&piece).await
        {
            tracing::debug!(%error, "git stopped reading");
            input = None;
        }
        // What a small body is unpacked to is there at once, piece after piece: others must have their turns between.
        yield_now().await;
    }
}

/// Reads git's output to its end and hands over every piece; `send` says whether to go on.
pub(crate) async fn drain<F>(mut output: impl AsyncRead + Unpin, mut send: impl FnMut(Bytes) -> F) -> io::Result<()>
where
    F: Future<Output = bool>,
{
    let mut buffer = BytesMut::new();
    loop {
        buffer.reserve(PIECE_BYTES);
        if output.read_buf(&mut buffer).await? == 0 || !send(buffer.split().freeze()).await {
            return Ok(());
        }
    }
}

/// The last words on a child's stderr, for our log.
pub(crate) async fn complaint(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(COMPLAINT_BYTES));
    }
    String::from_utf8_lossy(&kept).trim().to_string()
}
