//! The zygotes of a node, from the server's side: one for each app that somebody works on. They save time and nothing depends on them: a boot without one is a worker's.
use super::{Files, worker::write_job, zygote::KILLED};
use crate::{Refusal, RuntimeError, Shared, compile::blocking, worker};
use paas_model::{AppId, ConfigVars, Digest, Target};
use std::{
    collections::HashMap,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// That of an Express app has 19 MB of memory of its own.
const MOST: usize = 8;
/// One that nobody has needed for so long is let go. Who boots an app twice within this time will do so again.
const IDLE: Duration = Duration::from_secs(600);

#[derive(Default)]
pub(crate) struct Zygotes {
    live: Mutex<HashMap<Stage, Arc<Zygote>>>,
    /// Boots of late.
    booted: Mutex<HashMap<Stage, Instant>>,
}

/// What the boots have in common that one zygote does: an app, and all that a zygote has started and parsed.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Stage {
    app: AppId,
    ground: Digest,
    engine: [Digest; 3],
    memory_bytes: u64,
}

impl Stage {
    /// `None` if the app's code is all in one file.
    fn of(files: Files, target: &Target) -> Option<Self> {
        let engine = [files.engine, files.initializer, files.settings];
        Some(Self { app: target.app, ground: files.ground?, engine, memory_bytes: target.limits.memory_bytes })
    }
}

struct Zygote {
    wanted: Mutex<Instant>,
    /// `None` during a boot, and once it has failed.
    process: tokio::sync::Mutex<Option<Process>>,
    _sources: TempDir,
}

struct Process {
    orders: ChildStdin,
    ends: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Zygotes {
    fn all(&self) -> MutexGuard<'_, HashMap<Stage, Arc<Zygote>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a boot; whether there was another of late.
    fn booted(&self, stage: &Stage) -> bool {
        let mut booted = self.booted.lock().unwrap_or_else(PoisonError::into_inner);
        booted.retain(|_, at| at.elapsed() < IDLE);
        booted.insert(stage.clone(), Instant::now()).is_some()
    }

    /// The one for these boots, wanted from now on.
    fn get(&self, stage: &Stage) -> Option<Arc<Zygote>> {
        let found = self.all().get(stage).cloned()?;
        *found.wanted() = Instant::now();
        Some(found)
    }

    fn put(&self, stage: Stage, zygote: Arc<Zygote>) {
        let mut all = self.all();
        all.insert(stage, zygote);
        if all.len() > MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, zygote)| *zygote.wanted()).map(|(stage, _)| stage.clone())
        {
            all.remove(&oldest);
        }
    }

    /// Ends the app's.
    pub(super) fn forget(&self, app: AppId) {
        self.all().retain(|stage, _| stage.app != app);
    }
}

impl Zygote {
    fn wanted(&self) -> MutexGuard<'_, Instant> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_idle(&self) -> bool {
        self.wanted().elapsed() >= IDLE
    }
}

/// Does the job of this file by the app's zygote. `None` if there is none, or it is at another boot, or it has failed: by no fault of the app's, then.
pub(super) async fn boot(rt: &Shared, target: &Target, files: Files, path: &Path, said: &Path) -> Option<Result<(), Refusal>> {
    let stage = Stage::of(files, target)?;
    let zygote = rt.zygotes.get(&stage)?;
    let mut place = zygote.process.try_lock().ok()?;
    let status = match place.take() {
        // Who gives up in the middle leaves none: the next would get this one's status.
        Some(mut process) => order(&mut process, path).await.inspect(|_| *place = Some(process)),
        None => None,
    };
    let Some(status) = status else {
        rt.zygotes.all().remove(&stage);
        return None;
    };
    let said = read_said(said.to_owned()).await;
    Some(said.map_err(Refusal::from).and_then(|said| worker::outcome(status.parse().ok(), said.trim())))
}

/// No more than of a worker; nothing, if the boot was killed before it could say anything.
async fn read_said(path: PathBuf) -> Result<String, RuntimeError> {
    blocking(move || {
        let mut said = Vec::new();
        let read = File::open(path).and_then(|file| file.take(worker::MESSAGE_BYTES).read_to_end(&mut said));
        read.map_or_else(|_| String::new(), |_| String::from_utf8_lossy(&said).into_owned())
    })
    .await
}

/// The status of a boot, or [`KILLED`].
async fn order(process: &mut Process, path: &Path) -> Option<String> {
    process.orders.write_all(format!("{}\n", path.display()).as_bytes()).await.ok()?;
    let end = tokio::time::timeout(worker::WALL, process.ends.next_line()).await;
    end.ok()?.ok()?.filter(|status| status == KILLED || status.parse::<i32>().is_ok())
}

/// Has a zygote ready for the app's next boot, if there is likely to be one soon, and its code has a part that will be the same then.
pub(super) fn make_later(rt: &Arc<Shared>, target: &Target, files: Files) {
    let Some(stage) = Stage::of(files, target) else { return };
    if !rt.zygotes.booted(&stage) || rt.zygotes.get(&stage).is_some() {
        return;
    }
    let (weak, target) = (Arc::downgrade(rt), target.clone());
    tokio::spawn(async move {
        let Some(rt) = weak.upgrade() else { return };
        let made = make(&rt, &target, files, &stage).await;
        drop(rt);
        match made {
            Ok(()) => end_when_idle(weak, stage).await,
            Err(error) => tracing::warn!(app = %target.app, %error, "An app has no zygote: its boots take longer."),
        }
    });
}

async fn make(rt: &Arc<Shared>, target: &Target, files: Files, stage: &Stage) -> Result<(), Refusal> {
    let scratch = rt.cache.scratch()?;
    let path = scratch.path().join("job.json");
    // Nothing of the release is for the zygote to see.
    let target = Target { env: Arc::new(ConfigVars::default()), ..target.clone() };
    {
        let (rt, path) = (rt.clone(), path.clone());
        blocking(move || write_job(&rt, &target, files, None, &path)).await??;
    }
    let mut command = Command::new(&rt.worker);
    command.arg("worker").arg("zygote").arg(&path).env_clear().env("RUST_LIB_BACKTRACE", "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(RuntimeError::Worker)?;
    let (orders, ends) = (child.stdin.take().expect("stdin is piped"), child.stdout.take().expect("stdout is piped"));
    let process = Process { orders, ends: BufReader::new(ends).lines(), _child: child };
    let zygote = Zygote { wanted: Mutex::new(Instant::now()), process: tokio::sync::Mutex::new(Some(process)), _sources: scratch };
    rt.zygotes.put(stage.clone(), Arc::new(zygote));
    Ok(())
}

/// Watches over a zygote until it goes, whoever ends it.
async fn end_when_idle(rt: Weak<Shared>, stage: Stage) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(rt) = rt.upgrade() else { return };
        let mut all = rt.zygotes.all();
        match all.get(&stage) {
            Some(zygote) if zygote.is_idle() => drop(all.remove(&stage)),
            Some(_) => continue,
            None => {}
        }
        return;
    }
}
