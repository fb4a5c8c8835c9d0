//! The store at its front door, on a real Postgres: one server for all tests, a database for each.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod account;
mod app;
mod build;
mod embedded;
mod fixture;
mod lock;
mod release;
mod route;
mod slug;
