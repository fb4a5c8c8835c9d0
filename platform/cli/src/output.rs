//! How things look: data on stdout, progress and complaints on stderr, colours, tables, times.
use crate::failure::{Failure, Result};
use chrono::{DateTime, Local, TimeZone, Utc};
use serde::Serialize;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, IsTerminal, Write};

/// Writes to stdout at once: what follows a log must not wait in a buffer.
pub fn write(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::Closed),
        Err(error) => Err(Failure::local("write the output", error)),
    }
}

pub fn line(text: impl Display) -> Result<()> {
    write(format!("{text}\n").as_bytes())
}

pub fn json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::local("write JSON", error))?;
    line(text)
}

/// `=== hello Config Vars`
pub fn header(text: impl Display) -> Result<()> {
    line(out().bold(&format!("=== {text}")))
}

/// What people should know, on stderr. Nothing can be done when even that is closed.
pub fn note(text: impl Display) {
    writeln!(io::stderr(), "{text}").ok();
}

/// ` ▸    message`, the way refusals and warnings look.
pub fn complain(message: &str) {
    let arrow = err().red("▸");
    for line in message.lines() {
        note(format_args!(" {arrow}    {}", err().text(line)));
    }
}

pub fn warn(message: &str) {
    note(format_args!(" {}    {}", err().yellow("▸"), err().text(message)));
}

/// `Creating app... done, ⬢ hello` on stderr; ends in ` !` when dropped before it is done.
pub struct Progress {
    done: bool,
}

impl Progress {
    pub fn start(what: impl Display) -> Self {
        write!(io::stderr(), "{what}... ").and_then(|()| io::stderr().flush()).ok();
        Self { done: false }
    }

    pub fn done(self) {
        self.end("done");
    }

    pub fn done_with(self, result: impl Display) {
        self.end(&format!("done, {result}"));
    }

    fn end(mut self, text: &str) {
        self.done = true;
        note(text);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if !self.done {
            note(err().red("!"));
        }
    }
}

/// Styles for one stream: colours only on a terminal that wants them.
#[derive(Clone, Copy)]
pub struct Paint {
    terminal: bool,
    colour: bool,
}

pub fn out() -> Paint {
    Paint::of(io::stdout().is_terminal())
}

pub fn err() -> Paint {
    Paint::of(io::stderr().is_terminal())
}

impl Paint {
    fn of(terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self { terminal, colour: terminal && !set("NO_COLOR") && !dumb }
    }

    /// Words from elsewhere, harmless to this stream.
    pub fn text(self, text: &str) -> Text {
        let shown = if self.terminal { harmless(text) } else { text.to_owned() };
        Text { width: shown.chars().count(), shown }
    }

    pub fn app(self, name: &str) -> Text {
        self.style("35", &format!("⬢ {name}"))
    }

    pub fn bold(self, text: &str) -> Text {
        self.style("1", text)
    }

    pub fn red(self, text: &str) -> Text {
        self.style("31", text)
    }

    pub fn green(self, text: &str) -> Text {
        self.style("32", text)
    }

    pub fn yellow(self, text: &str) -> Text {
        self.style("33", text)
    }

    pub fn faint(self, text: &str) -> Text {
        self.style("2", text)
    }

    /// `code` is an SGR parameter of ECMA-48.
    pub fn style(self, code: &str, text: &str) -> Text {
        let plain = self.text(text);
        match self.colour {
            true => Text { shown: format!("\x1b[{code}m{}\x1b[0m", plain.shown), width: plain.width },
            false => plain,
        }
    }
}

/// Words with their style, and the columns they take.
#[derive(Clone, Debug)]
pub struct Text {
    shown: String,
    width: usize,
}

