//! Who of the guests that compute for long may go on.
//!
//! There are fewer turns than threads: however many guests compute, a thread stays free for everybody else. And it is apps that take turns: one with
//! a hundred computing guests gets no more than one with a single one.
use paas_model::AppId;
use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// The threads are the process's, and so are their turns.
static TURNS: LazyLock<Turns> = LazyLock::new(|| Turns::new(std::thread::available_parallelism().map_or(1, |cores| cores.get() - 1).max(1)));

/// A guest that was called need not come: nobody polls it while its visitor does not read. So the others look again by themselves.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Counts the processors now: the system is asked in some ten calls, which would be a first request's.
pub(crate) fn prepare() {
    LazyLock::force(&TURNS);
}

/// Lets others on this thread run, then waits for a turn of this app. It is to be dropped when the guest is no longer polled.
pub(crate) async fn turn(app: AppId) -> Turn {
    TURNS.take(app).await
}

/// The right to compute for a tick.
pub(crate) struct Turn(Turns);

#[derive(Clone)]
struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// The app whose turn is next comes first; none is empty.
    waiting: VecDeque<(AppId, VecDeque<oneshot::Sender<()>>)>,
}

impl Turns {
    fn new(count: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: count, waiting: VecDeque::new() })))
    }

    async fn take(&self, app: AppId) -> Turn {
        loop {
            // Tokio's own yield looks at sockets and timers before it comes back. Being called does not: of guests that call one another, a thread
            // would run one after the other and see no visitor.
            tokio::task::yield_now().await;
            let called = match self.lock().take_or_queue(app) {
                None => return Turn(self.clone()),
                Some(called) => called,
            };
            // Called or not, the next look tells.
            let _called = timeout(LOOK_AGAIN, called).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `None`: taken.
    fn take_or_queue(&mut self, app: AppId) -> Option<oneshot::Receiver<()>> {
        if self.free > 0 {
            self.free -= 1;
            return None;
        }
        let (call, called) = oneshot::channel();
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == app) {
            Some((_, guests)) => guests.push_back(call),
            None => self.waiting.push_back((app, [call].into())),
        }
        Some(called)
    }

    /// Calls the first guest that still waits; its app goes to the end of the line.
    fn call_next(&mut self) {
        while let Some((app, mut guests)) = self.waiting.pop_front() {
            let called = std::iter::from_fn(|| guests.pop_front()).any(|guest| guest.send(()).is_ok());
            if !guests.is_empty() {
                self.waiting.push_back((app, guests));
            }
            if called {
                return;
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.free += 1;
        state.call_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn apps() -> (AppId, AppId) {
        (AppId::generate(), AppId::generate())
    }

    #[tokio::test]
    async fn apps_are_called_in_turn_however_many_guests_they_have() {
        let turns = Turns::new(1);
        let (greedy, modest) = apps();
        let first = turns.take(greedy).await;
        let [mut second, mut third, mut other] = [greedy, greedy, modest].map(|app| turns.lock().take_or_queue(app).unwrap());
        drop(first);
        assert!((&mut second).now_or_never().is_some(), "who waits longest is called first");
        drop(turns.take(greedy).await);
        assert!((&mut other).now_or_never().is_some(), "the other app comes before the first one's third guest");
        assert!((&mut third).now_or_never().is_none());
        drop(turns.take(modest).await);
        assert!(third.now_or_never().is_some());
    }

    #[tokio::test]
    async fn who_has_gone_or_does_not_come_keeps_nobody_waiting() {
        let turns = Turns::new(1);
        let (app, other) = apps();
        let first = turns.take(app).await;
        let gone = turns.lock().take_or_queue(app).unwrap();
        let _called_and_never_comes = turns.lock().take_or_queue(app).unwrap();
        drop(gone);
        drop(first);
        drop(turns.take(other).await);
        assert!(turns.lock().waiting.is_empty());
    }
}
