//! The visitors' door: takes connections, finds the release for each request's host, and answers with an instance of it.
//!
//! In:  connections; a routing table, swapped as a whole.
//! Out: HTTP answers, and for each one log line and one observation.
//! Knows hosts, releases and HTTP. Never knows SQL, git or the API behind the control host; never waits for any of them.

mod compress;
mod connection;
mod crowd;
mod dispatch; // start here: the life of a request
mod framing;
mod gate;
mod headers;
mod idle;
mod length;
mod page;
mod request_log;
mod serve;
mod sizes;
mod stall;
mod table;
mod threads;
mod trace;
mod upload;
mod wire;

pub use connection::Patience;
pub use crowd::Connections;
pub use dispatch::Router;
pub use serve::{Control, serve};
