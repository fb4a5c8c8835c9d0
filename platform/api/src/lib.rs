//! The developers' door: the public API, and git over HTTP.
//!
//! In:  HTTP requests at the control host.
//! Out: JSON in the shape of the Heroku Platform API v3, log streams, git's answers, and the OpenAPI document.
//! Knows accounts, apps and who may call what. Never knows SQL, builds, wasmtime, or how visitors reach an app.

mod absent;
mod account;
mod announce;
mod api;
mod app;
mod archive;
mod auth;
mod build;
mod buildpack;
mod collaborator;
mod config;
mod doctor;
mod egress;
mod error;
mod exchange;
mod formation;
mod git_http;
mod health;
mod limits;
mod list;
mod log_session;
mod metrics;
mod openapi;
mod origin;
mod page;
mod payload;
mod release;
mod routes; // start here
mod session;
mod source;

pub use api::Parts;
pub use openapi::openapi;
pub use routes::{Operation, operations, router};
