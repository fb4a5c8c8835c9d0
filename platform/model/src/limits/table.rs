//! All limits on one page: name, unit, bounds, and what happens beyond.
use super::{Limits, Unit};

/// A limit that an app may change.
pub struct Limit {
    /// As in `paas limits:set memory=256MB`.
    pub name: &'static str,
    pub unit: Unit,
    pub least: u64,
    /// The cap of a platform whose operator set none.
    pub cap: u64,
    /// What the machinery can do at most: the cap of caps.
    pub most: u64,
    pub about: &'static str,
    pub exceeded: &'static str,
    field: fn(&mut Limits) -> &mut u64,
}

impl Limit {
    pub fn named(name: &str) -> Option<&'static Self> {
        LIMITS.iter().find(|limit| limit.name == name)
    }
    pub fn of(&self, mut limits: Limits) -> u64 {
        *(self.field)(&mut limits)
    }
    pub(super) fn set(&self, limits: &mut Limits, amount: u64) {
        *(self.field)(limits) = amount;
    }
    /// As people write it.
    pub fn show(&self, amount: u64) -> String {
        self.unit.show(amount)
    }
}

const DAY: u64 = 24 * 3_600_000;
const MINUTE: u64 = 60_000;
const TB: u64 = 1 << 40;
const GB: u64 = 1 << 30;
const MB: u64 = 1 << 20;
const KB: u64 = 1 << 10;

use Unit::{Bytes, Count, Milliseconds};

/// In the order in which they are shown.
#[rustfmt::skip]
pub static LIMITS: [Limit; 19] = [
    Limit { name: "memory", unit: Bytes, least: MB, cap: GB, most: 4 * GB, field: |l| &mut l.memory_bytes,
        about: "Linear memory of an instance", exceeded: "no more is given; R15 in the log, and H10 503 if the app ends by it" },
    Limit { name: "memory-soft", unit: Bytes, least: MB, cap: GB, most: 4 * GB, field: |l| &mut l.memory_soft_bytes,
        about: "Memory at which an instance is named in the log; three quarters of memory unless set", exceeded: "R14 in the log" },
    Limit { name: "table-elements", unit: Count, least: 1, cap: 400_000, most: 1_000_000, field: |l| &mut l.table_elements,
        about: "Elements of all WebAssembly tables of an instance", exceeded: "no more are given; R15 in the log, and H10 503 if the app ends by it" },
    Limit { name: "cpu", unit: Milliseconds, least: 10, cap: 5 * MINUTE, most: DAY, field: |l| &mut l.cpu_ms,
        about: "CPU time of a request", exceeded: "the instance ends; H12 503" },
    Limit { name: "first-byte", unit: Milliseconds, least: 10, cap: 5 * MINUTE, most: DAY, field: |l| &mut l.first_byte_ms,
        about: "From the request to the first byte of its answer", exceeded: "the instance ends; H12 503" },
    Limit { name: "idle", unit: Milliseconds, least: 10, cap: 10 * MINUTE, most: DAY, field: |l| &mut l.idle_ms,
        about: "Between two pieces of an answer", exceeded: "the answer is broken off; H15" },
    Limit { name: "concurrency", unit: Count, least: 1, cap: 500, most: 1_000, field: |l| &mut l.concurrency,
        about: "Requests of the app at the same time", exceeded: "further ones wait in the queue" },
    Limit { name: "queue", unit: Count, least: 0, cap: 1_000, most: 100_000, field: |l| &mut l.queue,
        about: "Requests that wait for a place", exceeded: "H11 503 with Retry-After" },
    Limit { name: "request-head", unit: Bytes, least: KB, cap: 64 * KB, most: 64 * KB, field: |l| &mut l.request_head_bytes,
        about: "Request line and headers", exceeded: "431" },
    Limit { name: "request-body", unit: Bytes, least: 0, cap: GB, most: TB, field: |l| &mut l.request_body_bytes,
        about: "Body of a request", exceeded: "413" },
    Limit { name: "response", unit: Bytes, least: KB, cap: 16 * GB, most: TB, field: |l| &mut l.response_bytes,
        about: "Body of an answer", exceeded: "the answer is broken off; H18" },
    Limit { name: "log-bytes", unit: Bytes, least: 0, cap: 16 * MB, most: GB, field: |l| &mut l.log_bytes,
        about: "Log of one request", exceeded: "dropped and counted; L10" },
    Limit { name: "log-lines", unit: Count, least: 0, cap: 100_000, most: 10_000_000, field: |l| &mut l.log_lines,
        about: "Log lines of one request", exceeded: "dropped and counted; L10" },
    Limit { name: "log-bytes-per-second", unit: Bytes, least: KB, cap: 16 * MB, most: GB, field: |l| &mut l.log_bytes_per_second,
        about: "Log of the whole app in a second", exceeded: "dropped and counted; L10" },
    Limit { name: "log-lines-per-second", unit: Count, least: 10, cap: 50_000, most: 10_000_000, field: |l| &mut l.log_lines_per_second,
        about: "Log lines of the whole app in a second", exceeded: "dropped and counted; L10" },
    Limit { name: "outbound", unit: Count, least: 0, cap: 1_000, most: 100_000, field: |l| &mut l.outbound,
        about: "Requests of the app to other hosts at the same time", exceeded: "further ones are refused to the app" },
    Limit { name: "reuse", unit: Count, least: 1, cap: 10_000, most: 1_000_000, field: |l| &mut l.reuse,
        about: "Requests that one instance answers; with more than 1, requests of the app are not isolated from each other", exceeded: "a fresh instance" },
    Limit { name: "reuse-age", unit: Milliseconds, least: 1_000, cap: 60 * MINUTE, most: DAY, field: |l| &mut l.reuse_age_ms,
        about: "Age of an instance that answers several requests", exceeded: "a fresh instance" },
    Limit { name: "reuse-concurrent", unit: Count, least: 1, cap: 64, most: 1_000, field: |l| &mut l.reuse_concurrent,
        about: "Requests that one instance has inside at the same time (with reuse; WASI 0.3 services only)", exceeded: "another instance" },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_lies_within_its_bounds() {
        for limit in &LIMITS {
            let default = limit.of(Limits::default());
            assert!(limit.least <= default && default <= limit.cap && limit.cap <= limit.most, "{}", limit.name);
        }
    }

    #[test]
    fn every_limit_has_a_field_of_its_own() {
        for (number, limit) in LIMITS.iter().enumerate() {
            let mut limits = Limits::default();
            limit.set(&mut limits, 7_777);
            let changed: Vec<_> = LIMITS.iter().filter(|other| other.of(limits) == 7_777).map(|other| other.name).collect();
            assert_eq!(changed, [LIMITS[number].name]);
        }
    }
}
