//! A boot from both sides: what the server orders, and what its worker does.
use super::boot::{self, Order};
use crate::{
    Refusal, RuntimeError, Shared,
    compile::{CODE, blocking},
    engine,
    files::Trees,
    javascript::{
        boot::BootError,
        worker::{Copies, Watch, exit_code, keep, open, read_json},
    },
    program::Binary,
    worker,
};
use paas_model::Target;
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// The order as the worker reads it, from a private file: the environment is the release's config.
#[derive(Serialize, Deserialize)]
struct Job {
    /// The program's modules, compiled, with their names.
    modules: Vec<(String, PathBuf)>,
    order: Order,
    /// Where the worker writes the snapshot's module, and what the app printed.
    module: PathBuf,
    output: PathBuf,
}

/// Boots the app in a worker and puts its snapshot into the cache. What the app printed goes to its log. Gives what the developer should know.
pub(super) async fn boot(rt: &Arc<Shared>, target: &Target, wasm: &[Binary], id: &str) -> Result<Option<String>, Refusal> {
    let files = Trees::of(rt, target).await?;
    let scratch = rt.cache.scratch()?;
    let job = Job {
        modules: wasm.iter().map(|wasm| (wasm.name.clone(), rt.cache.path(CODE, &wasm.digest.to_string()))).collect(),
        order: Order {
            files: files.as_ref().map(|tree| tree.path().to_owned()),
            env: target.env.0.clone(),
            memory_bytes: target.limits.memory_bytes as usize,
        },
        module: scratch.path().join("module"),
        output: scratch.path().join("output"),
    };
    let path = scratch.path().join("job.json");
    let bytes = serde_json::to_vec(&job).expect("a job is plain data");
    tokio::fs::write(&path, bytes).await.map_err(|source| RuntimeError::Cache { path: path.clone(), source })?;
    worker::run(&rt.worker, ["boot-modules".as_ref(), path.as_os_str()]).await?;
    let (rt, target, id) = (rt.clone(), target.clone(), id.to_string());
    blocking(move || {
        let note = keep(&rt, &target, (&job.module, &job.output), &id, Copies::One);
        drop(scratch);
        note
    })
    .await?
}

/// `worker boot-modules <job.json>`
pub(crate) fn boot_main(args: &[OsString]) -> ExitCode {
    let [path] = args else {
        eprintln!("usage: worker boot-modules JOB");
        return ExitCode::FAILURE;
    };
    exit_code(read_json(Path::new(path)).map_err(BootError::engine).and_then(run))
}

fn run(job: Job) -> Result<(), BootError> {
    let engine = engine::for_worker(engine::Kind::Plain).map_err(BootError::engine)?;
    let load = |(name, path): (String, PathBuf)| Ok((name, open(&engine, &path)?));
    let modules = job.modules.into_iter().map(load).collect::<Result<Vec<_>, BootError>>()?;
    Watch::start(&engine).map_err(BootError::engine)?;
    let output = boot::boot(&engine, &modules, &job.order, &job.module)?;
    fs::write(&job.output, output).map_err(BootError::engine)
}
