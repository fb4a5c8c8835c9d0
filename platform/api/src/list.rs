//! Parts of long lists, as the Heroku API hands them out: `Range: version ..; max=15, order=desc`, answered with `Next-Range`.
use crate::error::{ApiError, Result};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

/// More than this is never sent at once.
const MAX: usize = 1000;

/// Which part of a list is wanted. The default is all of it, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    start: Option<Bound>,
    end: Option<Bound>,
    max: usize,
    ascending: bool,
}

/// The edge of a part, in the order of the list; `exclusive` is written `]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bound {
    key: u64,
    exclusive: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self { start: None, end: None, max: MAX, ascending: false }
    }
}

impl Range {
    /// Reads the `Range` header of a list sorted by the number `field`. Of a range by another field only `max` and `order` count.
    pub fn of(headers: &HeaderMap, field: &str) -> Result<Self> {
        let Some(text) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Ok(Self::default()) };
        let message = || format!("The range {text:?} is not understood. Write: {field} ..; max=15, order=desc");
        parse(text.trim(), field).ok_or_else(|| ApiError::refused(StatusCode::RANGE_NOT_SATISFIABLE, "invalid_range", message()))
    }

    /// The wanted part of `items`; `key` gives the number that they are sorted by.
    pub fn page<T: Serialize>(&self, field: &str, mut items: Vec<T>, key: impl Fn(&T) -> u64) -> Page<T> {
        items.retain(|item| self.contains(key(item)));
        items.sort_by_key(&key);
        if !self.ascending {
            items.reverse();
        }
        let cut = items.len() > self.max;
        items.truncate(self.max);
        let next = items.last().filter(|_| cut).map(|last| self.next(field, key(last)));
        Page { items, next }
    }

    fn contains(&self, key: u64) -> bool {
        // In descending lists the start is the larger edge.
        let (low, high) = if self.ascending { (self.start, self.end) } else { (self.end, self.start) };
        let above = low.is_none_or(|low| if low.exclusive { key > low.key } else { key >= low.key });
        let below = high.is_none_or(|high| if high.exclusive { key < high.key } else { key <= high.key });
        above && below
    }

    fn next(&self, field: &str, last: u64) -> String {
        let end = self.end.map(|end| format!("{}{}", end.key, if end.exclusive { "[" } else { "" })).unwrap_or_default();
        let order = if self.ascending { "asc" } else { "desc" };
        format!("{field} ]{last}..{end}; max={}, order={order}", self.max)
    }
}

fn parse(text: &str, field: &str) -> Option<Range> {
    if text.is_empty() {
        return Some(Range::default());
    }
    let (bounds, options) = text.split_once(';').unwrap_or((text, ""));
    let (named, bounds) = bounds.trim().split_once(' ').unwrap_or((bounds.trim(), ".."));
    let mut range = Range::default();
    if named == field {
        let (start, end) = bounds.split_once("..")?;
        (range.start, range.end) = (bound(start)?, bound(end)?);
    }
    for option in options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        match option.split_once('=')? {
            ("max", max) => range.max = max.trim().parse::<usize>().ok().filter(|max| *max > 0)?.min(MAX),
            ("order", "asc") => range.ascending = true,
            ("order", "desc") => range.ascending = false,
            _ => return None,
        }
    }
    Some(range)
}

/// `5`, `]5` or `5[`; nothing is no bound. `None` when it is none of these.
fn bound(text: &str) -> Option<Option<Bound>> {
    let digits = text.trim().trim_start_matches(']').trim_end_matches('[');
    match digits {
        "" => Some(None),
        _ => digits.parse().ok().map(|key| Some(Bound { key, exclusive: digits.len() < text.trim().len() })),
    }
}

/// A part of a list; 206 when there is more.
pub struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T: Serialize> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let mut answer = Json(self.items).into_response();
        if let Some(next) = self.next.and_then(|next| HeaderValue::try_from(next).ok()) {
            *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
            answer.headers_mut().insert("next-range", next);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(range: &str) -> (Vec<u64>, Option<String>) {
        let headers = [(header::RANGE, HeaderValue::from_str(range).unwrap())].into_iter().collect();
        let page = Range::of(&headers, "version").unwrap().page("version", (1..=5).collect(), |version: &u64| *version);
        (page.items, page.next)
    }

    #[test]
    fn the_newest_come_first_unless_asked_otherwise() {
        let page = Range::default().page("version", vec![2_u64, 1, 3], |version| *version);
        assert_eq!(page.items, [3, 2, 1]);
        assert_eq!(read("version ..; order=asc").0, [1, 2, 3, 4, 5]);
        assert_eq!(read("id ..; max=2").0, [5, 4]);
        assert_eq!(read("").0, [5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_cut_list_says_where_it_goes_on() {
        let (first, next) = read("version ..; max=2, order=desc");
        assert_eq!(first, [5, 4]);
        let (second, next) = read(&next.unwrap());
        assert_eq!(second, [3, 2]);
        assert_eq!(read(&next.unwrap()), (vec![1], None));
        assert_eq!(read("version ..; order=desc,max=5").1, None);
    }

    #[test]
    fn bounds_are_inclusive_unless_marked() {
        assert_eq!(read("version 2..4; order=asc").0, [2, 3, 4]);
        assert_eq!(read("version ]2..4[; order=asc").0, [3]);
        assert_eq!(read("version 4..2").0, [4, 3, 2]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in ["version 1", "version a..b", "version ..; max=0", "version ..; max=x", "version ..; order=up", "version ..; many"] {
            let headers = [(header::RANGE, HeaderValue::from_str(bad).unwrap())].into_iter().collect();
            assert!(Range::of(&headers, "version").is_err(), "{bad}");
        }
    }
}
