//! A request's store: cleared when its answer is on its way, and a large memory beside the requests.
use crate::{instance::State, record::Record};
use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::runtime::Handle;
use wasmtime::Store;

/// For a memory of 128 MB the kernel takes ten milliseconds to have it back, in which nobody else on the thread would be answered. Below this a thread costs more than it saves.
const LARGE_BYTES: u64 = 64 << 20;

/// What a guest leaves that ended well: its store, unless another request gets it.
pub(crate) type Left = Option<Held<State>>;

thread_local! {
    /// Whether a store waits on this thread. One at a time does: they have a place in the pool, which others may need.
    static WAITS: Arc<AtomicBool> = Arc::default();
}

/// Clears a store when its answer has been sent: putting back what a request wrote takes a twentieth of a tiny app's first request, and more where more was written.
pub(crate) fn clear_after_answer(store: Held<State>) {
    after_answer(|| clear(store));
}

/// Works once the connection that this thread is at has had its turn; at once if something waits for that already.
fn after_answer(work: impl FnOnce() + Send + 'static) {
    let waits = WAITS.with(Arc::clone);
    match Handle::try_current() {
        Ok(runtime) if !waits.swap(true, Relaxed) => drop(runtime.spawn(async move {
            waits.store(false, Relaxed);
            work();
        })),
        _ => work(),
    }
}

/// Lets go of a store, and learns from it before.
pub(crate) fn clear(store: Held<State>) {
    store.data().learn();
}

pub(crate) struct Held<T: Send + 'static> {
    /// Until it is taken, or let go.
    store: Option<Store<T>>,
    record: Arc<Record>,
}

impl<T: Send + 'static> Held<T> {
    pub(crate) fn new(store: Store<T>, record: &Arc<Record>) -> Self {
        Self { store: Some(store), record: record.clone() }
    }

    /// For another request.
    pub(crate) fn take(mut self) -> Store<T> {
        self.store.take().expect("it is taken once")
    }
}

impl<T: Send + 'static> Deref for Held<T> {
    type Target = Store<T>;
    fn deref(&self) -> &Store<T> {
        self.store.as_ref().expect("it is there until it is taken")
    }
}

impl<T: Send + 'static> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut Store<T> {
        self.store.as_mut().expect("it is there until it is taken")
    }
}

impl<T: Send + 'static> Drop for Held<T> {
    fn drop(&mut self) {
        let Some(store) = self.store.take() else { return };
        match Handle::try_current() {
            Ok(runtime) if self.record.memory_bytes() >= LARGE_BYTES => drop(runtime.spawn_blocking(move || drop(store))),
            _ => drop(store),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::task::yield_now;

    #[tokio::test]
    async fn one_thing_at_a_time_waits_for_the_connection_to_have_its_turn() {
        let done = Arc::new(Mutex::new(Vec::new()));
        let doing = |what| {
            let done = done.clone();
            move || done.lock().unwrap().push(what)
        };
        after_answer(doing("first"));
        done.lock().unwrap().push("answer");
        after_answer(doing("second"));
        yield_now().await;
        assert_eq!(*done.lock().unwrap(), ["answer", "second", "first"]);
        after_answer(doing("third"));
        assert_eq!(done.lock().unwrap().len(), 3, "the next may wait again");
        yield_now().await;
        assert_eq!(done.lock().unwrap().last(), Some(&"third"));
    }

    #[test]
    fn where_nothing_runs_tasks_nothing_waits() {
        let done = Arc::new(AtomicBool::new(false));
        let doing = done.clone();
        after_answer(move || doing.store(true, Relaxed));
        assert!(done.load(Relaxed));
    }
}
