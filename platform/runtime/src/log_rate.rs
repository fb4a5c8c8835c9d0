//! How much an app may log in a second, all its requests together. What is more is dropped, and the log says how much that was.
use chrono::Utc;
use paas_model::{
    AppId,
    limits::Limits,
    log::{Line, Sink, Source},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, time::sleep};

const SECOND: Duration = Duration::from_secs(1);

/// Shared by the requests of one release.
pub(crate) struct LogRate {
    bytes: u64,
    lines: u64,
    window: Mutex<Window>,
}

struct Window {
    began: Instant,
    bytes: u64,
    lines: u64,
    dropped_bytes: u64,
    dropped_lines: u64,
}

impl LogRate {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let window = Window { began: Instant::now(), bytes: 0, lines: 0, dropped_bytes: 0, dropped_lines: 0 };
        Arc::new(Self { bytes: limits.log_bytes_per_second, lines: limits.log_lines_per_second, window: Mutex::new(window) })
    }

    /// Whether a line of so many bytes still fits into this second. The first one that does not has the loss reported when the second is over.
    pub(crate) fn admit(self: &Arc<Self>, bytes: u64, app: AppId, sink: &Arc<dyn Sink>) -> bool {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.began.elapsed() >= SECOND {
            (window.began, window.bytes, window.lines) = (Instant::now(), 0, 0);
        }
        if window.lines < self.lines && window.bytes + bytes <= self.bytes {
            window.lines += 1;
            window.bytes += bytes;
            return true;
        }
        window.dropped_lines += 1;
        window.dropped_bytes += bytes;
        if window.dropped_lines == 1 {
            self.report_later(app, sink);
        }
        false
    }

    fn report_later(self: &Arc<Self>, app: AppId, sink: &Arc<dyn Sink>) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (rate, sink) = (self.clone(), sink.clone());
        runtime.spawn(async move {
            sleep(SECOND).await;
            let text = rate.loss();
            sink.write(app, Line { at: Utc::now(), source: Source::Paas, process: crate::stdio::PROCESS.into(), text });
        });
    }

    fn loss(&self) -> String {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let (lines, bytes) = (std::mem::take(&mut window.dropped_lines), std::mem::take(&mut window.dropped_bytes));
        format!("Error L10 (output buffer overflow): {lines} lines of {bytes} bytes dropped, the app logged more than it may in a second.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;
    impl Sink for Nowhere {
        fn write(&self, _: AppId, _: Line) {}
    }

    #[test]
    fn what_a_second_has_no_room_for_is_counted() {
        let rate = LogRate::new(&Limits { log_lines_per_second: 3, log_bytes_per_second: 10, ..Limits::default() });
        let (sink, app): (Arc<dyn Sink>, _) = (Arc::new(Nowhere), AppId::generate());
        let admitted: Vec<bool> = [4, 4, 4, 2, 1].into_iter().map(|bytes| rate.admit(bytes, app, &sink)).collect();
        assert_eq!(admitted, [true, true, false, true, false]);
        let told = "Error L10 (output buffer overflow): 2 lines of 5 bytes dropped, the app logged more than it may in a second.";
        assert_eq!(rate.loss(), told);
    }
}
