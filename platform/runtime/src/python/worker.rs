//! A boot from both sides: what the server orders, and what its worker does.
use super::{
    boot::{self, Order},
    bytecode::Bytecode,
    engines, launch,
};
use crate::{
    Refusal, RuntimeError, Shared,
    compile::{CODE, blocking},
    engine,
    files::Trees,
    javascript::{
        boot::BootError,
        worker::{Copies, Watch, exit_code, keep, open, open_component, read_json},
    },
    kept::{self, Kept},
    worker,
};
use paas_model::Target;
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{ExitCode, Stdio},
    sync::Arc,
};

/// Before the name of an app that cannot start ahead of its first request.
const LATE_START: &str = "late ";

/// The order as the worker reads it, from a private file: the environment is the release's config.
#[derive(Serialize, Deserialize)]
struct Job {
    /// The engine's name, and its compiled parts.
    engine: String,
    link: PathBuf,
    base: PathBuf,
    order: Order,
    /// Where the worker writes the snapshot's module, and what the app printed.
    module: PathBuf,
    output: PathBuf,
    /// Where it writes what it compiled.
    bytecode: PathBuf,
}

/// Boots the app in a worker and puts its snapshot into the cache. What the app printed goes to its log. Gives what the developer should know.
pub(super) async fn boot(rt: &Arc<Shared>, target: &Target, id: &str) -> Result<Option<String>, Refusal> {
    let (app, blobs) = launch(target)?;
    let library = engines::get(rt, blobs).await?.library.path().to_owned();
    let files = Trees::of(rt, target).await?;
    let scratch = rt.cache.scratch()?;
    let part = |name| rt.cache.path(CODE, &engines::part(blobs.component, name));
    let job = Job {
        engine: blobs.component.to_string(),
        link: part(engines::LINK),
        base: part(engines::BASE),
        order: Order {
            app: app.into(),
            files: files.as_ref().map(|tree| tree.path().to_owned()),
            library,
            env: target.env.0.clone(),
            memory_bytes: target.limits.memory_bytes as usize,
        },
        module: scratch.path().join("module"),
        output: scratch.path().join("output"),
        bytecode: scratch.path().join("bytecode"),
    };
    let path = scratch.path().join("job.json");
    let bytes = serde_json::to_vec(&job).expect("a job is plain data");
    tokio::fs::write(&path, bytes).await.map_err(|source| RuntimeError::Cache { path: path.clone(), source })?;
    let before = kept::find(rt, kept::Kind::Bytecode, target.app).await?.map_or(Stdio::null(), Stdio::from);
    worker::run_on(&rt.worker, ["boot-python".as_ref(), path.as_os_str()], before).await?;
    let (rt, target, id) = (rt.clone(), target.clone(), id.to_string());
    let kept = move || {
        let note = keep(&rt, &target, (&job.module, &job.output), &id, Copies::One)?;
        if job.bytecode.exists() {
            kept::keep(&rt, kept::Kind::Bytecode, target.app, job.bytecode, scratch);
        }
        Ok(note)
    };
    blocking(kept).await?
}

/// `worker boot-python <job.json>`
pub(crate) fn boot_main(args: &[OsString]) -> ExitCode {
    let [path] = args else {
        eprintln!("usage: worker boot-python JOB");
        return ExitCode::FAILURE;
    };
    exit_code(read_json(Path::new(path)).map_err(|error| BootError::Engine(error.to_string())).and_then(run))
}

fn run(job: Job) -> Result<(), BootError> {
    let fault = |error: String| BootError::Engine(error);
    let engine = engine::for_worker(engine::Kind::Plain).map_err(|error| fault(error.to_string()))?;
    let (link, base) = (open_component(&engine, &job.link)?, open(&engine, &job.base)?);
    let bytecode = Bytecode::new(&job.engine, Kept::read(std::io::stdin()).map_err(|error| fault(error.to_string()))?);
    Watch::start(&engine).map_err(|error| fault(error.to_string()))?;
    let output = match boot::boot(&link, &base, &bytecode, job.order.clone(), &job.module) {
        Err(BootError::NeedsRequest(note)) => {
            let late = Order { app: format!("{LATE_START}{}", job.order.app), ..job.order };
            let output = boot::boot(&link, &base, &bytecode, late, &job.module)?;
            format!("{note}\n{output}")
        }
        output => output?,
    };
    bytecode.kept().write(&job.bytecode).map_err(|error| fault(error.to_string()))?;
    fs::write(&job.output, output).map_err(|error| fault(error.to_string()))
}

/// `worker settle-python <link> <base> <module>`
pub(crate) fn settle_main(args: &[OsString]) -> ExitCode {
    let [link, base, module] = args else {
        eprintln!("usage: worker settle-python LINK BASE MODULE");
        return ExitCode::FAILURE;
    };
    let settle = || {
        let engine = engine::for_worker(engine::Kind::Plain).map_err(BootError::engine)?;
        let (link, base) = (open_component(&engine, link.as_ref())?, open(&engine, base.as_ref())?);
        Watch::start(&engine).map_err(BootError::engine)?;
        boot::settle(&link, &base, module.as_ref()).map_err(BootError::engine)
    };
    exit_code(settle())
}
