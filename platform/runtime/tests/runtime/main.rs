//! The runtime at its front door, with real guests, a real worker process and a real cache on disk.
#![allow(clippy::unwrap_used)]
mod assets;
mod boots;
mod calls;
mod commands;
mod components;
mod crowd;
mod files;
mod fits;
mod forward;
mod functions;
mod isolation;
mod kept;
mod libraries;
mod outbound;
mod reuse;
mod sites;
mod speed;
mod spin;
mod stage;
mod tls;
