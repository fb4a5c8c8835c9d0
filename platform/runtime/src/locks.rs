//! Locks by name, for threads that may wait: of those who want the same thing, one makes it.
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// More than there are threads that load something at a time.
const LOCKS: usize = 32;

/// Different names may share a lock, so nobody takes a second one while holding one.
#[derive(Default)]
pub(crate) struct Locks([Mutex<()>; LOCKS]);

impl Locks {
    pub(crate) fn lock(&self, name: impl Hash) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        self.0[hasher.finish() as usize % LOCKS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
