//! Keeps each app's log: the newest lines in memory, for search and for tails, and all of them in a file.
//!
//! In:  lines, from the runtime, the router and the API.
//! Out: the last lines of an app, and a live tail.
//! Knows lines and files. Never knows who owns an app, nor what a line is about; never makes a writer wait.

mod buffer;
mod file;
mod filter;

pub use filter::Filter;

use buffer::Buffer;
use file::Writer;
use futures::{Stream, StreamExt, stream};
use paas_model::{
    AppId,
    log::{Line, Sink},
};
use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

/// The logs of all apps; cheap to clone.
#[derive(Clone)]
pub struct Logs(Arc<Inner>);

struct Inner {
    buffers: RwLock<HashMap<AppId, Arc<Buffer>>>,
    writer: Writer,
}

impl Logs {
    /// Opens the logs kept in `dir`, made if missing.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let writer = Writer::start(dir)?;
        Ok(Self(Arc::new(Inner { buffers: RwLock::default(), writer })))
    }

    /// The newest `count` lines that match, oldest first.
    pub fn recent(&self, app: AppId, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
        self.buffer(app).recent(count, filter)
    }

    /// The newest `count` lines that match, then each further one as it is written.
    pub fn follow(&self, app: AppId, count: usize, filter: Filter) -> impl Stream<Item = Arc<Line>> + Send + use<> {
        let (past, live) = self.buffer(app).follow(count, &filter);
        let live = live.filter(move |line| std::future::ready(filter.matches(line)));
        stream::iter(past).chain(live)
    }

    /// Drops all lines of an app that is no more.
    pub fn forget(&self, app: AppId) {
        self.0.buffers.write().unwrap_or_else(PoisonError::into_inner).remove(&app);
        self.0.writer.forget(app);
    }

    /// Waits until every line written so far lies in its file.
    pub fn flush(&self) {
        self.0.writer.flush();
    }

    fn buffer(&self, app: AppId) -> Arc<Buffer> {
        if let Some(buffer) = self.0.buffers.read().unwrap_or_else(PoisonError::into_inner).get(&app) {
            return buffer.clone();
        }
        // Read before the lock is taken: other apps go on writing meanwhile.
        let past = self.0.writer.tail(app, buffer::KEPT_LINES);
        let mut buffers = self.0.buffers.write().unwrap_or_else(PoisonError::into_inner);
        buffers.entry(app).or_insert_with(|| Arc::new(Buffer::new(past))).clone()
    }
}

impl Sink for Logs {
    fn write(&self, app: AppId, line: Line) {
        let line = Arc::new(line);
        self.buffer(app).push(line.clone());
        self.0.writer.append(app, line);
    }
}

#[cfg(test)]
mod tests;
