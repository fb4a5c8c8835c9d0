//! Who is inside of an instance, whose processor time it is, and who is told what when it ends.
use super::ticket::Member;
use crate::instance::{OutOfTime, Record};
use paas_model::Code;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{
        AtomicBool, AtomicU64, AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
};
use tokio::sync::Notify;
use wasmtime::{PoolConcurrencyLimitError, component::GuestTaskId};

pub(crate) struct Inside {
    /// The instance's own: all its processor time, and its turn.
    life: Arc<Record>,
    /// How much of that time has been counted for requests.
    counted: AtomicU64,
    /// Requests that somebody waits for, those at the door included.
    present: AtomicUsize,
    /// Nobody else is let in.
    retired: AtomicBool,
    started: AtomicBool,
    changed: Notify,
    /// Those who were let in; those who are gone, too, as long as the guest may work on for them.
    members: Mutex<Vec<Arc<Member>>>,
    /// Who computed at the last tick.
    computing: Mutex<Option<Arc<Record>>>,
}

/// The instance ended by another request's fault.
#[derive(Debug, thiserror::Error)]
#[error("the instance ended while another request was in it: {why}")]
pub(crate) struct Ended {
    pub(crate) code: Code,
    why: String,
}

/// A fault of ours in a host function.
#[derive(Debug, thiserror::Error)]
#[error("the platform panicked while the app ran")]
pub(super) struct Panicked;

impl Inside {
    pub(super) fn new(life: Arc<Record>) -> Arc<Self> {
        Arc::new(Self {
            life,
            counted: AtomicU64::new(0),
            present: AtomicUsize::new(0),
            retired: AtomicBool::new(false),
            started: AtomicBool::new(false),
            changed: Notify::new(),
            members: Mutex::default(),
            computing: Mutex::default(),
        })
    }

    pub(crate) fn life(&self) -> &Arc<Record> {
        &self.life
    }
    pub(super) fn present(&self) -> usize {
        self.present.load(SeqCst)
    }
    pub(super) fn expect(&self) {
        self.present.fetch_add(1, SeqCst);
    }
    pub(super) fn leave(&self, well: bool) {
        self.present.fetch_sub(1, SeqCst);
        if !well {
            self.retired.store(true, SeqCst);
        }
        self.changed.notify_one();
    }
    pub(crate) fn retire(&self) {
        self.retired.store(true, SeqCst);
        self.changed.notify_one();
    }
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(SeqCst)
    }
    pub(super) fn started(&self) {
        self.started.store(true, Relaxed);
    }
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Lets a request in; gives the longest chain of calls that is inside now.
    pub(super) fn admit(&self, member: &Arc<Member>) -> u32 {
        let mut members = self.members();
        if !members.iter().any(|known| Arc::ptr_eq(known, member)) {
            members.push(member.clone());
        }
        members.iter().map(|member| member.record.origin.hops).max().unwrap_or_default()
    }

    /// A number of a task that has ended may come again.
    pub(super) fn task_of(&self, member: &Arc<Member>, task: GuestTaskId) {
        self.members().retain(|known| Arc::ptr_eq(known, member) || known.task.get() != Some(&task));
        // It is set once: each request has one task.
        let _first = member.task.set(task);
    }

    /// The guest does nothing any more for those who are gone.
    pub(super) fn forget_gone(&self) {
        self.members().retain(|member| !member.is_gone());
    }

    pub(crate) fn uses_memory(&self, bytes: u64) {
        self.members().iter().for_each(|member| member.record.uses_memory(bytes));
    }

    /// Counts the time up to this tick for the request whose task computes, and gives its record; without such a one the instance's.
    pub(crate) fn at_tick(&self, task: Option<GuestTaskId>) -> Arc<Record> {
        let members = self.members();
        let its = task.and_then(|task| members.iter().find(|member| member.task.get() == Some(&task)));
        let record = its.or_else(|| members.first()).map_or_else(|| self.life.clone(), |member| member.record.clone());
        if !Arc::ptr_eq(&record, &self.life) {
            record.charge(self.uncounted());
        }
        *self.computing.lock().unwrap_or_else(PoisonError::into_inner) = Some(record.clone());
        record
    }

    /// Counts the time since it was last counted for all who were inside, in equal parts. To be called on the thread that runs the instance; and before anyone
    /// is answered, because who has the whole answer looks at what it cost.
    pub(super) fn share(&self) {
        let members = self.members();
        let (time, parts) = (self.uncounted(), members.iter().filter(|member| member.has_a_part()).count() as u64);
        members.iter().filter(|member| member.has_a_part()).for_each(|member| member.takes(time / parts));
    }

    fn uncounted(&self) -> u64 {
        let spent = self.life.spent();
        spent.saturating_sub(self.counted.swap(spent, Relaxed))
    }

    /// Tells all who wait. The whole story goes to whose fault it was, as far as that is known.
    pub(super) fn end(&self, ending: wasmtime::Result<()>) {
        self.retire();
        let members = std::mem::take(&mut *self.members());
        members.iter().for_each(|member| member.break_off());
        let Err(error) = ending else { return members.iter().for_each(|member| member.end(Ok(()))) };
        let (code, why) = (self.code(&error), error.root_cause().to_string());
        let computing = self.computing.lock().unwrap_or_else(PoisonError::into_inner).take();
        let guilty = computing.filter(|_| error.is::<OutOfTime>());
        let is_guilty = |member: &&Arc<Member>| match &guilty {
            Some(record) => Arc::ptr_eq(record, &member.record),
            None => !member.is_gone(),
        };
        let told = members.iter().find(is_guilty);
        for member in members.iter().filter(|member| told.is_none_or(|told| !Arc::ptr_eq(told, member))) {
            member.end(Err(Ended { code, why: why.clone() }.into()));
        }
        if let Some(told) = told {
            told.end(Err(error));
        }
    }

    fn code(&self, error: &wasmtime::Error) -> Code {
        match () {
            () if error.is::<Panicked>() => Code::H99,
            () if error.is::<PoolConcurrencyLimitError>() => Code::H11,
            () if self.started.load(Relaxed) || error.is::<wasmtime::Trap>() => Code::H10,
            () => Code::H20,
        }
    }

    fn members(&self) -> MutexGuard<'_, Vec<Arc<Member>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
