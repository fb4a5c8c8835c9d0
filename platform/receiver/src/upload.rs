//! A fetch or a clone: git's `upload-pack`, streamed with back-pressure.
use crate::{
    ByteStream, ReceiverError, Service,
    git::{self, Git},
    pump,
};
use bytes::Bytes;
use futures::Stream;
use std::{io, path::Path};
use tokio::{process::Child, sync::mpsc};
use tokio_stream::wrappers::ReceiverStream;

/// A fetch sends only what it wants and has.
const MAX_REQUEST_BYTES: u64 = 64 << 20;
/// Pieces of up to 64 KiB that wait for a slow client.
const WAITING_PIECES: usize = 8;

pub(crate) fn upload_pack<B>(git: &Git, repository: &Path, body: B, git_protocol: Option<&str>) -> Result<ByteStream, ReceiverError>
where
    B: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
{
    let mut command = git::service(git, Service::UploadPack, "--stateless-rpc", repository);
    command.kill_on_drop(true);
    if let Some(version) = git::protocol(git_protocol) {
        command.env("GIT_PROTOCOL", version);
    }
    let mut child = git.spawn(&mut command)?;
    if let Some(input) = child.stdin.take() {
        tokio::spawn(pump::feed(body, input, MAX_REQUEST_BYTES));
    }
    let (answer, stream) = mpsc::channel(WAITING_PIECES);
    tokio::spawn(answer_from(child, answer));
    Ok(Box::pin(ReceiverStream::new(stream)))
}

/// Ends with git, or kills it (by dropping it) when the client has left.
async fn answer_from(mut child: Child, answer: mpsc::Sender<io::Result<Bytes>>) {
    let complaint = child.stderr.take().map(|stderr| tokio::spawn(pump::complaint(stderr)));
    let Some(output) = child.stdout.take() else { return };
    let drained = pump::drain(output, |piece| async { answer.send(Ok(piece)).await.is_ok() }).await;
    if answer.is_closed() {
        return;
    }
    match drained.and(child.wait().await) {
        Ok(status) if status.success() => {}
        ended => {
            let complaint = match complaint {
                Some(reading) => reading.await.unwrap_or_default(),
                None => String::new(),
            };
            tracing::info!(?ended, complaint, "a fetch failed");
            let failed = io::Error::other("git upload-pack failed");
            // The client may have left by now, and then needs no answer.
            answer.send(Err(failed)).await.ok();
        }
    }
}
