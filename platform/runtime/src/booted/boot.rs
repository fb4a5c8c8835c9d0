//! Starts a program without a request, with its release's environment, and gives the memory in which it waits for one.
//!
//! Happens in a child process: the app's code runs here with real randomness and clocks, and its own files to read; nothing else.
use crate::{
    boot::Memory,
    javascript::{
        boot::{BootError, LATE},
        split::MEMORY,
    },
    modules::START,
    outbound, snapshot,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use wasmtime::{Engine, Linker, Module, Store, Trap};
use wasmtime_wasi::{
    I32Exit,
    p1::{self, WasiP1Ctx},
    p2::pipe::MemoryOutputPipe,
};

/// What an app may print while it boots; the rest is dropped.
const OUTPUT_BYTES: usize = 64 * 1024;
/// Tells a program that it starts ahead of its requests.
const AHEAD: (&str, &str) = ("PAAS_BOOT", "ahead");

/// An app to boot.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// A folder on this machine.
    pub files: Option<PathBuf>,
    /// The release's environment.
    pub env: BTreeMap<String, String>,
    pub memory_bytes: usize,
}

struct Host {
    wasi: WasiP1Ctx,
    memory: Memory,
}

/// That the program calls other hosts while it starts.
#[derive(Debug, thiserror::Error)]
#[error("it uses the network while it starts. Move that into a request's handler to make requests faster.")]
struct UsesNetwork;

/// Boots the program, each of its modules with the name by which those after it import from it, and writes the snapshot: a module of [`snapshot`]'s form, without
/// memory for a program that starts with each request. Gives what the app printed. The engine must interrupt by epoch after one tick.
pub(super) fn boot(engine: &Engine, modules: &[(String, Module)], order: &Order, module: &Path) -> Result<String, BootError> {
    let output = MemoryOutputPipe::new(OUTPUT_BYTES);
    let host = Host::new(order, &output).map_err(BootError::engine)?;
    let mut store = Store::new(engine, host);
    store.limiter(|host| &mut host.memory);
    store.set_epoch_deadline(1);
    let booted = run(&mut store, modules);
    let output = String::from_utf8_lossy(&output.contents()).into_owned();
    let write = |memory: &[u8]| snapshot::write(memory, module).map_err(BootError::engine);
    match booted {
        Ok(memory) => write(memory.data(&store)).map(|()| output),
        Err(_) if store.data().memory.denied => Err(BootError::Memory { limit_mb: order.memory_bytes >> 20, output }),
        Err(error) => {
            let note = why_late(&error, &output)?;
            write(&[])?;
            Ok(if output.lines().any(|line| line.starts_with(LATE)) { output } else { format!("{LATE}{note}\n{output}") })
        }
    }
}

/// Why a program starts with each request, if it is for that that it did not come to wait for one.
fn why_late(error: &wasmtime::Error, output: &str) -> Result<String, BootError> {
    if let Some(network) = error.downcast_ref::<UsesNetwork>() {
        return Ok(network.to_string());
    }
    match (error.downcast_ref::<I32Exit>(), error.downcast_ref::<Trap>()) {
        (Some(I32Exit(0)), _) => Ok("without one it ends.".into()),
        (Some(I32Exit(_)), _) if !output.trim().is_empty() => Err(BootError::Failed { output: output.into() }),
        (_, Some(Trap::Interrupt)) => Err(BootError::TooLong { output: output.into() }),
        _ => Err(BootError::Failed { output: format!("{output}{error:#}") }),
    }
}

/// The memory in which the program waits.
fn run(store: &mut Store<Host>, modules: &[(String, Module)]) -> wasmtime::Result<wasmtime::Memory> {
    let mut linker = Linker::<Host>::new(store.engine());
    p1::add_to_linker_sync(&mut linker, |host| &mut host.wasi)?;
    let mut instances = Vec::with_capacity(modules.len());
    for (name, module) in modules {
        close_network(&mut linker, module)?;
        let instance = linker.instantiate(&mut *store, module)?;
        linker.instance(&mut *store, name, instance)?;
        instances.push(instance);
    }
    let [memory, .., program] = &instances[..] else { wasmtime::bail!("a program that boots has its memory in a library") };
    program.get_typed_func::<(), ()>(&mut *store, START)?.call(&mut *store, ())?;
    memory.get_memory(&mut *store, MEMORY).ok_or_else(|| wasmtime::format_err!("the first library has no memory"))
}

/// An app that starts sends no requests.
fn close_network(linker: &mut Linker<Host>, module: &Module) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    for import in module.imports().filter(|import| import.module() == outbound::CALLS_MODULE) {
        if let Some(ty) = import.ty().func() {
            linker.func_new(import.module(), import.name(), ty.clone(), |_, _, _| Err(UsesNetwork.into()))?;
        }
    }
    linker.allow_shadowing(false);
    Ok(())
}

impl Host {
    fn new(order: &Order, output: &MemoryOutputPipe) -> wasmtime::Result<Self> {
        let mut wasi = crate::boot::wasi(&order.env, order.files.as_deref(), output)?;
        if order.files.is_some() && !order.env.contains_key("PWD") {
            wasi.env("PWD", crate::files::APP);
        }
        wasi.env(AHEAD.0, AHEAD.1);
        Ok(Self { wasi: wasi.build_p1(), memory: Memory::of(order.memory_bytes) })
    }
}