impl Text {
    pub fn then(self, other: Self) -> Self {
        Self { shown: self.shown + &other.shown, width: self.width + other.width }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Control characters and changes of writing direction would let a log line move the cursor or hide its own text.
fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => safe.push(c),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.extend(c.escape_unicode()),
            c if c.is_control() => safe.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

/// Columns as wide as their widest cell, two spaces between, nothing behind the last.
pub fn table(rows: &[Vec<Text>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter().map(|row| table_line(row, &widths)).collect()
}

fn table_line(row: &[Text], widths: &[usize]) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        line.push_str(&cell.shown);
        if column + 1 < row.len() {
            line.push_str(&" ".repeat(widths[column] - cell.width + 2));
        }
    }
    line + "\n"
}

/// `KEY:   value` lines, values aligned.
pub fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let paint = out();
    let pairs: Vec<_> = pairs.into_iter().collect();
    let widest = pairs.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
    let line = |(key, value): &(&str, String)| {
        let gap = " ".repeat(widest - key.chars().count() + 1);
        format!("{}{gap}{}\n", paint.green(&format!("{key}:")), paint.text(value))
    };
    pairs.iter().map(line).collect()
}

/// `2026/11/23 17:37:41 +0000 (~ 1h ago)` in this machine's time zone.
pub fn time(at: DateTime<Utc>) -> String {
    time_in(&Local, at, Utc::now())
}

fn time_in<Z: TimeZone>(zone: &Z, at: DateTime<Utc>, now: DateTime<Utc>) -> String
where
    Z::Offset: Display,
{
    let date = at.with_timezone(zone).format("%Y/%m/%d %H:%M:%S %z");
    match ago((now - at).num_seconds()) {
        Some(words) => format!("{date} ({words})"),
        None => date.to_string(),
    }
}

/// Words for the last 25 hours, as Heroku has them; before that the date says enough.
fn ago(seconds: i64) -> Option<String> {
    match seconds.max(0) {
        s @ 0..=60 => Some(format!("~ {s}s ago")),
        s @ 61..=3_600 => Some(format!("~ {}m ago", s / 60)),
        s @ 3_601..=90_000 => Some(format!("~ {}h ago", s / 3_600)),
        _ => None,
    }
}

/// `1.2 MB`, in steps of 1,000.
pub fn bytes(count: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", count as f64 / *size as f64),
        None => format!("{count} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: Paint = Paint { terminal: false, colour: false };
    const TERMINAL: Paint = Paint { terminal: true, colour: true };

    #[test]
    fn time_is_told_in_the_readers_zone_and_in_words() {
        let at = DateTime::parse_from_rfc3339("2026-11-23T17:37:41Z").unwrap().to_utc();
        let after = |seconds| time_in(&Utc, at, at + chrono::Duration::seconds(seconds));
        assert_eq!(after(-5), "2026/11/23 17:37:41 +0000 (~ 0s ago)");
        assert_eq!(after(60), "2026/11/23 17:37:41 +0000 (~ 60s ago)");
        assert_eq!(after(61), "2026/11/23 17:37:41 +0000 (~ 1m ago)");
        assert_eq!(after(3_601), "2026/11/23 17:37:41 +0000 (~ 1h ago)");
        assert_eq!(after(90_000), "2026/11/23 17:37:41 +0000 (~ 25h ago)");
        assert_eq!(after(90_001), "2026/11/23 17:37:41 +0000");
        let east = chrono::FixedOffset::east_opt(3_600).unwrap();
        assert_eq!(time_in(&east, at, at), "2026/11/23 18:37:41 +0100 (~ 0s ago)");
    }

    #[test]
    fn tables_align_by_what_is_seen_and_not_by_colour_codes() {
        let rows =
            [vec![TERMINAL.green("v10"), PIPE.text("Deploy ünïcode"), PIPE.text("a@x")], vec![PIPE.text("v9"), PIPE.text("Set A"), PIPE.text("b@x")]];
        let lines = table(&rows);
        assert_eq!(lines, "\u{1b}[32mv10\u{1b}[0m  Deploy ünïcode  a@x\nv9   Set A           b@x\n");
    }

    #[test]
    fn a_terminal_never_gets_control_characters_and_a_pipe_gets_the_bytes() {
        let evil = "a\x1b[2Jb\rc\u{9b}31m\u{202e}d\te";
        assert_eq!(TERMINAL.text(evil).to_string(), "a\\x1b[2Jb\\x0dc\\x9b31m\\u{202e}d\te");
        assert_eq!(PIPE.text(evil).to_string(), evil);
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([bytes(0), bytes(999), bytes(1_250_000)], ["0 B", "999 B", "1.2 MB"]);
    }
}
