//! The newest lines of one app, in memory.
use crate::Filter;
use futures::{Stream, StreamExt};
use paas_model::log::{Line, Source};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

/// Lines of an app that can be read back at once.
pub const KEPT_LINES: usize = 2_000;
/// Lines that a slow tail may lag behind before it loses some (L11).
const TAIL_LINES: usize = 1_024;

pub struct Buffer {
    lines: Mutex<VecDeque<Arc<Line>>>,
    tails: broadcast::Sender<Arc<Line>>,
}

impl Buffer {
    pub fn new(past: VecDeque<Arc<Line>>) -> Self {
        Self { lines: Mutex::new(past), tails: broadcast::channel(TAIL_LINES).0 }
    }

    pub fn push(&self, line: Arc<Line>) {
        let mut lines = self.lines();
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line.clone());
        // Inside the lock, so that a tail that begins now sees each line once. Fails only when nobody listens.
        if self.tails.receiver_count() > 0 {
            self.tails.send(line).ok();
        }
    }

    pub fn recent(&self, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
        newest(&self.lines(), count, filter)
    }

    pub fn follow(&self, count: usize, filter: &Filter) -> (Vec<Arc<Line>>, impl Stream<Item = Arc<Line>> + Send + use<>) {
        let lines = self.lines();
        let live = BroadcastStream::new(self.tails.subscribe()).map(|next| next.unwrap_or_else(overflow));
        (newest(&lines, count, filter), live)
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<Arc<Line>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn newest(lines: &VecDeque<Arc<Line>>, count: usize, filter: &Filter) -> Vec<Arc<Line>> {
    let mut found: Vec<_> = lines.iter().rev().filter(|line| filter.matches(line)).take(count).cloned().collect();
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
