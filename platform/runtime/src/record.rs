//! What is known of a request's instance from outside its store.
use crate::{
    outbound::Origin,
    stdio::{Log, Switch},
    turns::Turn,
};
use nix::time::ClockId;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// A guest that has computed for so many nanoseconds is measured by its thread's own clock from then on. That one costs more to read, and leaves out the
/// time in which the machine was busy with others.
const LONG: u64 = 5_000_000;

/// What is known of an instance from outside its store, while it runs and after.
pub(crate) struct Record {
    pub(crate) log: Arc<Log>,
    /// Where the streams of an instance made for this request lead; another request may take them over.
    pub(crate) out: Arc<Switch>,
    /// What requests that the guest sends owe to this one.
    pub(crate) origin: Origin,
    began: Instant,
    /// All times in nanoseconds: spent in finished polls, and when the current poll began.
    spent: AtomicU64,
    polled: AtomicU64,
    by_thread: AtomicBool,
    /// Its guest is run by a task of its own, which counts.
    elsewhere: AtomicBool,
    instantiate: AtomicU64,
    memory_bytes: AtomicU64,
    refused: AtomicBool,
    answered: AtomicBool,
    expired: AtomicBool,
    expiry: Notify,
    /// Held while a guest that computes for long is polled.
    turn: Mutex<Option<Turn>>,
}

impl Record {
    pub(crate) fn new(log: Log, origin: Origin) -> Arc<Self> {
        Self::with(Arc::new(log), origin)
    }
    /// For an instance that outlives the request it was made for.
    pub(crate) fn of_instance(first: &Self) -> Arc<Self> {
        Self::with(first.log.clone(), first.origin.clone())
    }
    fn with(log: Arc<Log>, origin: Origin) -> Arc<Self> {
        Arc::new(Self {
            out: Switch::new(log.clone()),
            log,
            origin,
            began: Instant::now(),
            spent: AtomicU64::new(0),
            polled: AtomicU64::new(u64::MAX),
            by_thread: AtomicBool::new(false),
            elsewhere: AtomicBool::new(false),
            instantiate: AtomicU64::new(0),
            memory_bytes: AtomicU64::new(0),
            refused: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            expired: AtomicBool::new(false),
            expiry: Notify::new(),
            turn: Mutex::new(None),
        })
    }
    /// Runs one poll of the guest and counts its time.
    pub(crate) fn meter<R>(&self, poll: impl FnOnce() -> R) -> R {
        if self.elsewhere.load(Relaxed) {
            return poll();
        }
        self.by_thread.store(self.spent.load(Relaxed) >= LONG, Relaxed);
        self.polled.store(self.clock(), Relaxed);
        let result = poll();
        self.spent.store(self.spent(), Relaxed);
        self.polled.store(u64::MAX, Relaxed);
        self.hold(None);
        result
    }
    /// Only what is charged counts from now on.
    pub(crate) fn run_elsewhere(&self) {
        self.elsewhere.store(true, Relaxed);
    }
    pub(crate) fn runs_elsewhere(&self) -> bool {
        self.elsewhere.load(Relaxed)
    }
    pub(crate) fn hold(&self, turn: Option<Turn>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }
    /// The time the guest kept a thread busy, including the current poll, on whose thread this is asked.
    pub(crate) fn spent(&self) -> u64 {
        self.spent.load(Relaxed) + self.clock().saturating_sub(self.polled.load(Relaxed))
    }
    /// Counts time that others computed for the guest. To be called while it is polled.
    pub(crate) fn charge(&self, nanoseconds: u64) {
        self.spent.fetch_add(nanoseconds, Relaxed);
    }
    fn clock(&self) -> u64 {
        match self.by_thread.load(Relaxed) {
            true => thread_time(),
            false => u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX),
        }
    }
    pub(crate) fn instantiated(&self, began: Instant) {
        self.instantiate.store(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }
    pub(crate) fn instantiate(&self) -> Duration {
        Duration::from_nanos(self.instantiate.load(Relaxed))
    }
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Relaxed))
    }
    pub(crate) fn uses_memory(&self, bytes: u64) {
        self.memory_bytes.fetch_max(bytes, Relaxed);
    }
    /// The most linear memory so far.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Relaxed)
    }
    /// Nobody waits any more: a guest that computes is stopped at the next tick, where its trace shows what it was at. Says whether that was known.
    pub(crate) fn expire(&self) -> bool {
        let known = self.expired.swap(true, Relaxed);
        self.expiry.notify_one();
        known
    }
    /// Ends when nobody waits any more.
    pub(crate) async fn expiry(&self) {
        self.expiry.notified().await;
    }
    pub(crate) fn is_expired(&self) -> bool {
        self.expired.load(Relaxed)
    }
    /// The instance was there already: making it took no time worth a word.
    pub(crate) fn reused(&self) {
        self.instantiate.store(1, Relaxed);
    }
    /// Memory was refused; says whether that is news.
    pub(crate) fn refuse(&self) -> bool {
        !self.refused.swap(true, Relaxed)
    }
    /// The guest gave an answer, rather than an error or nothing.
    pub(crate) fn answered(&self) {
        self.answered.store(true, Relaxed);
    }
    /// Whether its instance may be trusted with another request.
    pub(crate) fn went_well(&self) -> bool {
        self.answered.load(Relaxed) && !self.refused.load(Relaxed) && !self.expired.load(Relaxed)
    }
    /// Whether there was an instance at all.
    pub(crate) fn ran(&self) -> bool {
        self.instantiate.load(Relaxed) > 0
    }
}

/// Processor time of this thread, in nanoseconds. Not by `getrusage`, which knows of a running thread only what it did until the kernel's last tick, up to
/// 4 ms ago: a request of less would have taken no time at all.
pub(crate) fn thread_time() -> u64 {
    let time = ClockId::CLOCK_THREAD_CPUTIME_ID.now().expect("every thread has its clock");
    time.tv_sec().unsigned_abs() * 1_000_000_000 + time.tv_nsec().unsigned_abs()
}

/// The guest computed on when its time was up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutOfTime {
    #[error("it computed for longer than its {0} ms of processor time")]
    Budget(u64),
    #[error("it computed for {0} ms and had not answered")]
    Deadline(u64),
}
