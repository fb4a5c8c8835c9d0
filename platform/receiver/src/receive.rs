//! A push from its first byte to git's exit.
use crate::{
    ByteStream, Judge, ReceiverError, Service, git,
    hook::{self, server::Running},
    pump,
    receiver::Inner,
};
use bytes::Bytes;
use futures::Stream;
use paas_model::AppId;
use std::{io, process::ExitStatus, sync::Arc, time::Duration};
use tokio::{process::Child, sync::mpsc, time::timeout};
use tokio_stream::wrappers::UnboundedReceiverStream;
use uuid::Uuid;

/// A push's body is a pack and the list of refs before it.
const MAX_COMMANDS_BYTES: u64 = 16 << 20;
/// After git's exit its output is at its end, unless something that it started holds on to it.
const LAST_OUTPUT: Duration = Duration::from_secs(2);

type Answer = mpsc::UnboundedSender<io::Result<Bytes>>;

/// Starts git; all that follows happens in tasks of its own, so that a push doesn't depend on the client's connection.
pub(crate) fn receive_pack<B>(inner: Arc<Inner>, app: AppId, body: B, judge: Arc<dyn Judge>) -> Result<ByteStream, ReceiverError>
where
    B: Stream<Item = Result<Bytes, io::Error>> + Send + 'static,
{
    let id = Uuid::new_v4();
    let repository = inner.repository(app);
    let mut command = git::service(&inner.git, Service::ReceivePack, "--stateless-rpc", &repository);
    command.env(hook::SOCKET, inner.hooks.socket()).env(hook::PUSH, id.to_string());
    let mut child = inner.git.spawn(&mut command)?;
    let running = inner.hooks.register(Running::new(id, app, repository, judge));
    if let Some(input) = child.stdin.take() {
        tokio::spawn(pump::feed(body, input, inner.git.max_pack_bytes + MAX_COMMANDS_BYTES));
    }
    // Unbounded, yet small: git's answer to a push is its progress, and the hook's lines, which have a cap of their own.
    let (answer, stream) = mpsc::unbounded_channel();
    tokio::spawn(follow(inner, child, running, answer));
    Ok(Box::pin(UnboundedReceiverStream::new(stream)))
}

async fn follow(inner: Arc<Inner>, mut child: Child, running: Arc<Running>, answer: Answer) {
    let complaint = child.stderr.take().map(|stderr| tokio::spawn(pump::complaint(stderr)));
    let ended = carry(&mut child, &answer).await;
    let failed = !ended.as_ref().is_ok_and(ExitStatus::success);
    if failed {
        // Before anything else: a client whose git was killed must not wait for the judge.
        answer.send(Err(io::Error::other("git receive-pack failed"))).ok();
        let complaint = match complaint {
            Some(reading) => timeout(LAST_OUTPUT, reading).await.ok().and_then(Result::ok),
            None => None,
        };
        tracing::warn!(push.id = %running.id, app.id = %running.app, ?ended, complaint, "a push failed");
    }
    // Held until the judge has finished, so that a push's next push finds nothing of it. Unless the judge is still at work although
    // git is gone, because the hook was killed: then the client has its answer and no reason to wait.
    let held = running.is_idle().then_some(answer);
    inner.hooks.finish(&running).await;
    drop(held);
    tidy(&inner, &running).await;
}

/// Hands git's output to the client until git has exited. A client that left changes nothing.
async fn carry(child: &mut Child, answer: &Answer) -> io::Result<ExitStatus> {
    let output = child.stdout.take();
    let answer = answer.clone();
    let mut draining = tokio::spawn(async move {
        let Some(output) = output else { return Ok(()) };
        pump::drain(output, |piece| {
            // Nobody reads any more: git is read to its end all the same.
            answer.send(Ok(piece)).ok();
            std::future::ready(true)
        })
        .await
    });
    let status = child.wait().await?;
    if timeout(LAST_OUTPUT, &mut draining).await.is_err() {
        draining.abort();
    }
    Ok(status)
}

/// Packs a repository when it has become untidy, which git decides.
async fn tidy(inner: &Inner, running: &Running) {
    if !running.moved_refs() {
        return;
    }
    let mut command = inner.git.command();
    command.args(["-c", "gc.auto=2000", "-c", "gc.autoDetach=false", "--git-dir"]).arg(&running.repository).args(["gc", "--auto", "--quiet"]);
    command.stdin(std::process::Stdio::null());
    let output = match inner.git.spawn(&mut command) {
        Ok(child) => child.wait_with_output().await,
        Err(error) => return tracing::warn!(error = &error as &dyn std::error::Error, app.id = %running.app, "tidying a repository failed"),
    };
    if !output.as_ref().is_ok_and(|output| output.status.success()) {
        tracing::warn!(?output, app.id = %running.app, "tidying a repository failed");
    }
}
