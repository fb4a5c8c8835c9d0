//! On whose behalf an app calls another host: the request that it answers.
use http::{HeaderMap, HeaderName, HeaderValue, Request};

/// Calls that led to this request, one app of a platform calling the next; written by the platform only.
const HOPS: HeaderName = HeaderName::from_static("paas-hops");
const REQUEST_ID: &str = "x-request-id";
/// A longer chain is taken for a loop.
pub(crate) const MAX_HOPS: u32 = 8;

#[derive(Clone, Default)]
pub(crate) struct Origin {
    pub(crate) hops: u32,
    pub(crate) request_id: String,
}

impl Origin {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // What is no number was not written by us: it counts as far too many.
        let hops = if request.headers().contains_key(HOPS) { text(HOPS.as_str()).parse().unwrap_or(u32::MAX) } else { 0 };
        Self { hops, request_id: text(REQUEST_ID).into() }
    }

    /// Marks a request that the app sends; what the app wrote there itself is overwritten.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        headers.insert(HOPS, HeaderValue::from(self.hops.saturating_add(1)));
    }
}
