//! Runs an app's top level on the engine's code, with the app's environment, and gives the memory it leaves behind.
//!
//! Happens in a child process: the app's code runs here with real randomness, a clock, and the slug's files to read; nothing else.
use super::{holes, host, split};
use crate::{boot::Memory, files::Folder, snapshot, working_set};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt::Display,
    io,
    path::{Path, PathBuf},
};
use wasmtime::{
    Caller, Linker, Memory as GuestMemory, Module, Store, Trap,
    component::{self, Component},
};
use wasmtime_wasi::{
    FsPerms, WasiCtxBuilder,
    p1::{self, WasiP1Ctx},
    p2::pipe::{MemoryInputPipe, MemoryOutputPipe},
};

/// The folder with the two scripts, as the engine sees it.
const SOURCES: &str = "/sources";
/// File names in that folder.
pub(super) const INITIALIZER: &str = "initializer.js";
pub(super) const APP: &str = "app.js";
/// Of an app that stands on a ground, those two are modules that [`ENTRY`] imports, in this order.
pub(super) const GROUND: &str = "ground.js";
pub(super) const MAIN: &str = "main.js";
pub(super) const ENTRY: &str = "import \"./ground.js\";\nimport \"./main.js\";\n";
/// Where the engine opens files.
const OPEN: (&str, &str) = ("wasi_snapshot_preview1", "path_open");
/// How the engine's own words about an exception begin.
const ENGINES_REPORT: &str = "Exception while evaluating top-level script";
/// How the prelude says that the app cannot start ahead of its first request (`prelude/late.js` of the buildpack, `_paas/late.py` of Python's); why follows.
pub(crate) const LATE: &str = "The app starts with each request: ";
/// Tells the prelude not to try.
const BOOT_LATE: (&str, &str) = ("PAAS_BOOT", "late");
/// What an app may print while it boots; the rest is dropped.
const OUTPUT_BYTES: usize = 64 * 1024;

/// An app to boot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// Folder with [`INITIALIZER`] and [`APP`], and what that imports.
    pub sources: PathBuf,
    /// What the engine wants to know about its own bindings.
    pub settings: BTreeMap<String, String>,
    /// The release's environment.
    pub env: BTreeMap<String, String>,
    /// The slug's own files, if it has some.
    pub files: Option<PathBuf>,
    /// Not to run the app's top level now, but with each request.
    #[serde(default)]
    pub late: bool,
    pub memory_bytes: usize,
}

/// Why an app did not boot; `output` is what it printed, its stack trace included.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub(crate) enum BootError {
    #[error("The app failed while it started:\n{output}")]
    Failed { output: String },
    #[error("The app did not finish starting: its top-level code ran longer than allowed. Move long work into the request handler.\n{output}")]
    TooLong { output: String },
    #[error("The app needed more than its memory limit of {limit_mb} MB while it started.\n{output}")]
    Memory { limit_mb: usize, output: String },
    /// The text is the prelude's line.
    #[error("{0}")]
    NeedsRequest(String),
    #[error("the engine could not be started: {0}")]
    Engine(String),
}

impl BootError {
    /// A fault that is not the app's.
    pub(crate) fn engine(error: impl Display) -> Self {
        Self::Engine(format!("{error:#}"))
    }
}

/// What the host functions of a boot see.
pub(super) struct Host {
    pub wasi: WasiP1Ctx,
    pub env: BTreeMap<String, String>,
    pub files: Option<Folder>,
    limits: Memory,
    /// Where the snapshot goes.
    module: PathBuf,
    wait: Option<Wait>,
}

/// Called where the engine is about to read [`MAIN`]; gives what to go on with, and where that snapshot goes.
pub(super) type Wait = Box<dyn FnOnce() -> io::Result<(Order, PathBuf)> + Send>;

/// The interpreter's module, which its component exports; only an instance gives it away.
pub(super) fn core(link: &Component, base: &Module) -> wasmtime::Result<Module> {
    let mut linker = component::Linker::new(link.engine());
    linker.root().module(split::SNAPSHOT, base)?;
    working_set::link_idle(&mut linker)?;
    linker.define_unknown_imports_as_traps(link)?;
    let mut store = Store::new(link.engine(), ());
    store.set_epoch_deadline(1);
    let instance = linker.instantiate(&mut store, link)?;
    instance.get_module(&mut store, split::ENGINE).ok_or_else(|| wasmtime::Error::msg("the engine keeps its code to itself"))
}

/// Boots an app on `core` whose memory begins as `base`, and writes the snapshot: a module of [`snapshot`]'s form. Gives what the app printed.
/// The store's engine must interrupt by epoch after one tick.
pub(super) fn boot(core: &Module, base: &Module, order: Order, module: &Path, wait: Option<Wait>) -> Result<String, BootError> {
    let stdout = MemoryOutputPipe::new(OUTPUT_BYTES);
    let memory_bytes = order.memory_bytes;
    let host = host_of(order, module, wait, &stdout).map_err(BootError::engine)?;
    let mut store = Store::new(core.engine(), host);
    store.limiter(|host| &mut host.limits);
    store.set_epoch_deadline(1);
    let result = run(&mut store, core, base, memory_bytes).map(|memory| snapshot::write(memory.data(&store), &store.data().module));
    let denied = store.data().limits.denied;
    drop(store);
    let output = String::from_utf8_lossy(&stdout.contents()).into_owned();
    let late = output.lines().find(|line| line.starts_with(LATE)).map(String::from);
    match result {
        Ok(written) => written.map(|()| output).map_err(BootError::engine),
        Err(_) if denied => Err(BootError::Memory { limit_mb: memory_bytes >> 20, output }),
        Err(error) if error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) => Err(BootError::TooLong { output }),
        Err(error) => Err(late.map_or_else(|| BootError::Failed { output: report(&output, &error) }, BootError::NeedsRequest)),
    }
}

