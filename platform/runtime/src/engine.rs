//! The one engine of a node: its settings, its pool of instance slots, and the thread that ticks its epoch.
use crate::RuntimeError;
use std::time::Duration;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmBacktraceDetails};

/// How long a guest computes before it must let others on its thread run.
pub(crate) const TICK: Duration = Duration::from_millis(2);

/// Instances that exist at the same time, over all apps.
const INSTANCES: u32 = 1_000;
/// Some languages (Python) come as components of 15 core modules.
const MODULES_PER_COMPONENT: u32 = 32;
/// More slots than instances: an app that finds the slot it used last is spared most of the set-up.
const MEMORIES: u32 = 3 * INSTANCES;
const TABLES: u32 = 4 * INSTANCES;
/// Big enough for StarlingMonkey, CPython and Go; a slot reserves addresses, not memory.
pub(crate) const TABLE_ELEMENTS: usize = 100_000;
const GUEST_STACK: usize = 1 << 20;
/// The host's own frames run on the same stack as the guest's.
const STACK: usize = 2 << 20;

/// What decides how code is compiled: the same in the server and in the worker, or the server could not load what the worker made.
pub(crate) fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .wasm_component_model_async(true)
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .max_wasm_stack(GUEST_STACK)
        .async_stack_size(STACK);
    config
}

/// The engine that runs guests, with its ticker. Without the address space for a pool it takes memory on demand, which is slower, and says so.
pub(crate) fn start() -> Result<Engine, RuntimeError> {
    let engine = pooled().or_else(on_demand).map_err(RuntimeError::Engine)?;
    tick(&engine).map_err(RuntimeError::Ticker)?;
    Ok(engine)
}

fn pooled() -> Result<Engine, wasmtime::Error> {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(INSTANCES)
        .total_core_instances(INSTANCES * MODULES_PER_COMPONENT)
        .total_memories(MEMORIES)
        .total_tables(TABLES)
        .total_stacks(2 * INSTANCES)
        .total_gc_heaps(INSTANCES / 4)
        .max_component_instance_size(8 << 20)
        .max_core_instance_size(4 << 20)
        .max_tables_per_module(8)
        .max_memories_per_module(4)
        .table_elements(TABLE_ELEMENTS)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.pagemap_scan(Enabled::Auto);
    }
    Engine::new(config().allocation_strategy(InstanceAllocationStrategy::Pooling(pool)))
}

fn on_demand(error: wasmtime::Error) -> Result<Engine, wasmtime::Error> {
    tracing::warn!(error = %format!("{error:#}"), "No address space for the pool of instances: each request allocates its memory, which is slower. Raise `ulimit -v` and `vm.overcommit_memory`.");
    Engine::new(&config())
}

/// An engine for a worker: it compiles the same code, and takes memory only for what it runs.
pub(crate) fn for_worker() -> Result<Engine, wasmtime::Error> {
    Engine::new(&config())
}

/// One thread per engine moves the epoch; it ends with the engine.
fn tick(engine: &Engine) -> std::io::Result<()> {
    let weak = engine.weak();
    let run = move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new().name("epoch".into()).spawn(run)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::compatibility;

    #[test]
    fn a_worker_compiles_what_the_server_can_load() {
        assert_eq!(compatibility(&pooled().unwrap()), compatibility(&for_worker().unwrap()));
    }
}
