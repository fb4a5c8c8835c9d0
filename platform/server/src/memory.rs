//! The process's own memory: what requests allocate, and when it goes back to the system.
use std::{hint::black_box, io, thread, time::Duration};

/// Requests allocate and free on several threads at once, some of it large: glibc's allocator took a sixth of a small request's processor time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
        unsafe { libmimalloc_sys::mi_collect(true) };
    }
}
