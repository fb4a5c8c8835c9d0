//! A boot from both sides: what the server orders, and what its worker does.
use super::{
    Files, SNAPSHOT,
    boot::{self, APP, BootError, INITIALIZER, LATE, Order},
    engines, resting, tidy,
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
use paas_model::{Target, log};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use wasmtime::{Engine, Module, component::Component};

/// What an app may take to start. Processor time counts, so that a busy node is no reason to refuse.
const CPU: Duration = Duration::from_secs(10);
const WALL: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(20);

/// The order as the worker reads it, from a private file: the environment is the release's config.
#[derive(Serialize, Deserialize)]
struct Job {
    /// Compiled parts of the engine.
    link: PathBuf,
    base: PathBuf,
    order: Order,
    /// Where the worker writes the snapshot's module, and what the app printed.
    module: PathBuf,
    output: PathBuf,
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
    worker::run(&rt.worker, ["boot".as_ref(), path.as_os_str()]).await?;
    let note = {
        let (rt, target, id) = (rt.clone(), target.clone(), id.to_string());
        blocking(move || keep(&rt, &target, (&job.module, &job.output), &id, Copies::Packed)).await??
    };
    resting::pack_later(rt.clone(), files.engine, id.to_string());
    Ok(note)
}

fn write_job(rt: &Shared, target: &Target, files: Files, tree: Option<&Tree>, path: &Path) -> Result<Job, Refusal> {
    let folder = path.with_extension("d");
    let sources = folder.join("sources");
    let fails = |source| RuntimeError::Cache { path: folder.clone(), source };
    fs::create_dir_all(&sources).map_err(fails)?;
    for (digest, name) in [(files.initializer, INITIALIZER), (files.app, APP)] {
        fs::copy(rt.blobs.path(&digest), sources.join(name)).map_err(fails)?;
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
    exit_code(read_json(Path::new(path)).map_err(|error| BootError::Engine(error.to_string())).and_then(run))
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
    let fault = |error: String| BootError::Engine(error);
    let engine = engine::for_worker(engine::Kind::Plain).map_err(|error| fault(error.to_string()))?;
    let (link, base) = (open_component(&engine, &job.link)?, open(&engine, &job.base)?);
    let core = boot::core(&link, &base).map_err(|error| fault(format!("{error:#}")))?;
    end_in_time(&engine).map_err(|error| fault(error.to_string()))?;
    let output = match boot::boot(&core, &base, job.order.clone(), &job.module) {
        Err(BootError::NeedsRequest(note)) => {
            let output = boot::boot(&core, &base, Order { late: true, ..job.order }, &job.module)?;
            format!("{note}\n{output}")
        }
        output => output?,
    };
    fs::write(&job.output, output).map_err(|error| fault(error.to_string()))
}

#[allow(unsafe_code)]
pub(crate) fn open(engine: &Engine, path: &Path) -> Result<Module, BootError> {
    // SAFETY: the server names files of the node's cache whose seals it has checked; nobody writes to such a file.
    unsafe { Module::deserialize_file(engine, path) }.map_err(|error| BootError::Engine(format!("{error:#}")))
}

#[allow(unsafe_code)]
pub(crate) fn open_component(engine: &Engine, path: &Path) -> Result<Component, BootError> {
    // SAFETY: as above.
    unsafe { Component::deserialize_file(engine, path) }.map_err(|error| BootError::Engine(format!("{error:#}")))
}

/// Moves the engine's epoch, once, when the app has had its time.
pub(crate) fn end_in_time(engine: &Engine) -> io::Result<()> {
    let (engine, start) = (engine.clone(), Instant::now());
    let watch = move || {
        while start.elapsed() < WALL && processor_time() < CPU {
            std::thread::sleep(TICK);
        }
        engine.increment_epoch();
    };
    std::thread::Builder::new().name("boot limit".into()).spawn(watch).map(|_| ())
}

fn processor_time() -> Duration {
    let seconds = |time: nix::sys::time::TimeVal| Duration::new(time.tv_sec() as u64, time.tv_usec() as u32 * 1000);
    getrusage(UsageWho::RUSAGE_SELF).map_or(WALL, |usage| seconds(usage.user_time()) + seconds(usage.system_time()))
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}
