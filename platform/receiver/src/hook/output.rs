//! The lines of a push on their way to the developer's terminal.
use super::Reply;
use paas_model::{log::MAX_LINE_BYTES, output::Lines};
use std::sync::Mutex;
use tokio::sync::mpsc;

/// All lines of one hook together, each counted with its frame. More than that nobody reads, and memory holds it while git is slow.
const MAX_BYTES: usize = 4 << 20;
const FRAME_BYTES: usize = 16;

/// Takes lines without ever blocking; drops them after [`MAX_BYTES`], with a note.
pub(super) struct HookOutput {
    replies: mpsc::UnboundedSender<Reply>,
    /// Bytes that may still be written; `None` after the note.
    left: Mutex<Option<usize>>,
}

impl HookOutput {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Reply>) {
        let (replies, receiver) = mpsc::unbounded_channel();
        (Self { replies, left: Mutex::new(Some(MAX_BYTES)) }, receiver)
    }

    fn send(&self, line: String) {
        let mut left = self.left.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Some(bytes) = *left else { return };
        *left = bytes.checked_sub(line.len() + FRAME_BYTES);
        let line = if left.is_some() { line } else { " !     Too much output: the rest is not shown here.".into() };
        // The hook may have gone; the push goes on without readers.
        self.replies.send(Reply::Line(line)).ok();
    }
}

impl Lines for HookOutput {
    fn line(&self, text: &str) {
        for line in text.split('\n') {
            self.send(plain(last_overprint(line)));
        }
    }
}

/// Of a line that overprints itself, as progress bars do, what a terminal would show in the end.
fn last_overprint(line: &str) -> &str {
    line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default()
}

/// The text without anything that steers a terminal: what a build prints must not be able to rewrite what we said.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len().min(MAX_LINE_BYTES));
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        if text.len() + c.len_utf8() > MAX_LINE_BYTES {
            text.push_str(" […]");
            break;
        }
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\t' => text.push(c),
            c if c.is_control() || is_bidi_control(c) => {}
            c => text.push(c),
        }
    }
    text
}

/// Skips what follows an escape character (ECMA-48, 5.3 and 5.4): a control sequence to its final byte, a control string to its
/// terminator, or a single character.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.next() {
        Some('[') => {
            rest.find(|c| ('@'..='~').contains(c));
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = rest.next() {
                if c == '\u{7}' || (c == '\u{1b}' && rest.next().is_some()) {
                    break;
                }
            }
        }
        Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
            rest.next();
        }
        _ => {}
    }
}

/// Characters that reorder the text around them.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &[&str]) -> Vec<String> {
        let (output, mut replies) = HookOutput::new();
        lines.iter().for_each(|line| output.line(line));
        let mut written = Vec::new();
        while let Ok(Reply::Line(line)) = replies.try_recv() {
            written.push(line);
        }
        written
    }

    #[test]
    fn a_build_cannot_steer_the_terminal() {
        assert_eq!(written(&["\u{1b}[31mred\u{1b}[0m \u{1b}[2J\u{1b}[1;1Hhome"]), ["red home"]);
        assert_eq!(written(&["\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\link\u{1b}(Bb"]), ["alinkb"]);
        assert_eq!(written(&["a\u{9b}31mb\u{8}\u{8}c\td\u{202e}e\u{7f}"]), ["a31mbc\tde"]);
        assert_eq!(written(&["\u{1b}", "\u{1b}[", "\u{1b}]x"]), ["", "", ""]);
    }

    #[test]
    fn a_progress_bar_becomes_its_last_state() {
        assert_eq!(written(&["10%\r50%\r100%", "100%\r\r", "one\ntwo\r"]), ["100%", "100%", "one", "two"]);
    }

    #[test]
    fn a_long_line_is_cut() {
        let line = written(&[&"é".repeat(MAX_LINE_BYTES)]).remove(0);
        assert!(line.ends_with("é […]") && line.len() < MAX_LINE_BYTES + 10);
    }

    #[test]
    fn a_flood_is_capped_with_a_note() {
        let flood = vec![""; MAX_BYTES / FRAME_BYTES + 1000];
        let written = written(&flood);
        assert_eq!(written.len(), MAX_BYTES / FRAME_BYTES + 1);
        assert!(written.last().unwrap().contains("Too much output"));
    }
}
