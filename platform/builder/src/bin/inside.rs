//! [`paas_builder::inside_main`] as a program of its own, for this room's tests.
use std::process::ExitCode;

fn main() -> ExitCode {
    paas_builder::inside_main(std::env::args_os()).unwrap_or(ExitCode::FAILURE)
}
