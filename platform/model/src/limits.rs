//! What one instance may use.
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Linear memory of an instance.
    pub memory_bytes: usize,
    /// From the request's head to the answer's first byte (H12).
    pub first_byte_ms: u64,
    /// Between two bytes of an answer (H15).
    pub idle_ms: u64,
    /// CPU time of one request; a guest that computes longer is ended (H12).
    pub cpu_ms: u64,
    /// Requests of one app that run at the same time; further ones wait in a bounded queue, then H11.
    pub concurrency: usize,
    /// Bytes of log lines that one request may write; the rest is counted and dropped.
    pub log_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 128 << 20, first_byte_ms: 30_000, idle_ms: 55_000, cpu_ms: 30_000, concurrency: 200, log_bytes: 1 << 20 }
    }
}

impl Limits {
    pub fn first_byte(&self) -> Duration {
        Duration::from_millis(self.first_byte_ms)
    }
    pub fn idle(&self) -> Duration {
        Duration::from_millis(self.idle_ms)
    }
}
