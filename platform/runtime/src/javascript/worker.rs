//! A boot from both sides: what the server orders, and what its worker does.
use super::{
    Files, SNAPSHOT,
    boot::{self, APP, BootError, ENTRY, GROUND, INITIALIZER, LATE, MAIN, Order, Wait},
    engines, resting, tidy, zygotes,
};
use crate::{
    Refusal, RuntimeError, Shared,
    compile::{CODE, blocking},
    engine,
    files::{Tree, Trees},
    pages::{PAGE_BYTES, is_zero},
    snapshot, worker,
};
use chrono::Utc;
use nix::sys::resource::{UsageWho, getrusage};
use paas_model::{Digest, Target, log};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use wasmtime::{Engine, Module, component::Component};

/// What an app may take to start. Processor time counts, so that a busy node is no reason to refuse.
const CPU: Duration = Duration::from_secs(10);
const WALL: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(20);

/// The order as the worker reads it, from a private file: the environment is the release's config.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Job {
    /// Compiled parts of the engine.
    link: PathBuf,
    base: PathBuf,
    pub order: Order,
    /// Where the worker writes the snapshot's module, and what the app printed.
    pub module: PathBuf,
    output: PathBuf,
    /// Where a zygote's child says why it refuses, as a worker does on stderr.
    pub said: PathBuf,
}

/// `engine.json`, as far as it matters here.
#[derive(Deserialize)]
struct Settings {
    boot: BTreeMap<String, String>,
}

/// Boots the app in a worker and puts its snapshot into the cache. What the app printed goes to its log. Gives what the developer should know.
pub(super) async fn boot(rt: &Arc<Shared>, target: &Target, files: Files, id: &str) -> Result<Option<String>, Refusal> {
    let scratch = rt.cache.scratch()?;
    let path = scratch.path().join("job.json");
    let tree = Trees::of(rt, target).await?;
    let job = {
        let (rt, target, path, tree) = (rt.clone(), target.clone(), path.clone(), tree.clone());
        blocking(move || write_job(&rt, &target, files, tree.as_ref(), &path)).await??
    };
    match zygotes::boot(rt, target, files, &path, &job.said).await {
        Some(booted) => booted?,
        None => worker::run(&rt.worker, ["boot".as_ref(), path.as_os_str()]).await?,
    }
    zygotes::make_later(rt, target, files);
    let note = {
        let (rt, target, id) = (rt.clone(), target.clone(), id.to_string());
        blocking(move || keep(&rt, &target, (&job.module, &job.output), &id, Copies::Packed)).await??
    };
    resting::pack_later(rt.clone(), files.engine, id.to_string());
    Ok(note)
}

pub(super) fn write_job(rt: &Shared, target: &Target, files: Files, tree: Option<&Tree>, path: &Path) -> Result<Job, Refusal> {
    let folder = path.with_extension("d");
    let sources = folder.join("sources");
    let fails = |source| RuntimeError::Cache { path: folder.clone(), source };
    fs::create_dir_all(&sources).map_err(fails)?;
    let copy = |digest: Digest, name| fs::copy(rt.blobs.path(&digest), sources.join(name)).map(drop).map_err(fails);
    copy(files.initializer, INITIALIZER)?;
    copy(files.app, if files.ground.is_some() { MAIN } else { APP })?;
    if let Some(ground) = files.ground {
        copy(ground, GROUND)?;
        fs::write(sources.join(APP), ENTRY).map_err(fails)?;
    }
    let settings: Settings = read_json(&rt.blobs.path(&files.settings)).map_err(|error| foreign_engine(&error))?;
    let part = |name| rt.cache.path(CODE, &engines::part(files.engine, name));
    let job = Job {
        link: part("code"),
        base: part("base"),
        order: Order {
            sources,
            settings: settings.boot,
            env: target.env.0.clone(),
            files: tree.map(|tree| tree.path().into()),
            late: false,
            memory_bytes: target.limits.memory_bytes as usize,
        },
        module: folder.join("module"),
        output: folder.join("output"),
        said: folder.join("said"),
    };
    fs::write(path, serde_json::to_vec(&job).expect("a job is plain data")).map_err(fails)?;
    Ok(job)
}

fn foreign_engine(error: &io::Error) -> Refusal {
    Refusal::app(format!("The engine.json of this slug cannot be read: {error}. Push the app again."))
}

/// What the cache will have of a snapshot.
pub(crate) enum Copies {
    /// This one, which has to last.
    One,
    /// A packed one beside it, of which it can be made again: it needs no seal of its content, for which all of it would be read.
    Packed,
}

/// The module comes from a process that ran the app's code: it is checked here, and compiled here, which is quick for a module without code.
pub(crate) fn keep(rt: &Shared, target: &Target, (module, output): (&Path, &Path), id: &str, copies: Copies) -> Result<Option<String>, Refusal> {
    let fails = |source| RuntimeError::Cache { path: module.into(), source };
    let module = fs::read(module).map_err(fails)?;
    snapshot::validate(&module).map_err(|error| RuntimeError::WorkerFailed(format!("the snapshot is refused: {error}")))?;
    let code = rt.engine.precompile_module(&module).map_err(RuntimeError::Load)?;
    let whole = rt.cache.scratch_file().map_err(fails)?;
    write_sparse(whole.as_file(), &code).map_err(fails)?;
    tidy::note(rt, target.app, id)?;
    match copies {
        Copies::One => rt.cache.put(SNAPSHOT, id, whole.path())?,
        Copies::Packed => rt.cache.put_unread(SNAPSHOT, id, whole).map_err(fails)?,
    }
    let output = fs::read_to_string(output).map_err(fails)?;
    for text in output.lines() {
        rt.sink.write(target.app, log::Line { at: Utc::now(), source: log::Source::App, process: "web.1".into(), text: text.into() });
    }
    Ok(output.lines().find(|line| line.starts_with(LATE)).map(String::from))
}

