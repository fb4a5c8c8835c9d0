//! The worker as a program of its own, for this room's tests: `paas-runtime-worker worker compile WASM OUT`.
use std::process::ExitCode;

fn main() -> ExitCode {
    paas_runtime::worker_main(std::env::args_os().skip(2).collect())
}
