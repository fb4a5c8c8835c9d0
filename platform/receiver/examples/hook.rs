//! The smallest program that can be a `hook_program`; the tests use it.
use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let name = env::args().next().unwrap_or_default();
    paas_receiver::hook_main(&Path::new(&name).file_name().unwrap_or_default().to_string_lossy())
}
