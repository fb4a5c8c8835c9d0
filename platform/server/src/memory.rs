//! The process's own memory: what requests allocate, and when it goes back to the system.
use libmimalloc_sys::{mi_collect, mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned};
use std::{
    alloc::{GlobalAlloc, Layout},
    hint::black_box,
    io, thread,
    time::Duration,
};

/// Requests allocate and free on several threads at once, some of it large: glibc's allocator took a sixth of a small request's processor time.
#[global_allocator]
static ALLOCATOR: Mimalloc = Mimalloc;

/// mimalloc, asked for an alignment only where it would not give it anyway: what is asked for with one it takes from larger blocks, by a longer way, unless the
/// block's size is a power of two (decision 0036).
struct Mimalloc;

/// Every block of mimalloc's has this alignment, or its own size if that is smaller (`MI_MAX_ALIGN_SIZE`).
const GIVEN: usize = 16;

fn is_given(align: usize, size: usize) -> bool {
    align <= GIVEN && align <= size
}

// SAFETY: blocks are as large and as aligned as the layout says, by mimalloc's contract where it is told the alignment, and else by `is_given`; they stay until
// they are freed, whichever function made them; nothing here unwinds.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Mimalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match layout.size() {
            size if is_given(layout.align(), size) => unsafe { mi_malloc(size) }.cast(),
            size => unsafe { mi_malloc_aligned(size, layout.align()) }.cast(),
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match layout.size() {
            size if is_given(layout.align(), size) => unsafe { mi_zalloc(size) }.cast(),
            size => unsafe { mi_zalloc_aligned(size, layout.align()) }.cast(),
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        unsafe { mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match is_given(layout.align(), size) {
            true => unsafe { mi_realloc(block.cast(), size) }.cast(),
            false => unsafe { mi_realloc_aligned(block.cast(), size, layout.align()) }.cast(),
        }
    }
}

/// What has been free for a second the allocator gives back by itself, in whichever request comes next: that one then takes three times as long.
const GIVE_BACK_EVERY: Duration = Duration::from_millis(800);

/// Keeps what has to do with memory out of the requests.
pub fn keep_house() -> io::Result<()> {
    // The allocator asks for pages of 2 MB. One first request in fifteen had to clear one, and a third of what this process had was never used.
    if let Err(error) = nix::sys::prctl::set_thp_disable(true) {
        tracing::debug!(%error, "memory comes in large pages where the allocator asks for them");
    }
    thread::Builder::new().name("memory".into()).spawn(give_back).map(drop)
}

#[allow(unsafe_code)]
fn give_back() {
    // A thread that has never allocated anything has nothing to collect with.
    drop(black_box(Box::new(0u8)));
    loop {
        thread::sleep(GIVE_BACK_EVERY);
        // SAFETY: it takes no pointers, may be called by any thread at any time, and touches nothing that is allocated.
        unsafe { mi_collect(true) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each size up to 1 KiB and around what comes above, in each alignment, over and over so that blocks are used again.
    #[test]
    #[allow(unsafe_code)]
    fn blocks_are_aligned_zeroed_and_keep_what_they_held() {
        let sizes = (1..=1024).chain((11..18).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1]));
        for (size, align) in sizes.flat_map(|size| (0..8).map(move |power| (size, 1 << power))) {
            let layout = Layout::from_size_align(size, align).unwrap();
            for larger in [size + 1, size * 3] {
                // SAFETY: each block is used within its layout, and given back once with the layout that it has then.
                unsafe {
                    let block = ALLOCATOR.alloc_zeroed(layout);
                    assert!(block.addr().is_multiple_of(align), "{layout:?}");
                    assert!(std::slice::from_raw_parts(block, size).iter().all(|byte| *byte == 0), "{layout:?}");
                    block.write_bytes(7, size);
                    let block = ALLOCATOR.realloc(block, layout, larger);
                    assert!(block.addr().is_multiple_of(align), "{layout:?} grown to {larger}");
                    assert!(std::slice::from_raw_parts(block, size).iter().all(|byte| *byte == 7), "{layout:?} grown to {larger}");
                    ALLOCATOR.dealloc(block, Layout::from_size_align(larger, align).unwrap());
                    let block = ALLOCATOR.alloc(layout);
                    assert!(block.addr().is_multiple_of(align), "{layout:?}");
                    ALLOCATOR.dealloc(block, layout);
                }
            }
        }
    }
}
