//! The API at its front door: a real store, real git, real builds. All tests share one platform; each has an account of its own.
#![allow(clippy::unwrap_used)]
mod access;
mod app;
mod client;
mod config;
mod document;
mod egress;
mod limits;
mod log;
mod metrics;
mod page;
mod platform;
mod push;
mod session;
