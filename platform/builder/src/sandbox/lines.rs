//! Bytes of a build's output become lines fit for a push.
use paas_model::log::MAX_LINE_BYTES;

/// Splits output into lines and stops passing them on after so many bytes.
pub struct Splitter {
    line: Vec<u8>,
    left: usize,
    dropped: usize,
}

impl Splitter {
    pub fn new(limit: usize) -> Self {
        Self { line: Vec::new(), left: limit, dropped: 0 }
    }

    pub fn push(&mut self, bytes: &[u8], emit: &mut dyn FnMut(&str)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.part(part, emit);
        }
    }

    /// Passes on the last line, and says what was dropped.
    pub fn finish(&mut self, emit: &mut dyn FnMut(&str)) {
        self.flush(emit);
        if self.dropped > 0 {
            emit(&format!(" !     The output is too long: {} more bytes are not shown.", self.dropped));
        }
    }

    fn part(&mut self, mut part: &[u8], emit: &mut dyn FnMut(&str)) {
        if part.len() > self.left {
            self.dropped += part.len() - self.left;
            part = &part[..self.left];
        }
        self.left -= part.len();
        while !part.is_empty() {
            let room = (MAX_LINE_BYTES - self.line.len()).min(part.len());
            self.line.extend_from_slice(&part[..room]);
            part = &part[room..];
            if self.line.ends_with(b"\n") || self.line.len() == MAX_LINE_BYTES {
                self.emit(emit);
            }
        }
    }

    fn flush(&mut self, emit: &mut dyn FnMut(&str)) {
        if !self.line.is_empty() {
            self.emit(emit);
        }
    }

    fn emit(&mut self, emit: &mut dyn FnMut(&str)) {
        let line = std::mem::take(&mut self.line);
        emit(&clean(&String::from_utf8_lossy(&line)));
    }
}

/// A line as a terminal would leave it standing: the last state of a progress line, without escape sequences and control characters,
/// which could otherwise rewrite what the pusher has on the screen.
pub fn clean(line: &str) -> String {
    let line = line.trim_end_matches(['\n', '\r']);
    let line = line.rsplit('\r').next().unwrap_or(line);
    let mut text = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\x1b' => skip_escape(&mut chars),
            '\t' => text.push(char),
            char if char.is_control() => {}
            char => text.push(char),
        }
    }
    text
}

/// Skips the rest of a CSI (`ESC [ … letter`), an OSC (`ESC ] … BEL`), or a two-character sequence (ECMA-48, 5.4).
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars>) {
    match chars.next() {
        Some('[') => while chars.next().is_some_and(|char| !('@'..='~').contains(&char)) {},
        Some(']') => while chars.next().is_some_and(|char| char != '\x07' && char != '\\') {},
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(limit: usize, chunks: &[&str]) -> Vec<String> {
        let mut seen = Vec::new();
        let mut emit = |line: &str| seen.push(line.to_string());
        let mut splitter = Splitter::new(limit);
        chunks.iter().for_each(|chunk| splitter.push(chunk.as_bytes(), &mut emit));
        splitter.finish(&mut emit);
        seen
    }

    #[test]
    fn lines_are_whole_however_the_bytes_arrive() {
        assert_eq!(lines(100, &["a", "b\nc", "\n\nd"]), ["ab", "c", "", "d"]);
    }

    #[test]
    fn a_flood_is_cut_and_counted() {
        assert_eq!(lines(4, &["ab\n", "cdef\n", "g\n"]), ["ab", "c", " !     The output is too long: 6 more bytes are not shown."]);
        let long = lines(1 << 20, &[&"x".repeat(25_000)]);
        assert_eq!(long.iter().map(String::len).collect::<Vec<_>>(), [10_000, 10_000, 5_000]);
    }

    #[test]
    fn nothing_moves_the_pushers_cursor() {
        assert_eq!(clean("\x1b[31mred\x1b[0m \x1b]0;title\x07plain\x08\x00"), "red plain");
        assert_eq!(clean("10%\r50%\r100%\r\n"), "100%");
        assert_eq!(clean("a\tb"), "a\tb");
    }
}
