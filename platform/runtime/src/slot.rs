//! What of a node's apps is in memory: loaded by the first request that wants it, dropped when others need the room.
//!
//! Code and snapshots are mapped files. What a loaded program costs is its bookkeeping, in memory that no file backs, and
//! memory maps, of which a process may have only so many. So a node has a budget of both, and what was wanted least recently goes first.
use crate::javascript::WHOLE_BYTES;
use arc_swap::ArcSwapOption;
use std::{
    fs,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};
use tokio::sync::Semaphore;

/// Bookkeeping of a loaded program without code; and what code adds to it, as a share of its file.
const PROGRAM_BYTES: u64 = 48 << 10;
const CODE_SHARE: u64 = 16;
/// Code, data and what lies between are mapped apart.
const MAPS_PER_PROGRAM: usize = 4;
/// Maps for the pool of instances, threads and libraries.
const OTHER_MAPS: usize = 24_000;
/// Where the kernel does not say how many maps a process may have.
const USUAL_MAPS: usize = 65_530;

/// What of a program is its own.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size {
    /// Bytes of its code's file.
    pub(crate) code: u64,
    /// What a snapshot takes on the disk while it is mapped, though its file may be gone.
    pub(crate) image: u64,
}

/// The program `P` of one release, while it is in memory.
pub(crate) struct Slot<P> {
    program: ArcSwapOption<P>,
    bytes: AtomicU64,
    image_bytes: AtomicU64,
    /// When it was last wanted, in milliseconds since the node started.
    wanted: AtomicU64,
    /// Permits for guests that work on after their answer. Every guest holds this until its end, so it also tells whether one runs.
    pub(crate) guests: Arc<Semaphore>,
}

impl<P: Send + Sync + 'static> Slot<P> {
    pub(crate) fn new(concurrency: usize) -> Arc<Self> {
        let (program, bytes, image_bytes, wanted) = (ArcSwapOption::empty(), AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        Arc::new(Self { program, bytes, image_bytes, wanted, guests: Arc::new(Semaphore::new(concurrency)) })
    }

    /// The program, if it is in memory.
    pub(crate) fn want(&self, memory: &Memory<P>, now: Instant) -> Option<Arc<P>> {
        let program = self.program.load_full()?;
        self.wanted.store(memory.milliseconds(now), Relaxed);
        Some(program)
    }

    fn runs(&self) -> bool {
        Arc::strong_count(&self.guests) > 1
    }
}

/// The loaded programs of a node, and how much room they may take.
pub(crate) struct Memory<P> {
    began: Instant,
    budget_bytes: AtomicU64,
    budget_programs: usize,
    budget_images: AtomicU64,
    loaded: Mutex<Loaded<P>>,
}

struct Loaded<P> {
    slots: Vec<Weak<Slot<P>>>,
    /// Of all slots, those whose apps are gone included.
    bytes: u64,
    image_bytes: u64,
}

impl<P: Send + Sync + 'static> Memory<P> {
    /// A quarter of the machine's memory, and as many programs as its maps allow.
    pub(crate) fn of_machine() -> Self {
        let maps = number("/proc/sys/vm/max_map_count").and_then(|maps| usize::try_from(maps).ok()).unwrap_or(USUAL_MAPS);
        Self::new(machine_bytes() / 4, maps.saturating_sub(OTHER_MAPS).max(OTHER_MAPS) / MAPS_PER_PROGRAM)
    }

    fn new(bytes: u64, programs: usize) -> Self {
        Self {
            began: Instant::now(),
            budget_bytes: AtomicU64::new(bytes),
            budget_programs: programs,
            budget_images: AtomicU64::new(WHOLE_BYTES),
            loaded: Mutex::new(Loaded { slots: Vec::new(), bytes: 0, image_bytes: 0 }),
        }
    }

    /// Room for bookkeeping of loaded programs.
    pub(crate) fn limit(&self, bytes: u64) {
        self.budget_bytes.store(bytes, Relaxed);
    }

    /// Disk for snapshots of loaded programs.
    pub(crate) fn limit_images(&self, bytes: u64) {
        self.budget_images.store(bytes, Relaxed);
    }

    /// Puts a program of this size into its slot, and makes room if that was too much.
    pub(crate) fn put(&self, slot: &Arc<Slot<P>>, program: Arc<P>, size: Size) {
        let bytes = PROGRAM_BYTES + size.code / CODE_SHARE;
        slot.bytes.store(bytes, Relaxed);
        slot.image_bytes.store(size.image, Relaxed);
        slot.wanted.store(self.milliseconds(Instant::now()), Relaxed);
        slot.program.store(Some(program));
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.slots.push(Arc::downgrade(slot));
        loaded.bytes += bytes;
        loaded.image_bytes += size.image;
        if self.is_too_much(&loaded, 8) {
            unload(self.make_room(&mut loaded, slot));
        }
    }

    /// More than so many eighths of the budget.
    fn is_too_much(&self, loaded: &Loaded<P>, eighths: u64) -> bool {
        let bytes = self.budget_bytes.load(Relaxed) / 8 * eighths;
        let images = self.budget_images.load(Relaxed) / 8 * eighths;
        loaded.bytes > bytes || loaded.image_bytes > images || loaded.slots.len() as u64 > self.budget_programs as u64 * eighths / 8
    }

    /// Takes programs out of their slots down to seven eighths of the budget, so that not every load has to look for one to drop.
    fn make_room(&self, loaded: &mut Loaded<P>, newest: &Arc<Slot<P>>) -> Vec<Arc<P>> {
        let mut slots: Vec<Arc<Slot<P>>> = loaded.slots.iter().filter_map(Weak::upgrade).collect();
        slots.sort_by_cached_key(|slot| slot.wanted.load(Relaxed));
        loaded.bytes = slots.iter().map(|slot| slot.bytes.load(Relaxed)).sum();
        loaded.image_bytes = slots.iter().map(|slot| slot.image_bytes.load(Relaxed)).sum();
        // Counts what is left, for `is_too_much`.
        loaded.slots = slots.iter().map(Arc::downgrade).collect();
        let (mut gone, mut kept) = (Vec::new(), Vec::with_capacity(slots.len()));
        for slot in &slots {
            if slot.runs() || Arc::ptr_eq(slot, newest) || !self.is_too_much(loaded, 7) {
                kept.push(Arc::downgrade(slot));
                continue;
            }
            gone.extend(slot.program.swap(None));
            loaded.bytes -= slot.bytes.load(Relaxed);
            loaded.image_bytes -= slot.image_bytes.load(Relaxed);
            loaded.slots.pop();
        }
        loaded.slots = kept;
        tracing::debug!(dropped = gone.len(), kept = loaded.slots.len(), "programs are unloaded");
        gone
    }

    fn milliseconds(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}

