//! Where a request says it comes from, against where it arrived: a page of another site must not act with the user's cookie.
use http::{HeaderMap, HeaderName, Method, Uri, header, request};
use paas_model::Address;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the visitor's browser spoke TLS, with us or with a proxy before us.
pub fn is_https(headers: &HeaderMap, address: &Address) -> bool {
    text(headers, &FORWARDED_PROTO).unwrap_or(&address.scheme).eq_ignore_ascii_case("https")
}

/// Whether the method may change something.
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a page of our own sent the request, as far as a browser says so.
pub fn is_own(request: &request::Parts, address: &Address) -> bool {
    match (text(&request.headers, &FETCH_SITE), text(&request.headers, &header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => Some(origin) == own(request, address).as_deref(),
        (None, None) => false,
    }
}

/// Whether the request says that a page of another site sent it.
pub fn is_foreign(request: &request::Parts, address: &Address) -> bool {
    let from_browser = request.headers.contains_key(FETCH_SITE) || request.headers.contains_key(header::ORIGIN);
    from_browser && !is_own(request, address)
}

fn own(request: &request::Parts, address: &Address) -> Option<String> {
    let host = text(&request.headers, &header::HOST).or_else(|| authority(&request.uri))?;
    let scheme = if is_https(&request.headers, address) { "https" } else { "http" };
    Some(format!("{scheme}://{host}"))
}

fn authority(uri: &Uri) -> Option<&str> {
    uri.authority().map(|authority| authority.as_str())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
