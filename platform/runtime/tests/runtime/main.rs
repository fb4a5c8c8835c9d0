//! The runtime at its front door, with real guests, a real worker process and a real cache on disk.
mod commands;
mod components;
mod files;
mod isolation;
mod kept;
mod outbound;
mod reuse;
mod sites;
mod speed;
mod stage;