/// Gives the programs back beside the request that had no room: unmapping them takes some fifty microseconds each.
fn unload<P: Send + Sync + 'static>(programs: Vec<Arc<P>>) {
    if let Err(error) = std::thread::Builder::new().name("unload".into()).spawn(move || drop(programs)) {
        tracing::warn!(%error, "programs were unloaded while a request waited");
    }
}

/// The memory of the machine, or as much of it as this process may take.
pub(crate) fn machine_bytes() -> u64 {
    let total = number("/proc/meminfo").map_or(u64::MAX, |kib| kib << 10);
    total.min(number("/sys/fs/cgroup/memory.max").unwrap_or(u64::MAX))
}

/// The first number in a file of the kernel's.
fn number(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.split_whitespace().find_map(|word| word.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots of programs that were loaded one after the other.
    fn filled(memory: &Memory<()>, count: u64) -> Vec<Arc<Slot<()>>> {
        let slots: Vec<_> = (0..count).map(|_| Slot::new(1)).collect();
        for (slot, wanted) in slots.iter().zip(1..) {
            memory.put(slot, Arc::new(()), Size::default());
            slot.wanted.store(wanted, Relaxed);
        }
        slots
    }
    fn is_loaded(slot: &Arc<Slot<()>>) -> bool {
        slot.program.load().is_some()
    }

    #[test]
    fn what_was_wanted_least_recently_goes_first() {
        let memory = Memory::new(u64::MAX, 8);
        let slots = filled(&memory, 8);
        slots[0].wanted.store(100, Relaxed);
        let ninth = Slot::new(1);
        memory.put(&ninth, Arc::new(()), Size::default());
        let loaded: Vec<bool> = slots.iter().map(is_loaded).collect();
        assert_eq!(loaded, [true, false, false, true, true, true, true, true]);
        assert!(is_loaded(&ninth));
    }

    #[test]
    fn a_program_whose_guest_runs_stays() {
        let memory = Memory::new(u64::MAX, 8);
        let slots = filled(&memory, 8);
        let _guest = slots[0].guests.clone();
        memory.put(&Slot::new(1), Arc::new(()), Size::default());
        assert!(is_loaded(&slots[0]) && !is_loaded(&slots[1]));
    }

    #[test]
    fn bytes_count_as_programs_do_and_those_of_apps_that_are_gone_do_not() {
        let memory = Memory::new(8 * PROGRAM_BYTES, usize::MAX / 8);
        drop(filled(&memory, 8));
        let slots = filled(&memory, 8);
        assert!(slots.iter().skip(2).all(is_loaded));
        memory.limit(4 * PROGRAM_BYTES);
        memory.put(&Slot::new(1), Arc::new(()), Size::default());
        assert_eq!(slots.iter().filter(|slot| is_loaded(slot)).count(), 2, "with the new one 7/8 of 4");
    }

    #[test]
    fn snapshots_of_loaded_programs_take_so_much_disk_and_no_more() {
        let memory = Memory::new(u64::MAX, 1_000);
        memory.limit_images(8 << 20);
        let slots: Vec<_> = (0..5).map(|_| Slot::new(1)).collect();
        for (slot, wanted) in slots.iter().zip(1..) {
            memory.put(slot, Arc::new(()), Size { code: 0, image: 2 << 20 });
            slot.wanted.store(wanted, Relaxed);
        }
        assert_eq!(slots.iter().map(is_loaded).collect::<Vec<_>>(), [false, false, true, true, true], "7/8 of 8 MB");
    }
}
