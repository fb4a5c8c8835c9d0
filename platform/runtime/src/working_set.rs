//! The pages that each request of an app writes.
//!
//! An instance's memory begins as a copy-on-write view of a file. The first look at a page maps the file's, the first write to it replaces that by a copy, which
//! interrupts every other thread of the process: ten microseconds for each of the nine hundred pages that a Python app writes. All requests of an app write nearly the
//! same pages. So they are learned from its first requests, and made the instance's own before the guest begins, all at once and before anybody looked at them.
//! Nothing depends on it but speed: a page's content stays what it was.
mod announce;

pub(crate) use announce::{announcing, link, link_idle};

use crate::{
    pages::{self, PAGE_BYTES},
    residence,
};
use std::{
    ops::Range,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Requests that are looked at. What all of them wrote, others will.
const LESSONS: u8 = 3;

/// What of an app's memory each request writes, once it is known.
#[derive(Default)]
pub(crate) struct WorkingSet {
    /// Offsets into the memory, in bytes.
    runs: OnceLock<Vec<Range<usize>>>,
    lessons: Mutex<Lessons>,
}

#[derive(Default)]
struct Lessons {
    heard: u8,
    /// For each page, how many requests wrote it.
    writers: Vec<u8>,
}

/// Where an instance has its memory.
pub(crate) struct Place {
    set: Arc<WorkingSet>,
    memory: Range<usize>,
}

impl Place {
    /// Of an instance that has written nothing yet.
    fn new(set: Arc<WorkingSet>, memory: Range<usize>) -> Self {
        let place = Self { set, memory };
        place.make_ready();
        place
    }

    fn make_ready(&self) {
        let Some(runs) = self.set.runs.get() else { return };
        let pages = |run: &Range<usize>| self.memory.start + run.start..self.memory.start + run.end;
        // What wasmtime put back by copying is still there, or it has given back the last run too.
        if runs.last().is_none_or(|last| pages(last).end > self.memory.end || pages::is_own(pages(last).end - 1)) {
            return;
        }
        // An answer depends on none of them.
        let _populated = runs.iter().map(pages).all(pages::populate);
    }

    /// Learns from a request that has been answered.
    pub(crate) fn learn(&self) {
        if self.set.runs.get().is_some() {
            return;
        }
        match pages::written(self.memory.clone()) {
            Ok(runs) => self.set.learn(runs.into_iter().map(|run| run.start - self.memory.start..run.end - self.memory.start)),
            Err(error) => tracing::debug!(%error, "the kernel does not tell which pages were written"),
        }
    }
}

impl WorkingSet {
    fn learn(&self, written: impl Iterator<Item = Range<usize>>) {
        let mut lessons = self.lessons.lock().unwrap_or_else(PoisonError::into_inner);
        if lessons.heard == LESSONS {
            return;
        }
        lessons.hear(written);
        if lessons.heard == LESSONS {
            let runs = joined(lessons.common());
            tracing::debug!(runs = runs.len(), pages = runs.iter().map(Range::len).sum::<usize>() / PAGE_BYTES, "an app's working set is known");
            self.runs.get_or_init(|| runs);
            *lessons = Lessons { heard: LESSONS, writers: Vec::new() };
        }
    }
}

impl Lessons {
    fn hear(&mut self, written: impl Iterator<Item = Range<usize>>) {
        self.heard += 1;
        for page in written.flat_map(|run| run.start / PAGE_BYTES..run.end.div_ceil(PAGE_BYTES)) {
            if self.writers.len() <= page {
                self.writers.resize(page + 1, 0);
            }
            self.writers[page] += 1;
        }
    }

    /// Runs of the pages that every request wrote.
    fn common(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for page in (0..self.writers.len()).filter(|page| self.writers[*page] == self.heard) {
            let (start, end) = (page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
            match runs.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => runs.push(start..end),
            }
        }
        runs
    }
}

/// Runs joined, if then wasmtime sees all of them and puts them back by copying (see `residence`): a tenth of what it costs to give a page back and have another.
fn joined(runs: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let filled = residence::gaps(&runs);
    let mut joined: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if filled.contains(&(last.end..run.start)) => last.end = run.end,
            _ => joined.push(run),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(runs: &[Range<usize>]) -> impl Iterator<Item = Range<usize>> {
        runs.iter().map(|run| run.start * PAGE_BYTES..run.end * PAGE_BYTES)
    }

    #[test]
    fn what_every_request_wrote_is_the_working_set() {
        let set = WorkingSet::default();
        for written in [[0..4, 100..103], [1..5, 101..103], [1..4, 101..109]] {
            assert!(set.runs.get().is_none(), "not before the last lesson");
            set.learn(pages(&written));
        }
        set.learn(pages(&[700..800, 900..901]));
        assert_eq!(set.runs.get().unwrap(), &pages(&[1..4, 101..103]).collect::<Vec<_>>());
    }

    /// So many single pages, each so far from the next.
    fn scattered(count: usize, apart: usize) -> Vec<Range<usize>> {
        (0..count).map(|number| number * apart * PAGE_BYTES..(number * apart + 1) * PAGE_BYTES).collect()
    }

    #[test]
    fn runs_are_joined_where_all_of_them_can_then_be_put_back_by_copying() {
        assert_eq!(joined(scattered(31, 2)).len(), 31, "as few are seen as they are");
        let few = joined(scattered(60, 2));
        assert!(few.len() < 31 && few.iter().map(Range::len).sum::<usize>() < 120 * PAGE_BYTES, "{few:?}");
        assert_eq!(joined(scattered(200, 20)).len(), 200, "too far apart");
    }
}
