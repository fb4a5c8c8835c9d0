//! How many requests each of the last sixty minutes had.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub const KEPT: usize = 60;
/// A slot holds the minute it is about above, and a count below.
const COUNT_BITS: u32 = 36;

/// A ring of counts: a slot is taken over by the first request of its next minute.
pub(crate) struct Ring([AtomicU64; KEPT]);

/// What one minute saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Minute {
    /// Minutes since 1970.
    pub at: u64,
    pub requests: u64,
    /// Those with an error code or a status of 500 or more.
    pub errors: u64,
}

impl Ring {
    pub(crate) fn new() -> Self {
        Self([const { AtomicU64::new(0) }; KEPT])
    }

    pub(crate) fn count(&self, minute: u64) {
        let fresh = (minute << COUNT_BITS) | 1;
        let next = |slot: u64| if slot >> COUNT_BITS == minute { slot + 1 } else { fresh };
        // Always some: the closure has an answer for each value.
        let _before = self.0[minute as usize % KEPT].fetch_update(Relaxed, Relaxed, |slot| Some(next(slot)));
    }

    pub(crate) fn of(&self, minute: u64) -> u64 {
        let slot = self.0[minute as usize % KEPT].load(Relaxed);
        if slot >> COUNT_BITS == minute { slot & ((1 << COUNT_BITS) - 1) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_forgotten_when_its_slot_is_needed_again() {
        let (ring, now) = (Ring::new(), 29_000_000);
        ring.count(now);
        ring.count(now);
        ring.count(now + 1);
        assert_eq!([ring.of(now), ring.of(now + 1), ring.of(now + 2)], [2, 1, 0]);
        ring.count(now + KEPT as u64);
        assert_eq!([ring.of(now), ring.of(now + KEPT as u64)], [0, 1]);
    }
}
