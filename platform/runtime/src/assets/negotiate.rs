//! What a visitor asks of a file (RFC 9110): a coding, a part, or whether it changed.
use http::{HeaderMap, HeaderName, HeaderValue, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Plain,
    Brotli,
    Gzip,
}

impl Coding {
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }
}

/// The offer that the visitor likes best; the first of equals. `None`: none is welcome.
pub(super) fn best<T>(asked: &HeaderMap, offers: impl Iterator<Item = (Coding, T)>) -> Option<(Coding, T)> {
    let mut best: Option<(u16, (Coding, T))> = None;
    for offer in offers {
        let weight = offer.0.name().map_or(0, |name| weight(asked, name));
        if weight > best.as_ref().map_or(0, |(weight, _)| *weight) {
            best = Some((weight, offer));
        }
    }
    best.map(|(_, offer)| offer)
}

/// In thousandths; 0 is "not this one".
fn weight(asked: &HeaderMap, coding: &str) -> u16 {
    let mut any = 0;
    for item in items(asked, header::ACCEPT_ENCODING) {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let quality = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("q="));
        let quality = quality.map_or(Some(1.0), |text| text.parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let weight = (quality.unwrap_or(0.0) * 1000.0) as u16;
        match name.trim() {
            name if name.eq_ignore_ascii_case(coding) => return weight,
            "*" => any = weight,
            _ => {}
        }
    }
    any
}

/// Whether the visitor has this content already.
pub(super) fn unchanged(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let same = |known: &str| known == "*" || known.strip_prefix("W/").unwrap_or(known).as_bytes() == etag.as_bytes();
    items(asked, header::IF_NONE_MATCH).any(same)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// From `start` to before `end`.
    Range {
        start: u64,
        end: u64,
    },
    Unsatisfiable,
}

/// One range of bytes; several, or one of another version, get the whole file.
pub(super) fn part(asked: &HeaderMap, etag: &HeaderValue, size: u64) -> Part {
    let current = asked.get(header::IF_RANGE).is_none_or(|known| known == etag);
    let ranges = asked.get(header::RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
    match ranges {
        Some(range) if current && !range.contains(',') => one(range.trim(), size),
        _ => Part::Whole,
    }
}

fn one(range: &str, size: u64) -> Part {
    let Some((first, last)) = range.split_once('-') else { return Part::Whole };
    let number = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<u64>().ok() } else { None };
    let (start, end) = match (first.is_empty(), number(first), number(last)) {
        (true, _, Some(length)) => (size.saturating_sub(length), size),
        (false, Some(start), Some(last)) if start <= last => (start, size.min(last.saturating_add(1))),
        (false, Some(start), None) if last.is_empty() => (start, size),
        _ => return Part::Whole,
    };
    if start < end { Part::Range { start, end } } else { Part::Unsatisfiable }
}

/// Whether a build tool named this file after its content: `assets/index-BxYz1234.js`, `assets/app.3f2a91bc.css`. Errs towards "no", which only costs a question.
pub(super) fn fingerprinted(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or("", |(stem, _)| stem);
    let Some((_, hash)) = stem.rsplit_once(['.', '-']) else { return false };
    let count = |test: fn(&u8) -> bool| hash.bytes().filter(test).count();
    let (digits, upper, lower) = (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    let hex = hash.len() >= 8 && count(u8::is_ascii_hexdigit) == hash.len() && digits > 0 && digits < hash.len();
    let mixed = hash.len() == 8 && digits + upper + lower == 8 && upper > 1 && lower > 1;
    (hex || mixed) && parts.any(|folder| folder == "assets")
}

/// The items of a comma-separated header.
fn items(asked: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    asked.get_all(name).into_iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn the_best_liked_coding_is_chosen() {
        let chosen = |accept: &str| {
            best(&asked(header::ACCEPT_ENCODING, accept), [(Coding::Brotli, ()), (Coding::Gzip, ())].into_iter()).map(|(coding, ())| coding)
        };
        assert_eq!(chosen("gzip, deflate, br"), Some(Coding::Brotli));
        assert_eq!(chosen("br;q=0.5, GZIP;q=0.8"), Some(Coding::Gzip));
        assert_eq!(chosen("br;q=0, *"), Some(Coding::Gzip));
        assert_eq!(chosen("identity"), None);
        assert_eq!(chosen("gzip;q=0, br;q=x"), None);
    }

    #[test]
    fn a_range_is_read() {
        let etag = HeaderValue::from_static("\"e\"");
        let part = |range: &str| part(&asked(header::RANGE, range), &etag, 10);
        assert_eq!(part("bytes=2-4"), Part::Range { start: 2, end: 5 });
        assert_eq!(part("bytes=8-99"), Part::Range { start: 8, end: 10 });
        assert_eq!(part("bytes=-3"), Part::Range { start: 7, end: 10 });
        assert_eq!(part("bytes=-30"), Part::Range { start: 0, end: 10 });
        assert_eq!(part("bytes=4-"), Part::Range { start: 4, end: 10 });
        for unsatisfiable in ["bytes=10-", "bytes=-0", "bytes=99-100"] {
            assert_eq!(part(unsatisfiable), Part::Unsatisfiable, "{unsatisfiable}");
        }
        for whole in ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "bytes=+1-2", "bytes=", "bytes=-"] {
            assert_eq!(part(whole), Part::Whole, "{whole}");
        }
    }

    #[test]
    fn a_tag_is_compared() {
        let etag = HeaderValue::from_static("\"a\"");
        for (known, same) in [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false)] {
            assert_eq!(unchanged(&asked(header::IF_NONE_MATCH, known), &etag), same, "{known}");
        }
    }

    #[test]
    fn only_names_made_of_content_are_kept_forever() {
        for yes in ["assets/index-BxYz1234.js", "assets/app.3f2a91bc.css", "blog/assets/x-0a1b2c3d4e5f.png"] {
            assert!(fingerprinted(yes), "{yes}");
        }
        for no in [
            "index.html",
            "app.3f2a91bc.css",
            "assets/main-component.js",
            "assets/photo-20261123.jpg",
            "assets/report-Version2.pdf",
            "assets/deadbeef",
            "assets/a.js",
        ] {
            assert!(!fingerprinted(no), "{no}");
        }
    }
}
