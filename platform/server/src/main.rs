//! `paasd`: the platform in one process. Everything is put together here and nowhere else.
//!
//! In:  flags, environment, signals.
//! Out: an exit code.
//! Knows every room but the CLI. Does nothing itself that a room could do.

mod config;
mod connections;
mod control;
mod dashboard;
mod exit;
mod memory;
mod platform;
mod reconcile;
mod shutdown;
mod telemetry;

use clap::Parser;
use config::{Command, Paasd};
use std::{
    env,
    ffi::{OsStr, OsString},
    path::Path,
    process::ExitCode,
};

fn main() -> ExitCode {
    // The same program inside of a build's sandbox, by its name in there.
    if let Some(code) = paas_builder::inside_main(env::args_os()) {
        return code;
    }
    let mut arguments = env::args_os();
    // Git runs us as its hooks: the program's name says which.
    if let Some(hook) = arguments.next().as_deref().and_then(hook_name) {
        return paas_receiver::hook_main(&hook);
    }
    if arguments.next().as_deref() == Some(OsStr::new("worker")) {
        return paas_runtime::worker_main(arguments.collect::<Vec<OsString>>());
    }
    match Paasd::parse().command {
        Command::Serve(options) => exit::code(run(options)),
        Command::Openapi => {
            println!("{}", paas_api::openapi());
            ExitCode::SUCCESS
        }
    }
}

fn hook_name(program: &OsStr) -> Option<String> {
    let name = Path::new(program).file_name()?.to_str()?;
    ["pre-receive", "post-receive"].contains(&name).then(|| name.to_string())
}

fn run(options: config::Serve) -> anyhow::Result<()> {
    telemetry::start();
    memory::keep_house()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(platform::serve(options))
}
