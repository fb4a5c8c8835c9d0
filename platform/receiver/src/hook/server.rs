//! The platform's side of the hook: knows which pushes are running, and brings each question to the push's judge.
use super::{Hook, MAX_QUESTION_BYTES, Question, Reply, output::HookOutput, parse_update};
use crate::{
    Deploying, Judge, Push, ReceiverError, Rejected, Update, repository,
    repository::Objects,
    rules::{self, Refusal},
};
use paas_model::{AppId, output::Output};
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream, unix::OwnedWriteHalf},
    sync::mpsc,
    time::timeout,
};
use tokio_util::task::{AbortOnDropHandle, TaskTracker, task_tracker::TaskTrackerToken};
use uuid::Uuid;

/// A hook asks as soon as it is connected.
const ASKING: Duration = Duration::from_secs(10);
/// `sun_path` has 108 bytes, the last a NUL (unix(7)).
const MAX_SOCKET_PATH: usize = 107;

type Pushes = Arc<Mutex<HashMap<Uuid, Arc<Running>>>>;

/// Listens to hooks until it is dropped.
pub(crate) struct HookServer {
    socket: PathBuf,
    pushes: Pushes,
    _listening: AbortOnDropHandle<()>,
}

/// A push whose git is running.
pub(crate) struct Running {
    pub id: Uuid,
    pub app: AppId,
    pub repository: PathBuf,
    judge: Arc<dyn Judge>,
    stage: Mutex<Stage>,
    /// The judge's calls; the last call waits for all others.
    calls: TaskTracker,
}

/// How far a push has come: each hook may ask once, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Started,
    Judging,
    Accepted,
    Moved,
    Ended,
}

impl HookServer {
    pub fn bind(socket: &Path) -> Result<Self, ReceiverError> {
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(ReceiverError::SocketPath(socket.into()));
        }
        match fs::remove_file(socket) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ReceiverError::file("replacing the socket", socket)(error)),
            _ => {}
        }
        let listener = UnixListener::bind(socket).map_err(ReceiverError::file("listening on the socket", socket))?;
        let pushes = Pushes::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&pushes)));
        Ok(Self { socket: socket.into(), pushes, _listening: AbortOnDropHandle::new(listening) })
    }

    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// From now on the push's hooks are heard.
    pub fn register(&self, running: Running) -> Arc<Running> {
        let running = Arc::new(running);
        lock(&self.pushes).insert(running.id, Arc::clone(&running));
        running
    }

    /// git has exited: waits for the judge's running call, then tells the judge.
    pub async fn finish(&self, running: &Running) {
        lock(&self.pushes).remove(&running.id);
        running.end();
        running.calls.close();
        running.calls.wait().await;
        running.judge.ended(running.id).await;
    }
}

async fn listen(listener: UnixListener, pushes: Pushes) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let pushes = Arc::clone(&pushes);
                tokio::spawn(async move {
                    if let Err(error) = converse(stream, &pushes).await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "talking with a hook failed");
                    }
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: they come back when requests end.
                tracing::error!(error = &error as &dyn std::error::Error, "accepting a hook failed");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn converse(stream: UnixStream, pushes: &Pushes) -> io::Result<()> {
    if stream.peer_cred()?.uid() != nix::unistd::geteuid().as_raw() {
        return Err(io::Error::other("another user connected to the hook's socket"));
    }
    let (reading, writing) = stream.into_split();
    let question = timeout(ASKING, read_question(reading)).await??;
    let running = lock(pushes).get(&question.push).cloned().ok_or_else(|| io::Error::other("a hook named no running push"))?;
    let hook = question.hook;
    let call = running.begin(hook).ok_or_else(|| io::Error::other(format!("{hook:?} out of order")))?;
    let (output, lines) = HookOutput::new();
    let judging = tokio::spawn(answer(Arc::clone(&running), question, Output::new(output), call));
    // A judge that panicked has said no; the panic itself is logged by the panic hook.
    let verdict = async move { judging.await.unwrap_or(false) };
    relay(writing, lines, verdict).await
}

/// One line of JSON; more, less or anything else is an error.
async fn read_question(reading: impl tokio::io::AsyncRead + Unpin) -> io::Result<Question> {
    let mut line = Vec::new();
    // JSON escapes some bytes, so that the line is longer than what the hook read.
    BufReader::new(reading).take(2 * MAX_QUESTION_BYTES).read_until(b'\n', &mut line).await?;
    Ok(serde_json::from_slice(&line)?)
}

