//! What of WebAssembly is taken here: how large a file may be, and whether an instance of it finds room.
use crate::{Refusal, RuntimeError};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// The largest file that is compiled, unless the operator says otherwise: some twice of what large toolchains make. A larger one costs minutes and gigabytes.
pub const MODULE_BYTES: u64 = 64 << 20;
const MB: u64 = 1 << 20;

/// The largest file that is compiled on this node.
pub(crate) struct Largest(AtomicU64);

impl Default for Largest {
    fn default() -> Self {
        Self(AtomicU64::new(MODULE_BYTES))
    }
}

impl Largest {
    pub(crate) fn set(&self, bytes: u64) {
        self.0.store(bytes, Relaxed);
    }

    pub(crate) fn check(&self, wasm: &Path) -> Result<(), Refusal> {
        let (bytes, most) = (fs::metadata(wasm).map_err(|source| RuntimeError::Blob { path: wasm.into(), source })?.len(), self.0.load(Relaxed));
        match bytes > most {
            false => Ok(()),
            true => Err(Refusal::app(format!(
                "This WebAssembly file has {}; this platform compiles files of up to {}. Build it without debug information (in release mode, or by `wasm-tools strip`), \
                 or ask the platform's operator to raise PAAS_MAX_MODULE_BYTES.",
                size(bytes),
                size(most)
            ))),
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        ..MB => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / MB as f64),
    }
}

/// Code that was compiled but asks for more than the places for instances have: a matter of the app, and the engine's words name what there is too much of.
pub(crate) fn refusal(error: &wasmtime::Error) -> Option<Refusal> {
    let text = format!("{error:#}");
    let what = text.lines().next().unwrap_or_default().trim_end_matches([':', ';']);
    let too_much = what.contains("exceeds the") || what.contains("not supported in the pooling allocator");
    too_much.then(|| {
        Refusal::app(format!("An instance of this WebAssembly does not fit into its place: {what}. Build it so that it needs less, and push again."))
    })
}
