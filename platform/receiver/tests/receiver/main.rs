//! The receiver behind a real HTTP server, pushed to by the real git.
#![allow(clippy::unwrap_used)]

mod archives;
mod bombs;
mod developer;
mod failures;
mod fetches;
mod platform;
mod pushes;
mod raw;
mod sources;
