//! What an instance may use of memory and tables, and what is said when it wants more.
use crate::{crowd::Inside, engine::TABLE_ELEMENTS, record::Record};
use paas_model::limits::Limits;
use std::sync::Arc;
use wasmtime::ResourceLimiter;

/// All memories and all tables of one instance.
pub(crate) struct Quota {
    record: Arc<Record>,
    /// All whose requests the instance works for, if they may be several at a time.
    inside: Option<Arc<Inside>>,
    limits: Limits,
    used: u64,
    elements: u64,
    warned: bool,
}

impl Quota {
    pub(crate) fn new(limits: Limits, record: &Arc<Record>) -> Self {
        Self { record: record.clone(), inside: None, limits, used: 0, elements: 0, warned: false }
    }

    /// Whose request it is that the instance works for now.
    pub(crate) fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// Counts for several requests at a time from now on.
    pub(crate) fn share(&mut self, inside: Arc<Inside>) {
        self.inside = Some(inside);
    }

    pub(crate) fn inside(&self) -> Option<&Arc<Inside>> {
        self.inside.as_ref()
    }

    /// Counts for another request from now on, with all that the instance has already.
    pub(crate) fn renew(&mut self, record: &Arc<Record>) {
        self.record = record.clone();
        self.record.uses_memory(self.used);
    }

    /// Says no, and once for each request why.
    fn refuse(&self) -> wasmtime::Result<bool> {
        if self.record.refuse() {
            self.record.log.platform("Error R15 (Memory quota vastly exceeded)");
        }
        if let Some(inside) = &self.inside {
            inside.retire();
        }
        Ok(false)
    }

    fn use_memory(&mut self, used: u64) {
        self.used = used;
        match &self.inside {
            Some(inside) => inside.uses_memory(used),
            None => self.record.uses_memory(used),
        }
        if used > self.limits.memory_soft_bytes && !self.warned {
            self.warned = true;
            self.record.log.platform("Error R14 (Memory quota exceeded)");
        }
    }
}

impl ResourceLimiter for Quota {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used - current as u64 + desired as u64;
        if used > self.limits.memory_bytes {
            return self.refuse();
        }
        if maximum.is_none_or(|most| desired <= most) {
            self.use_memory(used);
        }
        Ok(true)
    }
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.elements - current as u64 + desired as u64;
        if elements > self.limits.table_elements || desired > TABLE_ELEMENTS {
            return self.refuse();
        }
        if maximum.is_none_or(|most| desired <= most) {
            self.elements = elements;
        }
        Ok(true)
    }
}
