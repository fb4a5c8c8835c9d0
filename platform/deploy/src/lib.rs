//! From a push to a release that answers. Read it first: `push.rs`.
//!
//! In:  a checked-out source, a slug, a change of config or limits, a wish to go back.
//! Out: a numbered release, or a refusal that says what to do.
//! Knows the order of the steps and what happens when one fails. Never knows HTTP, git, SQL, wasmtime or the router.

mod activate;
mod app;
mod archive;
mod capabilities;
mod config;
mod deploy;
mod egress;
mod error;
mod limits;
mod name;
mod output;
mod push;
mod recover;
mod release;
mod rollback;
mod running;
mod wants;

pub use archive::Waiting;
pub use deploy::{Deploy, Parts};
pub use error::DeployError;
pub use push::{Form, NO_REFERENCE, Pushing, Source};
