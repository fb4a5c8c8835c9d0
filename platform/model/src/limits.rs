//! What an app's requests and instances may use: our defaults, the app's own choice, the operator's hard caps.
//!
//! A release keeps what its app chose ([`LimitOverrides`]); what holds ([`Limits`]) is that over the defaults, and never more than the [`Caps`].
mod amount;
mod caps;
mod overrides;
mod table;

pub use amount::Unit;
pub use caps::Caps;
pub use overrides::{BadLimit, LimitOverrides, LimitPatch, describe};
pub use table::{LIMITS, Limit};

use std::time::Duration;

/// The limits that hold for a release. Names, units, caps and consequences are in [`LIMITS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of an instance; beyond it R15, and H10 if the guest does not cope.
    pub memory_bytes: u64,
    /// An instance that used more than this is named in the log (R14).
    pub memory_soft_bytes: u64,
    /// Elements of all tables of an instance.
    pub table_elements: u64,
    /// CPU time of one request; a guest that computes longer is ended (H12).
    pub cpu_ms: u64,
    /// From the request's head to the answer's first byte (H12).
    pub first_byte_ms: u64,
    /// Between two bytes of an answer (H15).
    pub idle_ms: u64,
    /// Requests of one app that run at the same time.
    pub concurrency: u64,
    /// Requests that wait for a place; further ones are turned away (H11).
    pub queue: u64,
    /// Request line and headers (431).
    pub request_head_bytes: u64,
    /// Body of a request (413).
    pub request_body_bytes: u64,
    /// Body of an answer; a longer one is broken off (H18).
    pub response_bytes: u64,
    /// Bytes and lines of log that one request may write; what is more is counted and dropped (L10).
    pub log_bytes: u64,
    pub log_lines: u64,
    /// The same for all requests of an app in a second.
    pub log_bytes_per_second: u64,
    pub log_lines_per_second: u64,
    /// Requests to other hosts that one app has in flight.
    pub outbound: u64,
    /// Requests that one instance answers, one after the other, before it is let go; 1 is a fresh one for each.
    pub reuse: u64,
    /// The age at which a kept instance is let go.
    pub reuse_age_ms: u64,
    /// Requests that one instance of a WASI 0.3 service has inside at the same time; 1 is one after the other.
    pub reuse_concurrent: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 128 << 20,
            memory_soft_bytes: soft(128 << 20),
            table_elements: 200_000,
            cpu_ms: 30_000,
            first_byte_ms: 30_000,
            idle_ms: 55_000,
            concurrency: 200,
            queue: 200,
            request_head_bytes: 32 << 10,
            request_body_bytes: 64 << 20,
            response_bytes: 1 << 30,
            log_bytes: 1 << 20,
            log_lines: 10_000,
            log_bytes_per_second: 4 << 20,
            log_lines_per_second: 10_000,
            outbound: 64,
            reuse: 1,
            reuse_age_ms: 300_000,
            reuse_concurrent: 1,
        }
    }
}

/// The soft limit of an app that chose only the hard one.
const fn soft(memory_bytes: u64) -> u64 {
    memory_bytes / 4 * 3
}

impl Limits {
    pub fn first_byte(&self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }
}
