//! Refuses HTTP/1.1 requests whose end two programs could see at different places (request smuggling), by looking at the bytes as they come.
//!
//! hyper takes a bare LF for a line's end, prefers `Transfer-Encoding` to a `Content-Length` beside it, and takes equal lengths twice. A proxy in front may
//! think otherwise. Here such a head gets a NUL in place of its line feed, which no parser takes: hyper answers 400 and closes the connection.
//! Nothing is copied, but lines that come in pieces.

/// Longer than hyper's own limit for a head, so hyper is the one to refuse.
const MAX_LINE_BYTES: usize = 128 << 10;
/// The first line of HTTP/2, which has lengths of its own.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Follows one connection's bytes.
pub struct Framing {
    at: At,
    first: bool,
    /// The beginning of a line whose end has not come yet.
    begun: Vec<u8>,
    body: Option<Length>,
}

#[derive(Clone, Copy)]
enum At {
    Line(Part),
    /// This many bytes of a body, then a line.
    Bytes(u64, Part),
    /// HTTP/2, or refused: nothing is looked at any more.
    Elsewhere,
}

#[derive(Clone, Copy)]
enum Part {
    Request,
    Header,
    Chunk,
    Trailer,
}

enum Length {
    Bytes(u64),
    Chunked,
}

impl Framing {
    pub fn new() -> Self {
        Self { at: At::Line(Part::Request), first: true, begun: Vec::new(), body: None }
    }

    /// Looks at what was just read, and spoils what must not be understood.
    pub fn check(&mut self, mut bytes: &mut [u8]) {
        while !bytes.is_empty() {
            let taken = match self.at {
                At::Elsewhere => return,
                At::Bytes(left, then) => self.skip(left, then, bytes.len()),
                At::Line(part) => match self.line(part, bytes) {
                    Some(taken) => taken,
                    None => return self.at = At::Elsewhere,
                },
            };
            bytes = &mut bytes[taken..];
        }
    }

    fn skip(&mut self, left: u64, then: Part, there: usize) -> usize {
        let taken = usize::try_from(left).unwrap_or(usize::MAX).min(there);
        let left = left - taken as u64;
        self.at = if left == 0 { At::Line(then) } else { At::Bytes(left, then) };
        taken
    }

    /// Takes a line, or the beginning of one. `None`: refused.
    fn line(&mut self, part: Part, bytes: &mut [u8]) -> Option<usize> {
        let Some(end) = bytes.iter().position(|b| *b == b'\n') else {
            self.begun.extend_from_slice(bytes);
            return (self.begun.len() <= MAX_LINE_BYTES).then_some(bytes.len());
        };
        let whole = if self.begun.is_empty() {
            self.judge(part, &bytes[..end])
        } else {
            let mut line = std::mem::take(&mut self.begun);
            line.extend_from_slice(&bytes[..end]);
            self.judge(part, &line)
        };
        if whole.is_none() {
            bytes[end] = 0;
        }
        whole.map(|()| end + 1)
    }

    fn judge(&mut self, part: Part, line: &[u8]) -> Option<()> {
        let line = line.strip_suffix(b"\r")?;
        self.at = match part {
            Part::Request if line.is_empty() => At::Line(Part::Request),
            Part::Request if self.first && line == PREFACE => At::Elsewhere,
            Part::Request => {
                (self.first, self.body) = (false, None);
                At::Line(Part::Header)
            }
            Part::Header if line.is_empty() => match self.body.take() {
                None | Some(Length::Bytes(0)) => At::Line(Part::Request),
                Some(Length::Bytes(length)) => At::Bytes(length, Part::Request),
                Some(Length::Chunked) => At::Line(Part::Chunk),
            },
            Part::Header => {
                self.header(line)?;
                At::Line(Part::Header)
            }
            Part::Chunk => match chunk_size(line)? {
                0 => At::Line(Part::Trailer),
                // The empty line behind a chunk is part of what is skipped.
                size => At::Bytes(size.checked_add(2)?, Part::Chunk),
            },
            Part::Trailer if line.is_empty() => At::Line(Part::Request),
            Part::Trailer => At::Line(Part::Trailer),
        };
        Some(())
    }

    /// One length, in one of two ways, once; and no line that goes on in the next.
    fn header(&mut self, line: &[u8]) -> Option<()> {
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return None;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { return Some(()) };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let length = if name.eq_ignore_ascii_case(b"content-length") {
            Length::Bytes(number(value, 10)?)
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            value.eq_ignore_ascii_case(b"chunked").then_some(Length::Chunked)?
        } else {
            return Some(());
        };
        self.body.replace(length).is_none().then_some(())
    }
}

/// Hex digits, then perhaps an extension.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().position(|b| !b.is_ascii_hexdigit()).unwrap_or(line.len());
    let extension = line.get(digits).is_none_or(|b| b";\t ".contains(b));
    extension.then(|| number(&line[..digits], 16)).flatten()
}

fn number(digits: &[u8], base: u32) -> Option<u64> {
    let digit = |b: &u8| char::from(*b).to_digit(base).map(u64::from);
    let grow = |number: u64, b: &u8| number.checked_mul(base.into())?.checked_add(digit(b)?);
    if digits.is_empty() { None } else { digits.iter().try_fold(0, grow) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the bytes pass, in pieces of `size`.
    fn passes_in(bytes: &[u8], size: usize) -> bool {
        let mut framing = Framing::new();
        let mut seen = bytes.to_vec();
        seen.chunks_mut(size).for_each(|piece| framing.check(piece));
        seen == bytes
    }
    fn passes(text: &str) -> bool {
        let results = [1, 2, 3, 7, 1_000].map(|size| passes_in(text.as_bytes(), size));
        assert!(results.iter().all(|result| *result == results[0]), "{text:?} depends on how it is cut: {results:?}");
        results[0]
    }

    const NEXT: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    #[test]
    fn ordinary_requests_pass_one_after_the_other() {
        for request in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\na\nb\n\nc\n",
            "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding:  Chunked \r\n\r\n5\r\na\nb\nc\r\n1;x=y\r\n\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n0\r\nA: b\r\n\r\n",
        ] {
            assert!(passes(&format!("{request}{NEXT}{request}")), "{request:?}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for request in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\ncontent-length: 6\r\n\r\nhello!",
            "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nContent-Length: \r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
        ] {
            assert!(!passes(request), "{request:?}");
            assert!(!passes(&format!("{NEXT}{request}")), "behind another: {request:?}");
        }
    }

    #[test]
    fn http_2_is_left_alone() {
        assert!(passes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\n\n\n"));
        assert!(!passes(&format!("{NEXT}PRI * HTTP/2.0\r\n\r\nSM\r\nX\n\r\n")), "only at the beginning");
    }
}