/// What the app printed: its prelude has described the error. The engine then does so again, naming lines of the bundle.
fn report(output: &str, error: &wasmtime::Error) -> String {
    let own = output.split(ENGINES_REPORT).next().unwrap_or_default().trim_end();
    match (own, output.trim_end()) {
        ("", "") => format!("{error:#}"),
        ("", engines) => engines.into(),
        (own, _) => own.into(),
    }
}

fn host_of(order: Order, module: &Path, wait: Option<Wait>, stdout: &MemoryOutputPipe) -> wasmtime::Result<Host> {
    let arguments = format!("--initializer-script-path {SOURCES}/{INITIALIZER} --strip-path-prefix {SOURCES}/ {SOURCES}/{APP}");
    let settings: Vec<_> = order.settings.into_iter().collect();
    let env = env_of(order.env, order.late);
    let wasi = WasiCtxBuilder::new()
        .stdin(MemoryInputPipe::new(arguments))
        .stdout(stdout.clone())
        .stderr(stdout.clone())
        .envs(&settings)
        .secure_random(host::SYSTEM)
        // Or other threads would read files, of which a fork has none. For the folders named after it.
        .allow_blocking_current_thread(true)
        .preopened_dir(&order.sources, SOURCES, FsPerms::ReadOnly)?
        .build_p1();
    let limits = Memory::of(order.memory_bytes);
    Ok(Host { wasi, env, files: order.files.map(Folder::new), limits, module: module.into(), wait })
}

fn env_of(mut env: BTreeMap<String, String>, late: bool) -> BTreeMap<String, String> {
    if late {
        env.insert(BOOT_LATE.0.into(), BOOT_LATE.1.into());
    }
    env
}

/// Has the boot wait in front of the app's own code, if it is to.
fn wait_for_order(host: &mut Host, path: &str) -> wasmtime::Result<()> {
    if path == MAIN
        && let Some(wait) = host.wait.take()
    {
        let (order, module) = wait()?;
        (host.env, host.files, host.module) = (env_of(order.env, order.late), order.files.map(Folder::new), module);
    }
    Ok(())
}

/// WASI's `path_open` with a look at the path before it. In WebAssembly, since WASI looks for the memory of whoever calls it.
const LOOK: &str = r#"(module
  (import "snapshot" "memory" (memory 0))
  (import "boot" "look" (func $look (param i32 i32)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (export "memory" (memory 0))
  (func (export "path_open") (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)
    (call $look (local.get 2) (local.get 3))
    (call $open (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4) (local.get 5) (local.get 6) (local.get 7) (local.get 8))))"#;

/// Puts [`wait_for_order`] in front of each file that the engine opens.
fn look_at_opens(linker: &mut Linker<Host>, store: &mut Store<Host>) -> wasmtime::Result<()> {
    linker.func_wrap("boot", "look", |mut caller: Caller<'_, Host>, at: u32, length: u32| -> wasmtime::Result<()> {
        let path = host::read_text(&mut caller, at, length)?;
        wait_for_order(caller.data_mut(), &path)
    })?;
    let module = Module::new(store.engine(), wat::parse_str(LOOK)?)?;
    let look = linker.instantiate(&mut *store, &module)?;
    let open = look.get_func(&mut *store, OPEN.1).ok_or_else(|| wasmtime::Error::msg("path_open is gone"))?;
    linker.allow_shadowing(true);
    linker.define(&*store, OPEN.0, OPEN.1, open)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The engine's own steps, in its own order; gives the memory that they leave.
fn run(store: &mut Store<Host>, core: &Module, base: &Module, memory_bytes: usize) -> wasmtime::Result<GuestMemory> {
    let mut linker = Linker::new(core.engine());
    p1::add_to_linker_sync(&mut linker, |host: &mut Host| &mut host.wasi)?;
    host::add(&mut linker)?;
    let memory = linker.instantiate(&mut *store, base)?;
    linker.instance(&mut *store, split::SNAPSHOT, memory)?;
    if store.data().wait.is_some() {
        look_at_opens(&mut linker, store)?;
    }
    linker.define_unknown_imports_as_traps(core)?;
    let engine = linker.instantiate(&mut *store, core)?;
    let stack = engine.get_global(&mut *store, split::STACK).ok_or_else(|| wasmtime::Error::msg("the engine has no stack"))?;
    let at_rest = stack.get(&mut *store).i32();

    engine.get_typed_func::<(), ()>(&mut *store, "snap_initze")?.call(&mut *store, ())?;
    engine.get_typed_func::<(), ()>(&mut *store, split::BOOT)?.call(&mut *store, ())?;
    let status = engine.get_typed_func::<(), i32>(&mut *store, "check_init")?.call(&mut *store, ())?;
    wasmtime::ensure!(status == 0, "the engine's bindings do not fit this app (status {status})");
    let memory = engine.get_memory(&mut *store, split::MEMORY).ok_or_else(|| wasmtime::Error::msg("the engine has no memory"))?;
    if memory.data_size(&*store) + holes::GROWTH_BYTES <= memory_bytes {
        holes::fill(&mut *store, &engine)?;
    }
    wasmtime::ensure!(stack.get(&mut *store).i32() == at_rest, "the engine did not come to rest");
    Ok(memory)
}
