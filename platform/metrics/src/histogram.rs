//! How often values fell between fixed bounds.
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Nanoseconds: 1, 1.5, 2, 3, 5 and 7 µs, and so on up to 100 s.
pub const TIME_NS: [u64; 49] = times();
/// Bytes: 64 KiB, 96 KiB, 128 KiB, and so on up to 4 GiB.
pub const BYTES: [u64; 33] = sizes();

const fn times() -> [u64; 49] {
    let steps = [10, 15, 20, 30, 50, 70];
    let (mut bounds, mut at, mut scale) = ([0; 49], 0, 100);
    while at < 49 {
        bounds[at] = steps[at % 6] * scale;
        if at % 6 == 5 {
            scale *= 10;
        }
        at += 1;
    }
    bounds
}

const fn sizes() -> [u64; 33] {
    let (mut bounds, mut at) = ([0; 33], 0);
    while at < 33 {
        let half_octave = if at % 2 == 0 { 64 << 10 } else { 96 << 10 };
        bounds[at] = half_octave << (at / 2);
        at += 1;
    }
    bounds
}

/// Counts values; every thread may at any time.
pub struct Histogram {
    bounds: &'static [u64],
    /// One more than bounds: the last is for what exceeds them all.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    least: AtomicU64,
    most: AtomicU64,
}

impl Histogram {
    /// `bounds` ascend.
    pub fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0), least: AtomicU64::new(u64::MAX), most: AtomicU64::new(0) }
    }

    pub fn record(&self, value: u64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
        self.least.fetch_min(value, Relaxed);
        self.most.fetch_max(value, Relaxed);
    }

    /// The counts now. Values that come meanwhile may be in one number and not yet in another.
    pub fn counts(&self) -> Counts {
        let counts = self.counts.iter().map(|count| count.load(Relaxed)).collect();
        let [sum, least, most] = [&self.sum, &self.least, &self.most].map(|number| number.load(Relaxed));
        Counts { bounds: self.bounds, counts, sum, least, most }
    }
}

/// A histogram at one moment.
#[derive(Clone, Debug)]
pub struct Counts {
    bounds: &'static [u64],
    counts: Vec<u64>,
    pub sum: u64,
    least: u64,
    /// The greatest value.
    pub most: u64,
}

impl Counts {
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The value that the part `q` of all values does not exceed, read off a straight line between two bounds; `None` without values.
    pub fn quantile(&self, q: f64) -> Option<u64> {
        let total = self.total();
        let wanted = (q * total as f64).max(1.0);
        let mut below = 0.0;
        for (bucket, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let count = *count as f64;
            if below + count >= wanted {
                let from = bucket.checked_sub(1).map_or(0, |before| self.bounds[before]).max(self.least) as f64;
                let to = self.bounds.get(bucket).map_or(self.most, |bound| *bound.min(&self.most)) as f64;
                let value = from + (to - from).max(0.0) * (wanted - below) / count;
                return Some((value as u64).min(self.most));
            }
            below += count;
        }
        (total > 0).then_some(self.most)
    }

    /// How many values did not exceed each bound that `keep` takes, then how many there are.
    pub fn cumulative(&self, keep: impl Fn(usize) -> bool) -> Vec<(Option<u64>, u64)> {
        let mut so_far = 0;
        let mut rows = Vec::new();
        for (bucket, count) in self.counts.iter().enumerate() {
            so_far += count;
            match self.bounds.get(bucket) {
                Some(bound) if keep(bucket) => rows.push((Some(*bound), so_far)),
                Some(_) => {}
                None => rows.push((None, so_far)),
            }
        }
        rows
    }

    /// Adds another histogram of the same bounds.
    pub fn add(&mut self, other: &Self) {
        debug_assert_eq!(self.bounds, other.bounds);
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.sum += other.sum;
        self.least = self.least.min(other.least);
        self.most = self.most.max(other.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Counts {
        let histogram = Histogram::new(&TIME_NS);
        values.iter().for_each(|value| histogram.record(*value));
        histogram.counts()
    }

    #[test]
    fn bounds_ascend_from_a_microsecond_to_a_hundred_seconds() {
        assert!(TIME_NS.is_sorted() && BYTES.is_sorted());
        assert_eq!((TIME_NS[0], TIME_NS[1], TIME_NS[48]), (1_000, 1_500, 100_000_000_000));
        assert_eq!((BYTES[0], BYTES[1], BYTES[2], BYTES[32]), (64 << 10, 96 << 10, 128 << 10, 4 << 30));
    }

    #[test]
    fn quantiles_are_near_the_truth() {
        let values: Vec<u64> = (1..=1_000).map(|n| n * 10_000).collect();
        let counts = of(&values);
        for (q, truth) in [(0.5, 5_000_000.0), (0.95, 9_500_000.0), (0.99, 9_900_000.0)] {
            let found = counts.quantile(q).unwrap() as f64;
            assert!((found / truth - 1.0).abs() < 0.05, "p{q}: {found} for {truth}");
        }
        assert_eq!((counts.total(), counts.most), (1_000, 10_000_000));
    }

    #[test]
    fn what_is_always_the_same_is_exact() {
        let counts = of(&[65_536; 100]);
        assert_eq!([0.01, 0.5, 0.99].map(|q| counts.quantile(q)), [Some(65_536); 3]);
    }

    #[test]
    fn no_quantile_exceeds_the_greatest_value() {
        assert_eq!(of(&[]).quantile(0.5), None);
        assert_eq!(of(&[41_000]).quantile(0.99), Some(41_000));
        assert_eq!(of(&[u64::MAX / 2]).quantile(0.5), Some(u64::MAX / 2));
        assert_eq!(of(&[0]).quantile(0.5), Some(0));
    }

    #[test]
    fn a_bound_belongs_to_what_lies_below_it() {
        let rows = of(&[1_000, 1_001, u64::MAX / 2]).cumulative(|bucket| bucket < 2);
        assert_eq!(rows, [(Some(1_000), 1), (Some(1_500), 2), (None, 3)]);
    }

    #[test]
    fn two_releases_add_up() {
        let mut sum = of(&[1_000]);
        sum.add(&of(&[5_000, 7_000]));
        assert_eq!((sum.total(), sum.sum, sum.most), (3, 13_000, 7_000));
    }
}
