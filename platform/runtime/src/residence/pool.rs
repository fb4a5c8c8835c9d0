//! Where an engine's memories lie.
use crate::pages;
use std::{
    fs, io,
    ops::Range,
    sync::{Mutex, PoisonError},
};

/// No single thing but a pool of memories takes so many addresses.
const POOL_BYTES: usize = 1 << 40;

/// The addresses of an engine's memories.
pub(crate) struct Pool(Range<usize>);

/// Makes something that reserves a pool of memories, and finds where that is. `None`: the process has none that is new.
pub(crate) fn new_pool<T>(make: impl FnOnce() -> T) -> (T, Option<Pool>) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let before = large_mappings();
    let made = make();
    let addresses = large_mappings().into_iter().find(|mapping| !before.contains(mapping));
    (made, addresses.map(Pool))
}

/// Of a page that was swapped out the kernel does not say that it was written, and wasmtime 48 would leave it to the next request.
pub(crate) fn pages_can_be_swapped_out() -> bool {
    fs::read_to_string("/proc/swaps").map_or(true, |swaps| swaps.lines().count() > 1)
}

fn large_mappings() -> Vec<Range<usize>> {
    let address = |text: &str| usize::from_str_radix(text, 16).ok();
    let mapping = |line: &str| {
        let (start, end) = line.split_whitespace().next()?.split_once('-')?;
        Some(address(start)?..address(end)?).filter(|range| range.len() >= POOL_BYTES)
    };
    fs::read_to_string("/proc/self/maps").unwrap_or_default().lines().filter_map(mapping).collect()
}

impl Pool {
    /// Runs of pages that guests wrote since they were last given back, in order.
    pub(crate) fn written(&self) -> io::Result<Vec<Range<usize>>> {
        pages::written(self.0.clone())
    }
}
