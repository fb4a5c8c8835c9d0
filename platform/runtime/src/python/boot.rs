//! Imports an app on the engine, with its release's environment, and gives the memory it leaves behind.
//!
//! Happens in a child process: the app's code runs here with real randomness and clocks, its own files and the standard library to read; nothing else.
use super::{
    bytecode::{self, Bytecode},
    exchange, lasting,
    link::{OPEN, PEEK, REST},
};
use crate::{
    boot::Memory,
    derive,
    javascript::{
        boot::{BootError, LATE},
        split::SNAPSHOT,
    },
    kept::Kept,
    snapshot, working_set,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use wasmtime::{
    Module, Store, Trap,
    component::{Component, Instance, Linker},
};
use wasmtime_wasi::{FsPerms, ResourceTable, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView, p2::pipe::MemoryOutputPipe};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

/// Where an app finds the standard library.
pub(super) const LIBRARY: &str = "/python";
/// What an app may print while it boots; the rest is dropped.
const OUTPUT_BYTES: usize = 64 * 1024;
/// Memory is read in pieces of this size.
const PIECE_BYTES: u32 = 1 << 20;

/// An app to boot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Order {
    /// `module:name`, or `$ ` and a program's words; after `late `, what only a request starts.
    pub app: String,
    /// Folders on this machine.
    pub files: Option<PathBuf>,
    pub library: PathBuf,
    /// The release's environment.
    pub env: BTreeMap<String, String>,
    pub memory_bytes: usize,
}

struct Host {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Closed,
    table: ResourceTable,
    memory: Memory,
}

/// Boots an app on `link` whose memory begins as `base`, and writes the snapshot: a module of [`snapshot`]'s form. Gives what the app printed.
/// The store's engine must interrupt by epoch after one tick.
pub(super) fn boot(link: &Component, base: &Module, bytecode: &Bytecode, order: Order, module: &Path) -> Result<String, BootError> {
    let output = MemoryOutputPipe::new(OUTPUT_BYTES);
    let limit_mb = order.memory_bytes >> 20;
    let host = Host::new(&order, &output).map_err(|error| BootError::Engine(format!("{error:#}")))?;
    let mut store = Store::new(link.engine(), host);
    store.limiter(|host| &mut host.memory);
    store.set_epoch_deadline(1);
    let result = run(&mut store, link, base, bytecode, &order);
    let denied = store.data().memory.denied;
    drop(store);
    let output = String::from_utf8_lossy(&output.contents()).into_owned();
    let with = |told: String| [output.trim_end(), &told].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join("\n");
    match result {
        Ok(Ok(memory)) => snapshot::write(&memory, module).map(|()| output).map_err(|error| BootError::Engine(error.to_string())),
        Ok(Err(_)) | Err(_) if denied => Err(BootError::Memory { limit_mb, output }),
        Ok(Err(told)) if told.starts_with(LATE) => Err(BootError::NeedsRequest(told)),
        Ok(Err(told)) => Err(BootError::Failed { output: with(told) }),
        Err(error) if error.downcast_ref::<Trap>() == Some(&Trap::Interrupt) => Err(BootError::TooLong { output }),
        Err(error) => Err(BootError::Failed { output: with(format!("{error:#}")) }),
    }
}

/// The memory afterwards, or what the app raised.
fn run(store: &mut Store<Host>, link: &Component, base: &Module, bytecode: &Bytecode, order: &Order) -> wasmtime::Result<Result<Vec<u8>, String>> {
    let engine = instance(store, link, base, bytecode)?;
    let boot = engine.get_typed_func::<(&str,), (Result<(), String>,)>(&mut *store, "boot")?;
    if let (Err(told),) = boot.call(&mut *store, (&order.app,))? {
        return Ok(Err(told));
    }
    engine.get_typed_func::<(), ()>(&mut *store, REST)?.call(&mut *store, ())?;
    store.data_mut().searches(order.memory_bytes);
    Ok(Ok(lasting_memory(store, &engine)?))
}

/// Writes the memory in which apps boot on this engine: that of `base`, with the objects that are in it immortal.
pub(super) fn settle(link: &Component, base: &Module, module: &Path) -> wasmtime::Result<()> {
    let nothing = crate::boot::wasi(&BTreeMap::new(), None, &MemoryOutputPipe::new(OUTPUT_BYTES))?;
    let mut store = Store::new(link.engine(), Host::of(nothing, Memory::of(usize::MAX)));
    store.set_epoch_deadline(1);
    let engine = instance(&mut store, link, base, &Bytecode::new("", Kept::default()))?;
    Ok(snapshot::write(&lasting_memory(&mut store, &engine)?, module)?)
}

fn instance(store: &mut Store<Host>, link: &Component, base: &Module, bytecode: &Bytecode) -> wasmtime::Result<Instance> {
    let mut linker = Linker::<Host>::new(link.engine());
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_sync(&mut linker)?;
    derive::link_sync(&mut linker)?;
    bytecode::link_boot(&mut linker, bytecode)?;
    exchange::link_boot(&mut linker)?;
    working_set::link_idle(&mut linker)?;
    linker.root().module(SNAPSHOT, base)?;
    linker.instantiate(store, link)
}

/// What the engine's memory holds, with its objects immortal. The instance is of no use afterwards.
fn lasting_memory(store: &mut Store<Host>, engine: &Instance) -> wasmtime::Result<Vec<u8>> {
    let mut memory = memory(store, engine)?;
    lasting::make_immortal(&mut memory, &lasting::told(store, engine));
    Ok(memory)
}

/// What the engine's memory holds.
fn memory(store: &mut Store<Host>, engine: &Instance) -> wasmtime::Result<Vec<u8>> {
    let (size,) = engine.get_typed_func::<(), (u32,)>(&mut *store, OPEN)?.call(&mut *store, ())?;
    wasmtime::ensure!(size.is_multiple_of(1 << 16) && size < u32::MAX << 16, "there is no memory left to read the memory with");
    let peek = engine.get_typed_func::<(u32, u32), (Vec<u8>,)>(&mut *store, PEEK)?;
    let mut memory = Vec::with_capacity(size as usize);
    while (memory.len() as u32) < size {
        let at = memory.len() as u32;
        let (piece,) = peek.call(&mut *store, (at, PIECE_BYTES.min(size - at)))?;
        memory.extend(piece);
    }
    Ok(memory)
}

impl Host {
    fn new(order: &Order, output: &MemoryOutputPipe) -> wasmtime::Result<Self> {
        let mut wasi = crate::boot::wasi(&order.env, order.files.as_deref(), output)?;
        wasi.preopened_dir(&order.library, LIBRARY, FsPerms::ReadOnly)?;
        Ok(Self::of(wasi, Memory::of(order.memory_bytes)))
    }

    fn of(mut wasi: WasiCtxBuilder, memory: Memory) -> Self {
        Self { wasi: wasi.build(), http: WasiHttpCtx::new(), outbound: Closed, table: ResourceTable::new(), memory }
    }

    /// The app has booted within its limit. The search for what lasts takes more, for a moment.
    fn searches(&mut self, memory_bytes: usize) {
        self.memory = Memory::of(memory_bytes.saturating_add(lasting::SEARCH_BYTES));
    }
}

/// An app that starts sends no requests.
struct Closed;

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Io), Error>> + Send>;

impl WasiHttpHooks for Closed {
    fn send_request(&mut self, _: http::Request<WasiBody>, _: Option<RequestOptions>, _: Io) -> Sent {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Host {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}
