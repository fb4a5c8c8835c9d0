//! What the boots of all apps have in common, whatever they are written in: what they see of the world, and what they may take of it.
use std::{collections::BTreeMap, path::Path};
use wasmtime::{ResourceLimiter, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder, p2::pipe::MemoryOutputPipe};

/// The environment of a release and the app's own files, to read; its output goes to `output`. No network.
pub(crate) fn wasi(env: &BTreeMap<String, String>, files: Option<&Path>, output: &MemoryOutputPipe) -> wasmtime::Result<WasiCtxBuilder> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.arg("app").stdout(output.clone()).stderr(output.clone());
    // Nothing else waits for this thread: without one more for each look at a file, an import takes half the time.
    wasi.allow_blocking_current_thread(true).allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    for (key, value) in env {
        wasi.env(key, value);
    }
    if let Some(files) = files {
        wasi.preopened_dir(files, crate::files::APP, FsPerms::ReadOnly)?;
    }
    Ok(wasi)
}

/// A bound on memory that remembers that growth was denied: the engine reports it as an error among others.
pub(crate) struct Memory {
    limits: StoreLimits,
    pub(crate) denied: bool,
}

impl Memory {
    pub(crate) fn of(bytes: usize) -> Self {
        Self { limits: StoreLimitsBuilder::new().memory_size(bytes).build(), denied: false }
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.limits.memory_growing(current, desired, maximum)?;
        self.denied |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }
}
