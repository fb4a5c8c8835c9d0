//! The newest lines of one app, in memory: for tails, and so that most questions need no file.
use crate::Filter;
use futures::{Stream, StreamExt};
use paas_model::log::{Line, Source};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::broadcast;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// Lines of an app that can be read back at once; older ones lie in its file.
pub const READ_LINES: usize = 2_000;
/// What an app's lines may take here; what is older is read from its file.
pub const KEPT_BYTES: usize = 256 << 10;
/// Lines that a slow tail may lag behind before it loses some (L11).
const TAIL_LINES: usize = 1_024;

pub struct Buffer(Mutex<Kept>);

struct Kept {
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
    /// While somebody listens: a channel takes more room than most apps' lines.
    tails: Option<broadcast::Sender<Arc<Line>>>,
    wanted: Instant,
}

impl Default for Buffer {
    fn default() -> Self {
        Self(Mutex::new(Kept { lines: VecDeque::new(), bytes: 0, tails: None, wanted: Instant::now() }))
    }
}

impl Buffer {
    /// `file` takes the line too, inside the lock, so that both have the same order.
    pub fn push(&self, line: Arc<Line>, file: impl FnOnce(Arc<Line>)) {
        let mut kept = self.kept();
        kept.add(line.clone());
        // Inside the lock, so that a tail that begins now sees each line once. Fails only when nobody listens any more.
        if kept.tails.as_ref().is_some_and(|tails| tails.send(line.clone()).is_err()) {
            kept.tails = None;
        }
        file(line);
    }

    /// What is here, oldest first.
    pub fn lines(&self) -> Vec<Arc<Line>> {
        self.kept().copy()
    }

    /// What is here, and each line from now on.
    pub fn follow(&self) -> (Vec<Arc<Line>>, impl Stream<Item = Arc<Line>> + Send + use<>) {
        let mut kept = self.kept();
        let receiver = kept.tails.get_or_insert_with(|| broadcast::channel(TAIL_LINES).0).subscribe();
        (kept.copy(), BroadcastStream::new(receiver).map(|next| next.unwrap_or_else(overflow)))
    }

    /// Whether nobody has written, read or listened for so long.
    pub fn rests(&self, idle: Duration) -> bool {
        let kept = self.kept();
        kept.wanted.elapsed() >= idle && kept.tails.as_ref().is_none_or(|tails| tails.receiver_count() == 0)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, line: Arc<Line>) {
        self.wanted = Instant::now();
        self.bytes += bytes(&line);
        self.lines.push_back(line);
        while self.lines.len() > READ_LINES || self.bytes > KEPT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { return };
            self.bytes -= bytes(&oldest);
        }
    }

    fn copy(&mut self) -> Vec<Arc<Line>> {
        self.wanted = Instant::now();
        self.lines.iter().cloned().collect()
    }
}

fn bytes(line: &Line) -> usize {
    size_of::<Line>() + 4 * size_of::<usize>() + line.process.len() + line.text.len()
}

/// The newest of those that the filter takes, oldest first.
pub fn newest<'a>(lines: impl DoubleEndedIterator<Item = &'a Arc<Line>>, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
    let mut found: Vec<_> = lines.rev().filter(|line| filter.matches(line)).take(count).cloned().collect();
    found.reverse();
    found
}

/// What a tail reads in place of the lines that it was too slow for.
fn overflow(BroadcastStreamRecvError::Lagged(lost): BroadcastStreamRecvError) -> Arc<Line> {
    Arc::new(Line {
        at: chrono::Utc::now(),
        source: Source::Paas,
        process: "logs".into(),
        text: format!("Error L11 (Tail buffer overflow): {lost} messages dropped"),
    })
}
