//! Keeps each app's log: all lines in a file, the newest in memory too, for tails and for most questions. An app that rests has nothing in memory.
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
    thread,
    time::Duration,
};

/// An app without a line or a reader for so long has its newest lines in its file only.
const IDLE: Duration = Duration::from_secs(60);

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
        let inner = Arc::new(Inner { buffers: RwLock::default(), writer: Writer::start(dir)? });
        let weak = Arc::downgrade(&inner);
        let run = move || {
            while let Some(logs) = weak.upgrade() {
                logs.let_go(IDLE);
                drop(logs);
                thread::sleep(IDLE);
            }
        };
        thread::Builder::new().name("log-idle".into()).spawn(run)?;
        Ok(Self(inner))
    }

    /// The newest `count` lines that match, oldest first. May read a file.
    pub fn recent(&self, app: AppId, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
        let kept = self.0.buffer(app).lines();
        self.0.newest(app, kept, count, filter)
    }

    /// The newest `count` lines that match, then each further one as it is written. May read a file.
    pub fn follow(&self, app: AppId, count: usize, filter: Filter) -> impl Stream<Item = Arc<Line>> + Send + use<> {
        let (kept, live) = self.0.buffer(app).follow();
        let past = self.0.newest(app, kept, count, &filter);
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
}

impl Inner {
    fn buffer(&self, app: AppId) -> Arc<Buffer> {
        if let Some(buffer) = self.buffers.read().unwrap_or_else(PoisonError::into_inner).get(&app) {
            return buffer.clone();
        }
        self.buffers.write().unwrap_or_else(PoisonError::into_inner).entry(app).or_default().clone()
    }

    /// Of what is `kept` in memory, and before that of the app's file.
    fn newest(&self, app: AppId, kept: Vec<Arc<Line>>, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
        let found = buffer::newest(kept.iter(), count, filter);
        if found.len() == count || kept.len() >= buffer::READ_LINES {
            return found;
        }
        self.writer.flush();
        let mut past = self.writer.tail(app, buffer::READ_LINES);
        if let Some(first) = kept.first() {
            // A line that the writer had no room for is in memory only: then the time tells what came before.
            let known = past.iter().rposition(|line| line == first);
            past.truncate(known.unwrap_or_else(|| past.iter().take_while(|line| line.at < first.at).count()));
        }
        let older = past.len().saturating_sub(buffer::READ_LINES - kept.len());
        buffer::newest(past[older..].iter().chain(&kept), count, filter)
    }

    /// Drops from memory what nobody has wanted for so long.
    fn let_go(&self, idle: Duration) {
        let mut buffers = self.buffers.write().unwrap_or_else(PoisonError::into_inner);
        // Who holds one is about to use it, and got it before this lock was taken.
        buffers.retain(|_, buffer| Arc::strong_count(buffer) > 1 || !buffer.rests(idle));
        buffers.shrink_to_fit();
    }
}

impl Sink for Logs {
    fn write(&self, app: AppId, line: Line) {
        self.0.buffer(app).push(Arc::new(line), |line| self.0.writer.append(app, line));
    }
}

#[cfg(test)]
mod tests;
