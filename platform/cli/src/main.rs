//! `paas`, the client: turns what a developer types into requests to the public API.
//!
//! In:  a command line, the environment, git remotes, stored credentials.
//! Out: data on stdout, progress and refusals on stderr, an exit code.
//! Knows api-types, HTTP and the `git` program. Never knows how the platform works inside.
mod account;
mod app;
mod args;
mod build;
mod buildpack;
mod cli; // start here
mod client;
mod config;
mod credential;
mod doctor;
mod egress;
mod failure;
mod git;
mod key;
mod limits;
mod log;
mod metrics;
mod origin;
mod output;
mod pack;
mod process;
mod release;
mod run;
mod session;
mod upload;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run::run(cli::Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.exit_code())
        }
    }
}
