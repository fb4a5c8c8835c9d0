//! What the kernel knows of this process's pages, and what it can be asked to do with them.
use nix::sys::mman::{MmapAdvise, madvise};
use std::{
    fs::File,
    io,
    ops::Range,
    os::{fd::AsRawFd, unix::fs::FileExt},
    ptr::NonNull,
    sync::LazyLock,
};

pub(crate) const PAGE_BYTES: usize = 4096;
/// Runs that are asked for at a time.
const RUNS: usize = 512;

/// Categories of pages, see the kernel's `PAGEMAP_SCAN`.
const WRITTEN: u64 = 1 << 1;
const FILE: u64 = 1 << 2;
const PRESENT: u64 = 1 << 3;
const ZERO: u64 = 1 << 5;

static PAGEMAP: LazyLock<io::Result<File>> = LazyLock::new(|| File::open("/proc/self/pagemap"));

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

/// Whether a page, or the rest of one, holds nothing. Compared with another page, which the processor does many bytes at a time.
pub(crate) fn is_zero(page: &[u8]) -> bool {
    static ZEROS: [u8; PAGE_BYTES] = [0; PAGE_BYTES];
    page == &ZEROS[..page.len()]
}

/// Runs of pages between these addresses that were written since they were last given back, in order.
pub(crate) fn written(addresses: Range<usize>) -> io::Result<Vec<Range<usize>>> {
    let pagemap = PAGEMAP.as_ref().map_err(|error| io::Error::from(error.kind()))?;
    let (mut runs, mut from) = (Vec::new(), addresses.start);
    while from < addresses.end {
        from = scan(pagemap, from..addresses.end, &mut runs)?;
    }
    Ok(runs)
}

#[allow(unsafe_code)]
fn scan(pagemap: &File, addresses: Range<usize>, runs: &mut Vec<Range<usize>>) -> io::Result<usize> {
    let mut regions = [Region::default(); RUNS];
    let mut scan = Scan {
        size: size_of::<Scan>() as u64,
        flags: 0,
        start: addresses.start as u64,
        end: addresses.end as u64,
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
    let found = unsafe { pagemap_scan(pagemap.as_raw_fd(), &mut scan) }?;
    let found = usize::try_from(found).unwrap_or(0);
    runs.extend(regions.iter().take(found).map(|region| region.start as usize..region.end as usize));
    // Always further than before, so that this ends whatever the kernel says.
    Ok((scan.walk_end as usize).max(addresses.start + 1))
}

/// Whether the page at this address is the process's own already. `false` where the kernel does not say.
pub(crate) fn is_own(address: usize) -> bool {
    const PRESENT: u64 = 1 << 63;
    const FILE: u64 = 1 << 61;
    let mut entry = [0; 8];
    let at = (address / PAGE_BYTES * entry.len()) as u64;
    let read = PAGEMAP.as_ref().is_ok_and(|pagemap| pagemap.read_exact_at(&mut entry, at).is_ok());
    read && u64::from_ne_bytes(entry) & (PRESENT | FILE) == PRESENT
}

/// Has these pages be the process's own, with the content that they have. Says whether it could.
#[allow(unsafe_code)]
pub(crate) fn populate(pages: Range<usize>) -> bool {
    let Some(start) = NonNull::new(pages.start as *mut _) else { return false };
    // SAFETY: no content changes, whoever uses the pages meanwhile. Where nothing is mapped, or may be written, the kernel refuses.
    unsafe { madvise(start, pages.len(), MmapAdvise::MADV_POPULATE_WRITE) }.is_ok()
}
