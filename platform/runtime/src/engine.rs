//! The two engines of a node: their settings, their pools of instance slots, and the thread that moves their epochs.
//!
//! Only components of `wasi:http@0.3` need an engine whose guests may do several things at once, and each call between guest and host costs more there.
use crate::{
    RuntimeError,
    kept::Kept,
    residence::{self, Pool},
    slot::machine_bytes,
};
use std::{sync::Arc, time::Duration};
use wasmtime::{Config, Enabled, Engine, EngineWeak, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

/// How long a guest computes before it must let others on its thread run.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// Instances that exist at the same time, over all apps of an engine.
const INSTANCES: u32 = 1_000;
const CONCURRENT_INSTANCES: u32 = 250;
/// Some languages (Python) come as components of 15 core modules.
const MODULES_PER_COMPONENT: u32 = 32;
/// More slots than instances: an app that finds the slot it used last is spared most of the set-up.
const MEMORIES_PER_INSTANCE: u32 = 3;
const TABLES_PER_INSTANCE: u32 = 4;
/// Big enough for StarlingMonkey, CPython and Go; a slot reserves addresses, not memory.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;
const GUEST_STACK: usize = 1 << 20;
/// The host's own frames run on the same stack as the guest's.
const STACK: usize = 2 << 20;

/// What the guests of an engine may do at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One thing: WASI 0.2, and core modules.
    Plain,
    /// Several: WASI 0.3.
    Concurrent,
}

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Plain, Self::Concurrent];

    /// Which engine a file of WebAssembly needs: one that speaks of WASI 0.3 at its surface needs the second.
    pub(crate) fn of(wasm: &[u8]) -> Self {
        use wasmparser::{Parser, Payload};
        let newer = |name: &str| name.contains("@0.3");
        let mut depth = 0;
        // What cannot be read has no kind; the compiler says better what is wrong with it.
        for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
            let found = match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                    depth += 1;
                    false
                }
                Payload::End(_) => {
                    depth -= 1;
                    false
                }
                Payload::ComponentImportSection(imports) if depth == 0 => imports.into_iter().flatten().any(|import| newer(import.name.name)),
                Payload::ComponentExportSection(exports) if depth == 0 => exports.into_iter().flatten().any(|export| newer(export.name.name)),
                _ => false,
            };
            if found {
                return Self::Concurrent;
            }
        }
        Self::Plain
    }
}

/// What decides how code is compiled: the same in the server and in the worker, or the server could not load what the worker made.
fn config(kind: Kind) -> Config {
    let mut config = Config::new();
    config.epoch_interruption(true).wasm_backtrace_details(WasmBacktraceDetails::Enable).max_wasm_stack(GUEST_STACK).async_stack_size(STACK);
    // Nobody unwinds through a guest but wasmtime, which needs no tables for it; the system's list of them makes loading the slower the more is loaded.
    config.native_unwind_info(false);
    match kind {
        Kind::Plain => config.concurrency_support(false),
        Kind::Concurrent => config.wasm_component_model_async(true),
    };
    config
}

/// An engine that runs guests, once it is given to [`tick`]. Without the address space for a pool it takes memory on demand, which is slower, and says so.
pub(crate) fn start(kind: Kind) -> Result<Engine, RuntimeError> {
    let (engine, pool) = pooled(kind).or_else(|error| on_demand(kind, error)).map_err(RuntimeError::Engine)?;
    if let Some(pool) = pool {
        residence::keep(engine.weak(), pool).map_err(RuntimeError::Ticker)?;
    }
    Ok(engine)
}

/// With its pool, if the kernel tells which pages were written.
pub(crate) fn pooled(kind: Kind) -> Result<(Engine, Option<Pool>), wasmtime::Error> {
    let instances = if kind == Kind::Plain { INSTANCES } else { CONCURRENT_INSTANCES };
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * MODULES_PER_COMPONENT)
        .total_memories(instances * MEMORIES_PER_INSTANCE)
        .total_tables(instances * TABLES_PER_INSTANCE)
        .total_stacks(2 * instances)
        .total_gc_heaps(instances / 4)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(4 << 20)
        .max_tables_per_module(8)
        .max_memories_per_module(4)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(residence::KEPT_BYTES)
        .max_unused_warm_slots(warm_slots())
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    let scans = PoolingAllocationConfig::is_pagemap_scan_available() && !residence::pages_can_be_swapped_out();
    pool.pagemap_scan(if scans { Enabled::Yes } else { Enabled::No });
    let new = || Engine::new(config(kind).allocation_strategy(InstanceAllocationStrategy::Pooling(pool)));
    let (engine, pool) = residence::new_pool(new);
    Ok((engine?, pool.filter(|_| scans)))
}

/// Memories that keep what was written last though nobody uses them: a sixteenth of the machine's memory at most.
fn warm_slots() -> u32 {
    let slots = machine_bytes() / 16 / residence::KEPT_BYTES as u64;
    u32::try_from(slots).unwrap_or(u32::MAX).clamp(8, 100)
}

fn on_demand(kind: Kind, error: wasmtime::Error) -> Result<(Engine, Option<Pool>), wasmtime::Error> {
    tracing::warn!(error = %format!("{error:#}"), "No address space for the pool of instances: each request allocates its memory, which is slower. Raise `ulimit -v` and `vm.overcommit_memory`.");
    Ok((for_worker(kind)?, None))
}

/// An engine for a worker: it compiles the same code, and takes memory only for what it runs.
pub(crate) fn for_worker(kind: Kind) -> Result<Engine, wasmtime::Error> {
    Engine::new(&config(kind))
}

/// The same without threads of its own, for a worker that may be forked.
pub(crate) fn without_threads(kind: Kind) -> Result<Engine, wasmtime::Error> {
    Engine::new(config(kind).parallel_compilation(false))
}

/// An engine for a worker that compiles, with functions of an earlier compilation.
pub(crate) fn with_functions(kind: Kind, functions: Arc<Kept>) -> Result<Engine, wasmtime::Error> {
    let mut config = config(kind);
    config.enable_incremental_compilation(functions)?;
    Engine::new(&config)
}

/// One thread moves the epochs of both engines; it ends with them.
pub(crate) fn tick(engines: [&Engine; 2]) -> Result<(), RuntimeError> {
    let weak = engines.map(Engine::weak);
    let run = move || {
        while let [Some(one), Some(other)] = weak.each_ref().map(EngineWeak::upgrade) {
            one.increment_epoch();
            other.increment_epoch();
            drop((one, other));
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new().name("epoch".into()).spawn(run).map(drop).map_err(RuntimeError::Ticker)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::compatibility;

    #[test]
    fn a_worker_compiles_what_the_server_can_load() {
        for kind in Kind::ALL {
            assert_eq!(compatibility([&pooled(kind).unwrap().0]), compatibility([&for_worker(kind).unwrap()]));
        }
    }

    #[test]
    fn what_speaks_of_wasi_0_3_needs_the_engine_of_several_things_at_a_time() {
        let kind = |text: &str| Kind::of(&wat::parse_str(text).unwrap());
        assert_eq!(kind("(module)"), Kind::Plain);
        assert_eq!(kind(r#"(component (core module) (import "wasi:cli/environment@0.2.6" (instance)))"#), Kind::Plain);
        assert_eq!(kind(r#"(component (core module) (component) (import "wasi:random/random@0.3.0" (instance)))"#), Kind::Concurrent);
        assert_eq!(kind(r#"(component (component (import "wasi:random/random@0.3.0" (instance))))"#), Kind::Plain);
        assert_eq!(Kind::of(b"nonsense"), Kind::Plain);
    }
}
