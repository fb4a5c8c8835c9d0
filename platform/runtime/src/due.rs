//! How much of an answer's body is still to come, by what its head says.
//!
//! Whoever sends the answer on stops reading where that has come: nobody asks for the end. So this tells a visitor who has everything from one who left.
use bytes::Bytes;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_LENGTH, HeaderValue},
};
use http_body::Frame;

/// In bytes; `None` if the head does not say.
pub(crate) struct Due(Option<u64>);

impl Due {
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        let none = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        let length = |value: &HeaderValue| value.to_str().ok()?.parse().ok();
        Self(if none { Some(0) } else { headers.get(CONTENT_LENGTH).and_then(length) })
    }

    pub(crate) fn came(&mut self, frame: &Frame<Bytes>) {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        self.0 = self.0.map(|due| due.saturating_sub(bytes));
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.0 == Some(0)
    }
}