/// More than half of a snapshot are zeros, which take no room on the disk if they are not written.
fn write_sparse(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.set_len(bytes.len() as u64)?;
    let pages: Vec<&[u8]> = bytes.chunks(PAGE_BYTES).collect();
    let mut at = 0;
    // As few writes as there are runs: what is written at once the system also keeps in one piece.
    for run in pages.chunk_by(|one, next| is_zero(one) == is_zero(next)) {
        let end = at + run.iter().map(|page| page.len()).sum::<usize>();
        if !is_zero(run[0]) {
            file.write_all_at(&bytes[at..end], at as u64)?;
        }
        at = end;
    }
    Ok(())
}

/// `worker boot <job.json>`
pub(crate) fn boot_main(args: &[OsString]) -> ExitCode {
    let [path] = args else {
        eprintln!("usage: worker boot JOB");
        return ExitCode::FAILURE;
    };
    exit_code(read_json(Path::new(path)).map_err(BootError::engine).and_then(run))
}

/// Says on stderr why an app did not boot.
pub(crate) fn exit_code(booted: Result<(), BootError>) -> ExitCode {
    match booted {
        Ok(()) => ExitCode::SUCCESS,
        Err(BootError::Engine(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Err(refused) => {
            eprintln!("{refused}");
            ExitCode::from(worker::REFUSED)
        }
    }
}

fn run(job: Job) -> Result<(), BootError> {
    let parts = Parts::open(&job)?;
    Watch::start(&parts.engine).map_err(BootError::engine)?;
    let booted = parts.boot(&job, None);
    finish(&parts, job, booted)
}

/// Once more, with each request, if the app cannot be booted ahead of it.
pub(super) fn finish(parts: &Parts, job: Job, booted: Result<String, BootError>) -> Result<(), BootError> {
    let output = match booted {
        Err(BootError::NeedsRequest(note)) => {
            let late = Job { order: Order { late: true, ..job.order.clone() }, ..job.clone() };
            format!("{note}\n{}", parts.boot(&late, None)?)
        }
        output => output?,
    };
    fs::write(&job.output, output).map_err(BootError::engine)
}

/// What apps are booted on, loaded.
pub(super) struct Parts {
    pub engine: Engine,
    core: Module,
    base: Module,
}

impl Parts {
    pub(super) fn open(job: &Job) -> Result<Self, BootError> {
        let engine = engine::without_threads(engine::Kind::Plain).map_err(BootError::engine)?;
        let (link, base) = (open_component(&engine, &job.link)?, open(&engine, &job.base)?);
        let core = boot::core(&link, &base).map_err(BootError::engine)?;
        Ok(Self { engine, core, base })
    }

    pub(super) fn boot(&self, job: &Job, wait: Option<Wait>) -> Result<String, BootError> {
        boot::boot(&self.core, &self.base, job.order.clone(), &job.module, wait)
    }
}

#[allow(unsafe_code)]
pub(crate) fn open(engine: &Engine, path: &Path) -> Result<Module, BootError> {
    // SAFETY: the server names files of the node's cache whose seals it has checked; nobody writes to such a file.
    unsafe { Module::deserialize_file(engine, path) }.map_err(BootError::engine)
}

#[allow(unsafe_code)]
pub(crate) fn open_component(engine: &Engine, path: &Path) -> Result<Component, BootError> {
    // SAFETY: as above.
    unsafe { Component::deserialize_file(engine, path) }.map_err(BootError::engine)
}

/// A thread that moves the engine's epoch, once, when the app has had its time. It goes on when this is dropped.
pub(crate) struct Watch {
    stopped: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watch {
    pub(crate) fn start(engine: &Engine) -> io::Result<Self> {
        let (engine, start, stopped) = (engine.clone(), Instant::now(), Arc::<AtomicBool>::default());
        let asked = stopped.clone();
        let watch = move || {
            while start.elapsed() < WALL && processor_time() < CPU {
                std::thread::park_timeout(TICK);
                if asked.load(Relaxed) {
                    return;
                }
            }
            engine.increment_epoch();
        };
        let thread = std::thread::Builder::new().name("boot limit".into()).spawn(watch)?;
        Ok(Self { stopped, thread })
    }

    /// The thread has ended afterwards.
    pub(super) fn stop(self) -> io::Result<()> {
        self.stopped.store(true, Relaxed);
        self.thread.thread().unpark();
        self.thread.join().map_err(|_| io::Error::other("the watch over the boot's time has panicked"))
    }
}

fn processor_time() -> Duration {
    let seconds = |time: nix::sys::time::TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
    getrusage(UsageWho::RUSAGE_SELF).map_or(WALL, |usage| seconds(usage.user_time()) + seconds(usage.system_time()))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
