//! Keeps the pages that requests write in their place.
//!
//! After a request wasmtime puts the guest's written pages back as they were. It asks the kernel for 32 runs of them and gives all pages behind the last run back to
//! it. An interpreter writes pages in some 75 runs, so most of them cost a page fault and an interruption of all threads at every request: four times what
//! the request itself costs. Here the small gaps between runs are filled, until there are few enough of them: a page in a gap becomes the instance's own, its content
//! stays what it was. Nothing depends on it but speed. wasmtime 50 asks as often as it takes; with it this file can go (decision 0015).
mod pool;

pub(crate) use pool::{Pool, new_pool, pages_can_be_swapped_out};

use crate::pages;
use nix::sys::resource::{UsageWho, getrusage};
use std::{
    io,
    ops::Range,
    time::{Duration, Instant},
};
use wasmtime::EngineWeak;

/// So many bytes that requests wrote are put back by copying, in each memory; what is beyond is given back to the kernel. A small JavaScript app writes
/// 0.8 MB with each request. Python apps write more, but with 8 MiB they took half as much time again.
pub(crate) const KEPT_BYTES: usize = 2 << 20;
/// Runs of pages that wasmtime 48 puts back in a memory (its `MAX_REGIONS`). It never sees those beyond.
const SEEN_RUNS: usize = 32;
/// Runs are joined down to so many, for those beyond to come into sight.
const JOINED_RUNS: usize = 24;
/// Between two memories of the pool lie 4 GiB.
const APART: usize = 1 << 30;
/// A look at the process's page faults costs nothing; one at its memory does, and is worth it from so many faults on.
const LOOK: Duration = Duration::from_millis(100);
const FAULTS: i64 = 500;
/// So many looks in a row have to find many faults. First requests have them too, to apps whose memories are not used again soon: mapping an app waits for a look at the pool.
const LASTING: u32 = 10;
/// The longest time between two looks at a pool in which there was nothing to do.
const REST: Duration = Duration::from_secs(10);

/// Starts the thread that does this for a pool; it ends with the engine.
pub(crate) fn keep(engine: EngineWeak, pool: Pool) -> io::Result<()> {
    std::thread::Builder::new().name("residence".into()).spawn(move || watch(&engine, &pool)).map(drop)
}

fn watch(engine: &EngineWeak, pool: &Pool) {
    let (mut seen, mut busy, mut pause, mut next) = (faults(), 0, LOOK, Instant::now());
    loop {
        std::thread::sleep(LOOK);
        let Some(_alive) = engine.upgrade() else { return };
        let now = faults();
        busy = if now - seen > FAULTS { busy + 1 } else { 0 };
        seen = now;
        if busy < LASTING || Instant::now() < next {
            continue;
        }
        pause = match fill(pool) {
            Ok(0) => (pause * 2).min(REST),
            Ok(_) => LOOK,
            Err(error) => return tracing::warn!(%error, "the kernel does not tell which pages were written: large guests answer slower"),
        };
        next = Instant::now() + pause;
    }
}

/// Page faults of this process so far that no disk was asked for.
fn faults() -> i64 {
    getrusage(UsageWho::RUSAGE_SELF).map_or(0, |usage| usage.minor_page_faults())
}

/// Fills gaps in all memories of the pool that need it, and says how many gaps.
fn fill(pool: &Pool) -> io::Result<usize> {
    let mut filled = 0;
    let runs = pool.written()?;
    for memory in runs.chunk_by(|one, next| next.start - one.end < APART) {
        for gap in gaps(memory) {
            filled += usize::from(pages::populate(gap));
        }
    }
    Ok(filled)
}

/// The smallest gaps between a memory's runs, as many as have to be filled for all runs to be seen; none if that is more than is kept.
pub(crate) fn gaps(runs: &[Range<usize>]) -> Vec<Range<usize>> {
    if runs.len() < SEEN_RUNS {
        return Vec::new();
    }
    let mut gaps: Vec<_> = runs.windows(2).map(|pair| pair[0].end..pair[1].start).collect();
    gaps.sort_by_key(Range::len);
    gaps.truncate(runs.len() - JOINED_RUNS);
    let bytes: usize = runs.iter().chain(&gaps).map(Range::len).sum();
    if bytes <= KEPT_BYTES { gaps } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{self, Kind};
    use wasmtime::{Instance, Module, Store};

    const PAGE: usize = 4096;

    #[test]
    fn few_runs_are_left_alone_and_of_many_the_nearest_are_joined() {
        let every = |step: usize, count: usize| (0..count).map(|index| index * step * PAGE..(index * step + 1) * PAGE).collect::<Vec<_>>();
        assert!(gaps(&every(2, SEEN_RUNS - 1)).is_empty());
        let mut runs = every(3, 10);
        runs.extend(every(2, 30).into_iter().map(|run| run.start + 100 * PAGE..run.end + 100 * PAGE));
        let found = gaps(&runs);
        assert_eq!(found.len(), 40 - JOINED_RUNS);
        assert!(found.iter().all(|gap| gap.len() == PAGE && gap.start > 100 * PAGE), "{found:?}");
    }

    #[test]
    fn gaps_are_not_filled_beyond_what_is_kept() {
        let step = KEPT_BYTES / PAGE;
        let runs: Vec<_> = (0..40).map(|index| index * step * PAGE..(index * step + 1) * PAGE).collect();
        assert!(gaps(&runs).is_empty());
    }

    /// A guest that writes 80 pages, each apart from the next.
    const SCATTERED: &str = r#"(module (memory 10) (data (i32.const 0) "\01")
        (func (export "write") (local $at i32)
            (loop $next
                (i32.store (local.get $at) (i32.const 7))
                (local.set $at (i32.add (local.get $at) (i32.const 8192)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const 655360)))))
        (func (export "sum") (result i32) (local $at i32) (local $sum i32)
            (loop $next
                (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
                (local.set $at (i32.add (local.get $at) (i32.const 4096)))
                (br_if $next (i32.lt_u (local.get $at) (i32.const 655360))))
            (local.get $sum)))"#;

    #[test]
    fn scattered_pages_stay_and_are_clean_for_the_next_request() {
        let (engine, pool) = engine::pooled(Kind::Plain).unwrap();
        let Some(pool) = pool else { return eprintln!("this kernel has no PAGEMAP_SCAN: nothing is kept and nothing to be seen") };
        let module = Module::new(&engine, SCATTERED).unwrap();
        let request = || {
            let mut store = Store::new(&engine, ());
            store.set_epoch_deadline(1_000_000);
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            let sum = instance.get_typed_func::<(), i32>(&mut store, "sum").unwrap().call(&mut store, ()).unwrap();
            instance.get_typed_func::<(), ()>(&mut store, "write").unwrap().call(&mut store, ()).unwrap();
            sum
        };
        let of_this_thread = || getrusage(UsageWho::RUSAGE_THREAD).unwrap().minor_page_faults();
        let cost = || {
            let before = of_this_thread();
            (0..100).for_each(|_| assert_eq!(request(), 1, "each finds the memory as it was made"));
            (of_this_thread() - before) / 100
        };
        let before = cost();
        assert!(before >= 40, "{before} faults a request: wasmtime keeps more than it did, and nothing here is needed");
        while fill(&pool).unwrap() > 0 {
            request();
        }
        assert_eq!(cost(), 0);
    }
}
