//! Stories of users, told against the real programs. One file per story.
#![cfg(test)]

mod app_json;
mod buildpacks;
mod builds;
mod concurrent_pushes;
mod config_change;
mod crash;
mod dashboard;
mod deploy_under_load;
mod doctor;
mod egress;
mod failed_build;
mod first_push;
mod git_client;
mod heroku_cli;
mod languages;
mod limits;
mod log_tail;
mod metrics;
mod neighbours;
mod node_apps;
mod release_phase;
mod rollback;
mod shutdown;
