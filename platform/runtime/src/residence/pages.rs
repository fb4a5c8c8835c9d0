//! What the kernel knows of a pool's pages.
use nix::sys::mman::{MmapAdvise, madvise};
use std::{
    fs::{self, File},
    io,
    ops::Range,
    os::fd::AsRawFd,
    ptr::NonNull,
};

/// No single thing but a pool of memories takes so many addresses.
const POOL_BYTES: usize = 1 << 40;
/// Runs that are asked for at a time.
const RUNS: usize = 512;

/// Categories of pages, see the kernel's `PAGEMAP_SCAN`.
const WRITTEN: u64 = 1 << 1;
const FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const ZERO: u64 = 1 << 5;

#[repr(C)]
pub struct Scan {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    regions: u64,
    regions_length: u64,
    max_pages: u64,
    inverted: u64,
    all_of: u64,
    any_of: u64,
    returned: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

nix::ioctl_readwrite!(pagemap_scan, b'f', 16, Scan);

/// The addresses of an engine's memories.
pub(crate) struct Pool {
    addresses: Range<usize>,
    pagemap: File,
}

/// Makes something that reserves a pool of memories, and finds where that is. `None`: the process has none that is new.
pub(crate) fn new_pool<T>(make: impl FnOnce() -> T) -> (T, Option<Pool>) {
    let before = large_mappings();
    let made = make();
    let addresses = large_mappings().into_iter().find(|mapping| !before.contains(mapping));
    let pool = addresses.and_then(|addresses| Some(Pool { addresses, pagemap: File::open("/proc/self/pagemap").ok()? }));
    (made, pool)
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
        let (mut runs, mut from) = (Vec::new(), self.addresses.start);
        while from < self.addresses.end {
            from = self.scan(from, &mut runs)?;
        }
        Ok(runs)
    }

    #[allow(unsafe_code)]
    fn scan(&self, from: usize, runs: &mut Vec<Range<usize>>) -> io::Result<usize> {
        let mut regions = [Region::default(); RUNS];
        let mut scan = Scan {
            size: size_of::<Scan>() as u64,
            flags: 0,
            start: from as u64,
            end: self.addresses.end as u64,
            walk_end: 0,
            regions: regions.as_mut_ptr() as u64,
            regions_length: RUNS as u64,
            max_pages: 0,
            inverted: FILE | ZERO,
            all_of: WRITTEN | PRESENT | FILE | ZERO,
            any_of: 0,
            returned: 0,
        };
        // SAFETY: `scan` has the layout of the kernel's `pm_scan_arg`, and `regions` room for as many as it says. The call reads page tables and changes none.
        let found = unsafe { pagemap_scan(self.pagemap.as_raw_fd(), &mut scan) }?;
        let found = usize::try_from(found).unwrap_or(0);
        runs.extend(regions.iter().take(found).map(|region| region.start as usize..region.end as usize));
        // Always further than before, so that this ends whatever the kernel says.
        Ok((scan.walk_end as usize).max(from + 1))
    }

    /// Has these pages be the process's own, with the content that they have. Says whether it could.
    #[allow(unsafe_code)]
    pub(crate) fn populate(&self, pages: Range<usize>) -> bool {
        let Some(start) = NonNull::new(pages.start as *mut _) else { return false };
        // SAFETY: no content changes, whoever uses the pages meanwhile. Where nothing is mapped, or may be written, the kernel refuses.
        unsafe { madvise(start, pages.len(), MmapAdvise::MADV_POPULATE_WRITE) }.is_ok()
    }
}
