//! Stories of users, told against the real programs. One file per story.
#![cfg(test)]

mod app_json;
mod archives;
mod asked_hosts;
mod assets;
mod buildpacks;
mod builds;
mod concurrent_pushes;
mod config_change;
mod crash;
mod dashboard;
mod declared;
mod deploy_under_load;
mod doctor;
mod egress;
mod entries;
mod failed_build;
mod first_push;
mod git_client;
mod go_calls;
mod heroku_cli;
mod late_boot;
mod limits;
mod log_tail;
mod metrics;
mod neighbours;
mod records;
mod release_phase;
mod reproducible;
mod rollback;
mod rust_crates;
mod samples;
mod shutdown;
mod unsupported;
