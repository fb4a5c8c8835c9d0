//! The log of an app, past and live.
use crate::app::open_app;
use crate::args::Logs;
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output::{self, Paint};
use paas_api_types::{LogSession, NewLogSession};
use serde_json::json;
use std::collections::VecDeque;
use std::io::BufRead;
use std::thread::sleep;
use std::time::Duration;

/// How many past lines are asked for, and known as shown, when a stream is taken up again.
const MEMORY: usize = 1_000;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub fn show(args: &Logs) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let mut printer = Printer::new(args.of.json.json);
    let first = read(&client, &app, &session(args, args.lines), &mut printer)?;
    match (args.tail, first) {
        (true, _) => follow(&client, &app, args, &mut printer),
        (false, End::Reached) => Ok(()),
        (false, End::Dropped) => Err(Failure::Unreachable("The log broke off before its end. Run the command again.".into())),
    }
}

/// Takes a live stream up again whenever it ends, until Ctrl-C.
fn follow(client: &Client, app: &str, args: &Logs, printer: &mut Printer) -> Result<()> {
    let mut pause = FIRST_PAUSE;
    loop {
        let shown = printer.seen.lines.len();
        sleep(pause);
        let lines = if shown == 0 { args.lines } else { MEMORY as u32 };
        printer.seen.start_again();
        match read(client, app, &session(args, lines), printer) {
            Ok(_) => pause = FIRST_PAUSE,
            Err(Failure::Unreachable(words)) => {
                if pause == FIRST_PAUSE {
                    output::warn(&format!("The log broke off, trying again until Ctrl-C. {}", words.lines().next().unwrap_or_default()));
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// `web` names a process type, `web.1` and `router` one process.
fn session(args: &Logs, lines: u32) -> NewLogSession {
    let (types, processes): (Option<&String>, Option<&String>) = match &args.process {
        Some(name) if name.contains('.') => (None, Some(name)),
        name => (name.as_ref(), None),
    };
    NewLogSession {
        lines: Some(lines),
        tail: Some(args.tail),
        source: args.source.clone(),
        dyno: processes.cloned(),
        dyno_name: None,
        process_type: types.cloned(),
    }
}

enum End {
    Reached,
    Dropped,
}

fn read(client: &Client, app: &str, wanted: &NewLogSession, printer: &mut Printer) -> Result<End> {
    let session: LogSession = client.post(&format!("/apps/{app}/log-sessions"), wanted)?;
    for line in client.stream_elsewhere(&session.logplex_url)?.split(b'\n') {
        match line {
            Ok(line) => printer.print(&String::from_utf8_lossy(&line))?,
            Err(_) => return Ok(End::Dropped),
        }
    }
    Ok(End::Reached)
}

struct Printer {
    json: bool,
    paint: Paint,
    /// In order of appearance: each process keeps its colour.
    processes: Vec<String>,
    seen: Seen,
}

impl Printer {
    fn new(json: bool) -> Self {
        Self { json, paint: output::out(), processes: Vec::new(), seen: Seen::default() }
    }

    fn print(&mut self, line: &str) -> Result<()> {
        let line = line.trim_end_matches('\r');
        if line.is_empty() || !self.seen.is_new(line) {
            return Ok(());
        }
        match split(line) {
            Some(parts) if self.json => output::line(parts.json()),
            Some(parts) => output::line(self.coloured(&parts)),
            None if self.json => output::line(json!({ "text": line })),
            None => output::line(self.paint.text(line)),
        }
    }

    fn coloured(&mut self, parts: &Parts) -> String {
        const COLOURS: [&str; 5] = ["33", "32", "36", "35", "34"];
        let known = self.processes.iter().position(|process| process == parts.process);
        let place = known.unwrap_or_else(|| {
            self.processes.push(parts.process.to_owned());
            self.processes.len() - 1
        });
        let prefix = self.paint.style(COLOURS[place % COLOURS.len()], parts.prefix);
        format!("{prefix}{}", self.paint.text(parts.text))
    }
}

/// `2026-11-23T05:29:35.123456+00:00 app[web.1]: message`
struct Parts<'a> {
    at: &'a str,
    source: &'a str,
    process: &'a str,
    prefix: &'a str,
    text: &'a str,
}

impl Parts<'_> {
    fn json(&self) -> serde_json::Value {
        json!({ "at": self.at, "source": self.source, "process": self.process, "text": self.text.strip_prefix(' ').unwrap_or(self.text) })
    }
}

fn split(line: &str) -> Option<Parts<'_>> {
    let end = line.find("]:")? + 2;
    let (prefix, text) = line.split_at(end);
    let (at, who) = prefix.split_once(' ')?;
    let (source, process) = who.strip_suffix("]:")?.split_once('[')?;
    Some(Parts { at, source, process, prefix, text })
}

/// The lines shown last, so that the past lines of a stream taken up again are not shown twice.
#[derive(Default)]
struct Seen {
    lines: VecDeque<String>,
    /// Those of `lines` that the stream taken up again may still repeat.
    repeatable: VecDeque<String>,
    /// The oldest of them: what is older was never asked for.
    since: Option<String>,
}

impl Seen {
    fn start_again(&mut self) {
        self.repeatable = self.lines.clone();
        self.since = self.lines.front().cloned();
    }

    fn is_new(&mut self, line: &str) -> bool {
        if let Some(place) = self.repeatable.iter().position(|known| known == line) {
            self.repeatable.remove(place);
            return false;
        }
        if self.since.as_ref().is_some_and(|oldest| time(line) < time(oldest)) {
            return false;
        }
        if self.lines.len() == MEMORY {
            self.lines.pop_front();
        }
        self.lines.push_back(line.to_owned());
        true
    }
}

/// RFC 3339 in UTC with six decimals sorts as text.
fn time(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2026-11-23T05:29:35.123456+00:00 app[web.1]: hello [x]: y";

    #[test]
    fn a_line_has_a_time_a_source_a_process_and_words() {
        let parts = split(LINE).unwrap();
        assert_eq!((parts.source, parts.process, parts.text), ("app", "web.1", " hello [x]: y"));
        assert_eq!(parts.json()["text"], "hello [x]: y");
        assert!(split("no prefix at all").is_none());
    }

    #[test]
    fn a_stream_taken_up_again_repeats_nothing_and_loses_nothing() {
        let mut seen = Seen::default();
        let line = |second: u32, text: &str| format!("2026-11-23T05:29:{second:02}.000000+00:00 app[web.1]: {text}");
        for shown in [line(10, "a"), line(11, "twice"), line(11, "twice"), line(12, "b")] {
            assert!(seen.is_new(&shown));
        }
        seen.start_again();
        let again = [line(9, "too old"), line(10, "a"), line(11, "twice"), line(11, "twice"), line(11, "late"), line(12, "b"), line(13, "new")];
        let new: Vec<_> = again.iter().filter(|line| seen.is_new(line)).collect();
        assert_eq!(new, [&line(11, "late"), &line(13, "new")]);
    }
}