/// Sends the lines as they come, then the verdict. A hook that has gone ends this, and not the judge.
async fn relay(mut hook: OwnedWriteHalf, mut lines: mpsc::UnboundedReceiver<Reply>, verdict: impl Future<Output = bool>) -> io::Result<()> {
    let mut verdict = std::pin::pin!(verdict);
    let accepted = loop {
        tokio::select! {
            biased;
            Some(line) = lines.recv() => send(&mut hook, &line).await?,
            accepted = &mut verdict => break accepted,
        }
    };
    while let Ok(line) = lines.try_recv() {
        send(&mut hook, &line).await?;
    }
    send(&mut hook, &Reply::Verdict(accepted)).await
}

async fn send(hook: &mut OwnedWriteHalf, reply: &Reply) -> io::Result<()> {
    let mut frame = serde_json::to_vec(reply)?;
    frame.push(b'\n');
    hook.write_all(&frame).await
}

/// The call's token lives as long as the judge's call, so that [`HookServer::finish`] waits for it.
async fn answer(running: Arc<Running>, question: Question, output: Output, _call: TaskTrackerToken) -> bool {
    if question.hook == Hook::PostReceive {
        running.judge.post_receive(running.id, output).await;
        return true;
    }
    let judged = match running.check(question, &output).await {
        Ok(push) => running.judge.pre_receive(push, output.clone()).await,
        Err(refusal) => Err(refusal.into_rejected()),
    };
    if let Err(Rejected(reason)) = &judged {
        output.warning(reason);
    }
    judged.is_ok() && running.accept()
}

impl Running {
    pub fn new(id: Uuid, app: AppId, repository: PathBuf, judge: Arc<dyn Judge>) -> Self {
        Self { id, app, repository, judge, stage: Mutex::new(Stage::Started), calls: TaskTracker::new() }
    }

    /// git has asked after the refs had moved.
    pub fn moved_refs(&self) -> bool {
        *lock(&self.stage) == Stage::Moved
    }

    /// A hook that is only now being heard comes too late.
    fn end(&self) {
        let mut stage = lock(&self.stage);
        if *stage != Stage::Moved {
            *stage = Stage::Ended;
        }
    }

    /// No call of the judge is running.
    pub fn is_idle(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes the next step, if it is this hook's turn.
    fn begin(&self, hook: Hook) -> Option<TaskTrackerToken> {
        let mut stage = lock(&self.stage);
        *stage = match (*stage, hook) {
            (Stage::Started, Hook::PreReceive) => Stage::Judging,
            (Stage::Accepted, Hook::PostReceive) => Stage::Moved,
            _ => return None,
        };
        Some(self.calls.token())
    }

    fn accept(&self) -> bool {
        let mut stage = lock(&self.stage);
        let accepted = *stage == Stage::Judging;
        if accepted {
            *stage = Stage::Accepted;
        }
        accepted
    }

    /// Turns a hook's question into a push that keeps the rules.
    async fn check(&self, question: Question, output: &Output) -> Result<Push, Refusal> {
        let updates: Option<Vec<Update>> = question.updates.iter().map(|line| parse_update(line)).collect();
        let updates = updates.ok_or_else(|| Refusal::Rules("The list of refs could not be read. Update git, then push again.".into()))?;
        let repository = self.repository.clone();
        let checking = tokio::task::spawn_blocking(move || {
            let objects = objects(repository, question.quarantine)?;
            rules::check(&objects, &updates).map(|checked| (checked, objects, updates))
        });
        let (checked, objects, updates) = checking.await.map_err(|error| Refusal::Fault(error.into()))??;
        for note in &checked.notes {
            output.warning(note);
        }
        let deploying = checked.deploying.and_then(|update| Deploying::of(update, &objects));
        Ok(Push { id: self.id, app: self.app, deploying, updates, options: question.options, objects })
    }
}

impl Deploying {
    fn of(update: Update, objects: &Objects) -> Option<Self> {
        Some(Self { reference: update.name, commit: update.new?, old: update.old, objects: objects.clone() })
    }
}

/// The quarantine has to be one of this repository's: the hook's word alone opens no other folder.
fn objects(repository: PathBuf, quarantine: Option<PathBuf>) -> Result<Objects, Refusal> {
    let fault = |path: &Path| {
        let path = path.to_path_buf();
        move |error| Refusal::Fault(ReceiverError::file("finding the pushed objects", path)(error))
    };
    let Some(named) = quarantine else { return Ok(Objects { repository, quarantine: None }) };
    let found = named.canonicalize().map_err(fault(&named))?;
    let folder = repository.join("objects").canonicalize().map_err(fault(&repository))?;
    if found.parent() != Some(&folder) || !repository::is_quarantine(&found) {
        return Err(fault(&found)(io::Error::other("it is no quarantine of the pushed repository")));
    }
    Ok(Objects { repository, quarantine: Some(found) })
}

/// A panic elsewhere leaves these maps and stages as they were.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
