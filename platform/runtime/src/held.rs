//! A request's store, which lets go of a large memory beside the requests.
use crate::record::Record;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};
use tokio::runtime::Handle;
use wasmtime::Store;

/// For a memory of 128 MB the kernel takes ten milliseconds to have it back, in which nobody else on the thread would be answered. Below this a thread costs more than it saves.
const LARGE_BYTES: u64 = 64 << 20;

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
