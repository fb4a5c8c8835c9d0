//! W3C Trace Context (level 1): which trace a request belongs to, and the header that tells the app.
use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt::{self, Write};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// Who begins a trace here wants it recorded: the router's log line is its first record.
const SAMPLED: u8 = 1;

/// The identity of a trace, the same for all its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Continues the visitor's trace, or begins one. The app's parent is the router's own span.
pub fn child(headers: &mut HeaderMap) -> TraceId {
    let (trace, flags) = theirs(headers).unwrap_or_else(|| {
        headers.remove(TRACESTATE); // belongs to a trace that is not continued
        (TraceId(not_zero(rand::random)), SAMPLED)
    });
    headers.insert(TRACEPARENT, text(trace, not_zero(rand::random), flags));
    trace
}

/// The visitor's trace and flags, when there is exactly one valid header.
fn theirs(headers: &HeaderMap) -> Option<(TraceId, u8)> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    parse(value.as_bytes())
}

/// `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`; a later version may go on after a hyphen.
fn parse(text: &[u8]) -> Option<(TraceId, u8)> {
    let hyphens = [2, 35, 52].iter().all(|at| text.get(*at) == Some(&b'-'));
    let version = hex(text.get(..2)?)?;
    let longer = match text.get(55) {
        None => false,
        Some(b'-') if version > 0 => true,
        Some(_) => return None,
    };
    let (trace, parent, flags) = (hex(text.get(3..35)?)?, hex(text.get(36..52)?)?, hex(text.get(53..55)?)?);
    let valid = hyphens && version != 0xff && trace != 0 && parent != 0 && (longer || text.len() == 55);
    valid.then_some((TraceId(trace), flags as u8))
}

/// Lower-case digits only, as the format asks.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Some(number << 4 | u128::from(digit - b'0')),
        b'a'..=b'f' => Some(number << 4 | u128::from(digit - b'a' + 10)),
        _ => None,
    })
}

fn text(trace: TraceId, span: u64, flags: u8) -> HeaderValue {
    let mut text = String::with_capacity(55);
    // Of the flags only "sampled" is known here; writing to a string does not fail.
    let _written = write!(text, "00-{trace}-{span:016x}-{:02x}", flags & SAMPLED);
    HeaderValue::try_from(text).expect("hex digits and hyphens")
}

fn not_zero<N: Default + PartialEq>(random: impl Fn() -> N) -> N {
    loop {
        let number = random();
        if number != N::default() {
            return number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    fn child_of(values: &[&str]) -> (TraceId, HeaderMap) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRACEPARENT, HeaderValue::from_str(value).unwrap());
        }
        headers.insert(TRACESTATE, HeaderValue::from_static("vendor=1"));
        (child(&mut headers), headers)
    }

    #[test]
    fn a_valid_trace_is_continued_under_a_span_of_the_router() {
        let (trace, headers) = child_of(&[VALID]);
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let sent = headers["traceparent"].to_str().unwrap();
        assert!(sent.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && sent.ends_with("-00"), "{sent}");
        assert!(!sent.contains("00f067aa0ba902b7") && parse(sent.as_bytes()).is_some(), "{sent}");
        assert_eq!(headers["tracestate"], "vendor=1");
    }

    #[test]
    fn anything_else_begins_a_new_trace() {
        for bad in [
            &[][..],
            &["junk"],
            &[VALID, VALID],
            &["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"],
            &["00-00000000000000000000000000000000-00f067aa0ba902b7-01"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"],
            &["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"],
            &["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"],
        ] {
            let (trace, headers) = child_of(bad);
            assert_ne!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736", "{bad:?}");
            assert_eq!(headers["traceparent"].to_str().unwrap().split('-').nth(1), Some(trace.to_string().as_str()));
            assert!(!headers.contains_key("tracestate"), "{bad:?}");
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        let (trace, headers) = child_of(&["cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes"]);
        assert_eq!(trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(headers["traceparent"].to_str().unwrap().ends_with("-01"));
    }
}
