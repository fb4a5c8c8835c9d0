//! The limited child process that compiles and boots what developers pushed: both sides of it.
//!
//! `paasd worker compile <wasm> <out>`, and `paasd worker boot …` and its like. The child has no environment; its input, if any, are the functions of an earlier compilation. It says why it refuses on stderr. What it runs on was
//! written by others: it has its own limits on processor time, memory and file size, and the server waits for it with a deadline.
use crate::{
    Refusal, RuntimeError, booted, compile as native,
    engine::{self, Kind},
    javascript,
    kept::{self, Kept},
    python,
};
use nix::sys::resource::{Resource, setrlimit};
use std::{
    ffi::{OsStr, OsString},
    path::Path,
    process::{ExitCode, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::{io::AsyncReadExt, process::Command};
use wasmtime::Engine;

/// The child's exit code for "the developer acts"; stderr says how.
pub(crate) const REFUSED: u8 = 3;
const CPU_SECONDS: u64 = 300;
pub(crate) const WALL: Duration = Duration::from_secs(600);
/// Of data, not of addresses: linear memories reserve far more than they use.
const MEMORY_BYTES: u64 = 2 << 30;
const FILE_BYTES: u64 = 2 << 30;
pub(crate) const MESSAGE_BYTES: u64 = 16 << 10;

/// Runs a worker to its end. `Err(Refusal::App)` carries what it said to the developer.
pub(crate) async fn run<I>(program: &Path, args: I) -> Result<(), Refusal>
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    run_on(program, args, Stdio::null()).await
}

/// As [`run`], with something to read.
pub(crate) async fn run_on<I>(program: &Path, args: I, input: Stdio) -> Result<(), Refusal>
where
    I: IntoIterator,
    I::Item: AsRef<OsStr>,
{
    let mut command = Command::new(program);
    command.arg("worker").args(args).env_clear().env("RUST_LIB_BACKTRACE", "0");
    command.stdin(input).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(RuntimeError::Worker)?;
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let mut said = Vec::new();
    let ending = async {
        (&mut stderr).take(MESSAGE_BYTES).read_to_end(&mut said).await?;
        // What is longer is not kept, but read, so that the worker does not wait for us.
        tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
        child.wait().await
    };
    let status = match tokio::time::timeout(WALL, ending).await {
        Ok(status) => status.map_err(RuntimeError::Worker)?,
        Err(_) => {
            return Err(Refusal::app(format!(
                "Preparing this app took longer than {} minutes. Make it smaller and push again.",
                WALL.as_secs() / 60
            )));
        }
    };
    outcome(status.code(), String::from_utf8_lossy(&said).trim())
}

/// What a worker's end means: the code it exited with, if no signal has ended it, and what it said.
pub(crate) fn outcome(code: Option<i32>, said: &str) -> Result<(), Refusal> {
    match code {
        Some(0) => Ok(()),
        Some(code) if code == i32::from(REFUSED) => Err(Refusal::App(said.into())),
        Some(_) => Err(RuntimeError::WorkerFailed(said.into()).into()),
        None => Err(Refusal::app("Preparing this app took too much memory or processor time. Make it smaller and push again.")),
    }
}

/// What the program does as `paasd worker <command> …`; `args` begin with the command.
pub fn worker_main(args: Vec<OsString>) -> ExitCode {
    if let Err(error) = limit() {
        eprintln!("the worker cannot limit itself: {error}");
        return ExitCode::FAILURE;
    }
    match args.split_first() {
        Some((command, rest)) if command == "compile" => compile_main(rest),
        Some((command, rest)) if command == "boot" => javascript::boot_main(rest),
        Some((command, rest)) if command == "zygote" => javascript::zygote_main(rest),
        Some((command, rest)) if command == "boot-python" => python::boot_main(rest),
        Some((command, rest)) if command == "settle-python" => python::settle_main(rest),
        Some((command, rest)) if command == "boot-modules" => booted::boot_main(rest),
        _ => {
            eprintln!("usage: worker compile WASM OUT | worker boot …");
            ExitCode::FAILURE
        }
    }
}

fn limit() -> nix::Result<()> {
    for (resource, most) in
        [(Resource::RLIMIT_CPU, CPU_SECONDS), (Resource::RLIMIT_DATA, MEMORY_BYTES), (Resource::RLIMIT_FSIZE, FILE_BYTES), (Resource::RLIMIT_CORE, 0)]
    {
        setrlimit(resource, most, most)?;
    }
    Ok(())
}

/// `compile <wasm> <out> [<functions>]`: native code of a component or module. With `functions`, standard input has those of an earlier compilation, and this one's are written there.
fn compile_main(args: &[OsString]) -> ExitCode {
    let (wasm, out, kept) = match args {
        [wasm, out] => (wasm, out, None),
        [wasm, out, kept] => (wasm, out, Some(Path::new(kept))),
        _ => {
            eprintln!("usage: worker compile WASM OUT [FUNCTIONS]");
            return ExitCode::FAILURE;
        }
    };
    match compile(Path::new(wasm), Path::new(out), kept) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal::App(text)) => {
            eprintln!("{text}");
            ExitCode::from(REFUSED)
        }
        Err(Refusal::Fault(fault)) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn compile(wasm: &Path, out: &Path, kept: Option<&Path>) -> Result<(), Refusal> {
    let bytes = std::fs::read(wasm).map_err(|source| RuntimeError::Blob { path: wasm.into(), source })?;
    let bytes = wat::parse_bytes(&bytes).map_err(|error| Refusal::app(format!("This is not WebAssembly: {error}")))?;
    let kind = Kind::of(&bytes);
    let Some(kept) = kept.filter(|_| kept::has_code(&bytes)) else {
        return write(&native::written(out, kind), &native_code(&engine::for_worker(kind).map_err(RuntimeError::Engine)?, &bytes)?);
    };
    let functions = Kept::read(std::io::stdin()).map_err(RuntimeError::Worker)?;
    let functions = Arc::new(functions);
    let engine = engine::with_functions(kind, functions.clone()).map_err(RuntimeError::Engine)?;
    write(&native::written(out, kind), &native_code(&engine, &bytes)?)?;
    functions.write(kept).map_err(|source| RuntimeError::Cache { path: kept.into(), source }.into())
}

fn native_code(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>, Refusal> {
    let component = wasmparser::Parser::is_component(wasm);
    let code = if component { engine.precompile_component(wasm) } else { engine.precompile_module(wasm) };
    code.map_err(|error| Refusal::app(format!("This WebAssembly does not compile: {error:#}. Build it again with a current toolchain.")))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    std::fs::write(path, bytes).map_err(|source| RuntimeError::Cache { path: path.into(), source }.into())
}
