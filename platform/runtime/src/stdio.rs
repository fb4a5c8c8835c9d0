//! What a guest prints, as log lines: cut at newlines, at 10,000 bytes, at the request's budget and at the app's share of a second.
//!
//! Writing never blocks the guest: the sink drops and counts, and so does the budget here.
use crate::log_rate::LogRate;
use bytes::Bytes;
use chrono::Utc;
use paas_model::{
    AppId,
    limits::Limits,
    log::{Line, MAX_LINE_BYTES, Sink, Source},
};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamError},
};

pub(crate) const PROCESS: &str = "web.1";
/// Tells what the app asked of other hosts.
const OUTBOUND: &str = "outbound";

/// The log of one request.
pub(crate) struct Log {
    app: AppId,
    sink: Arc<dyn Sink>,
    rate: Arc<LogRate>,
    open: Mutex<Open>,
}

struct Open {
    /// Begun lines of stdout and stderr.
    partial: [Vec<u8>; 2],
    bytes: u64,
    lines: u64,
    dropped_bytes: u64,
    dropped_lines: u64,
}

#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Stdout = 0,
    Stderr = 1,
}

impl Log {
    pub(crate) fn new(app: AppId, sink: Arc<dyn Sink>, limits: &Limits, rate: Arc<LogRate>) -> Self {
        let (bytes, lines) = (limits.log_bytes, limits.log_lines);
        let open = Open { partial: [Vec::new(), Vec::new()], bytes, lines, dropped_bytes: 0, dropped_lines: 0 };
        Self { app, sink, rate, open: Mutex::new(open) }
    }

    /// Bytes as the guest wrote them.
    pub(crate) fn write(&self, stream: Stream, bytes: &[u8]) {
        let mut open = self.open();
        let mut pieces = bytes.split(|b| *b == b'\n');
        let last = pieces.next_back().unwrap_or_default();
        for piece in pieces {
            let mut line = std::mem::take(&mut open.partial[stream as usize]);
            line.extend_from_slice(piece);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            self.app_line(&mut open, line);
        }
        open.partial[stream as usize].extend_from_slice(last);
        self.cut_long(&mut open, stream);
    }

    /// A line about the app by the platform. It counts against the budget, because the guest can cause any number of them.
    pub(crate) fn platform(&self, text: &str) {
        self.send(&mut self.open(), (Source::Paas, PROCESS), text);
    }

    /// A line about a call to another host; it counts as well.
    pub(crate) fn outbound(&self, text: &str) {
        self.send(&mut self.open(), (Source::Paas, OUTBOUND), text);
    }

    /// A line in the app's own name: the report of its crash. Not counted: it comes once and must not get lost.
    pub(crate) fn report(&self, text: &str) {
        self.emit((Source::App, PROCESS), text.into());
    }

    /// Lines begun and not ended, then what was dropped.
    pub(crate) fn flush(&self) {
        let mut open = self.open();
        for stream in [Stream::Stdout, Stream::Stderr] {
            let rest = std::mem::take(&mut open.partial[stream as usize]);
            if !rest.is_empty() {
                self.app_line(&mut open, &rest);
            }
        }
        let (lines, bytes) = (std::mem::take(&mut open.dropped_lines), std::mem::take(&mut open.dropped_bytes));
        if lines > 0 {
            let text = format!("Error L10 (output buffer overflow): {lines} lines of {bytes} bytes dropped, this request logged too much.");
            self.emit((Source::Paas, PROCESS), text);
        }
    }

    /// A line without end is sent in pieces, so that memory stays bounded.
    fn cut_long(&self, open: &mut Open, stream: Stream) {
        while open.partial[stream as usize].len() >= MAX_LINE_BYTES {
            let partial = &mut open.partial[stream as usize];
            let rest = partial.split_off(boundary(partial, MAX_LINE_BYTES));
            let line = std::mem::replace(partial, rest);
            self.app_line(open, &line);
        }
    }

    fn app_line(&self, open: &mut Open, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut rest = text.as_ref();
        loop {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(MAX_LINE_BYTES));
            self.send(open, (Source::App, PROCESS), piece);
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }

    fn send(&self, open: &mut Open, by: (Source, &'static str), text: &str) {
        let cost = text.len() as u64 + 1;
        if open.dropped_lines > 0 || cost > open.bytes || open.lines == 0 {
            open.dropped_bytes += cost;
            open.dropped_lines += 1;
            return;
        }
        open.bytes -= cost;
        open.lines -= 1;
        if self.rate.admit(cost, self.app, &self.sink) {
            self.emit(by, text.into());
        }
    }

    fn emit(&self, (source, process): (Source, &'static str), text: String) {
        self.sink.write(self.app, Line { at: Utc::now(), source, process: process.into(), text });
    }
    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.flush();
    }
}

/// The greatest index up to `most` that does not cut a UTF-8 character.
fn boundary(bytes: &[u8], most: usize) -> usize {
    let continues = |index: &usize| bytes.get(*index).is_some_and(|b| b & 0xC0 == 0x80);
    (most.saturating_sub(3)..=most).rev().find(|index| !continues(index)).unwrap_or(most)
}

/// The log of the request that an instance works for now.
pub(crate) struct Switch(Mutex<Arc<Log>>);

impl Switch {
    pub(crate) fn new(log: Arc<Log>) -> Arc<Self> {
        Arc::new(Self(Mutex::new(log)))
    }
    pub(crate) fn lead_to(&self, log: Arc<Log>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = log;
    }
    fn log(&self) -> Arc<Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A guest's stdout or stderr that goes to the log.
#[derive(Clone)]
pub(crate) struct LogStream {
    pub(crate) log: Arc<Switch>,
    pub(crate) stream: Stream,
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> Result<(), StreamError> {
        self.log.log().write(self.stream, &bytes);
        Ok(())
    }
    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }
    fn check_write(&mut self) -> Result<usize, StreamError> {
        Ok(64 << 10)
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.log.log().write(self.stream, bytes);
        Poll::Ready(Ok(bytes.len()))
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<String>>);
    impl Sink for Lines {
        fn write(&self, _: AppId, line: Line) {
            self.0.lock().unwrap().push(format!("{}: {}", line.source.as_str(), line.text));
        }
    }

    fn logged(log_bytes: u64, writes: &[(Stream, &[u8])]) -> Vec<String> {
        logged_within(&Limits { log_bytes, ..Limits::default() }, writes)
    }

    fn logged_within(limits: &Limits, writes: &[(Stream, &[u8])]) -> Vec<String> {
        let lines = Arc::new(Lines::default());
        let log = Log::new(AppId::generate(), lines.clone(), limits, LogRate::new(limits));
        for (stream, bytes) in writes {
            log.write(*stream, bytes);
        }
        drop(log);
        lines.0.lock().unwrap().clone()
    }

    #[test]
    fn lines_are_cut_at_newlines_and_the_last_one_is_not_lost() {
        let writes: [(Stream, &[u8]); 4] =
            [(Stream::Stdout, b"a\r\nb"), (Stream::Stderr, b"oh "), (Stream::Stdout, b"c\n\n"), (Stream::Stderr, b"no\x01\t\xff")];
        assert_eq!(logged(1000, &writes), ["app: a", "app: bc", "app: ", "app: oh no\u{1}\t\u{fffd}"]);
    }

    #[test]
    fn a_long_line_is_split_between_characters() {
        let text = "é".repeat(9_000);
        let lines = logged(100_000, &[(Stream::Stdout, text.as_bytes())]);
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [10_005, 8_005]);
        assert_eq!(lines.concat().replace("app: ", ""), text);
    }

    #[test]
    fn bytes_that_are_no_text_do_not_make_a_line_longer_than_the_limit() {
        let lines = logged(100_000, &[(Stream::Stdout, &[0xff; 20_000])]);
        assert!(lines.iter().all(|line| line.len() <= MAX_LINE_BYTES + "app: ".len()));
    }

    #[test]
    fn a_request_that_logs_too_much_is_told_so_once() {
        let lines = logged(10, &[(Stream::Stdout, b"12345\n123456\n1\n")]);
        assert_eq!(lines, ["app: 12345", "paas: Error L10 (output buffer overflow): 2 lines of 9 bytes dropped, this request logged too much."]);
        let few = Limits { log_lines: 1, ..Limits::default() };
        let lines = logged_within(&few, &[(Stream::Stdout, b"1\n2\n3\n")]);
        assert_eq!(lines, ["app: 1", "paas: Error L10 (output buffer overflow): 2 lines of 4 bytes dropped, this request logged too much."]);
    }
}
