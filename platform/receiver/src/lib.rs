//! Takes pushes: runs git's own `receive-pack` over bare repositories, and lets a judge say whether a push may move its refs. Keeps archives
//! that are sent instead of a push (`source`).
//!
//! In:  the bodies of git's smart-HTTP requests, and archives, as byte streams.
//! Out: git's answers, as byte streams; to the judge each push, with the means to write its source into a folder; the same of each archive.
//! Knows git, its child processes and the hook's socket. Never knows HTTP, accounts, builds or SQL.
//!
//! A push on its way: `receive` starts git → git unpacks into a quarantine and runs the hook (`hook::client`) → `hook::server`
//! reads the hook's question, `rules` checks it, the judge decides → git moves the refs and runs the hook again → git exits.

mod advertise;
mod checkout;
mod error;
mod git;
mod hook;
mod pump;
mod push;
mod receive; // start here
mod receiver;
mod repository;
mod rules;
mod source;
mod upload;

pub use checkout::{CheckoutError, CheckoutLimits, CheckoutStats};
pub use error::ReceiverError;
pub use git::Service;
pub use hook::client::hook_main;
pub use push::{Deploying, Judge, Push, Rejected, Update};
pub use receiver::{ByteStream, Config, Receiver};
pub use source::{Archive, NewSource, SourceError, Sources};
