//! What the router takes from and adds to headers on the way in and out.
use crate::trace::{self, TraceId};
use http::{
    HeaderMap, HeaderName, HeaderValue, Version,
    header::{CONNECTION, FORWARDED, HOST, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE, VIA},
};
use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};

/// Meant for one connection only (RFC 9110, 7.6.1), never passed on. `te: trailers` aside, these carry nothing an app needs.
static HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Words of proxies that the router is not: an app that believes them would believe any visitor.
static SPOOFABLE: [HeaderName; 3] = [FORWARDED, HeaderName::from_static("x-forwarded-host"), HeaderName::from_static("x-real-ip")];

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const REQUEST_START: HeaderName = HeaderName::from_static("x-request-start");
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OURSELVES: HeaderValue = HeaderValue::from_static("1.1 paas-router");

/// What `Via` says of a request: the protocol that it came by.
fn via(version: Version) -> HeaderValue {
    match version {
        Version::HTTP_2 => HeaderValue::from_static("2.0 paas-router"),
        Version::HTTP_10 => HeaderValue::from_static("1.0 paas-router"),
        _ => OURSELVES,
    }
}

/// How a request is known in the log.
pub struct Identity {
    pub request_id: String,
    pub trace: TraceId,
}

/// Makes a visitor's headers the app's.
pub fn inbound(headers: &mut HeaderMap, version: Version, host: &str, peer: SocketAddr, port: u16) -> Identity {
    remove_hop_by_hop(headers);
    if headers.keys().any(|name| SPOOFABLE.contains(name)) {
        SPOOFABLE.iter().for_each(|name| drop(headers.remove(name)));
    }
    if let Ok(host) = HeaderValue::from_str(host) {
        headers.insert(HOST, host); // HTTP/2 has it in the request line only
    }
    append_to_list(headers, FORWARDED_FOR, &peer.ip().to_string());
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    headers.insert(FORWARDED_PORT, HeaderValue::from(port));
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as u64);
    headers.insert(REQUEST_START, HeaderValue::from(now_ms));
    headers.append(VIA, via(version));
    Identity { request_id: request_id(headers), trace: trace::child(headers) }
}

/// Makes an app's headers the visitor's.
pub fn outbound(headers: &mut HeaderMap, request_id: &str) {
    remove_hop_by_hop(headers);
    headers.append(VIA, OURSELVES);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

/// Keeps the visitor's id when it is harmless and long enough to be one.
fn request_id(headers: &mut HeaderMap) -> String {
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_.=+/".contains(&b);
    let theirs = headers.get(&REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| (20..=128).contains(&id.len()) && id.bytes().all(safe));
    let id = theirs.map_or_else(|| uuid::Builder::from_random_bytes(rand::random()).into_uuid().to_string(), String::from);
    headers.insert(REQUEST_ID, HeaderValue::from_str(&id).expect("only ASCII letters, digits and signs"));
    id
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // Most requests and answers have none of them, and one look at those that there are is cheaper than a search for each.
    if !headers.keys().any(|name| HOP_BY_HOP.contains(name)) {
        return;
    }
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

fn append_to_list(headers: &mut HeaderMap, name: HeaderName, item: &str) {
    let before: Vec<&str> = headers.get_all(&name).iter().filter_map(|value| value.to_str().ok()).collect();
    let list = before.into_iter().chain([item]).collect::<Vec<_>>().join(", ");
    if let Ok(value) = HeaderValue::try_from(list) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }
    fn inbound_of(mut map: HeaderMap) -> (HeaderMap, String) {
        let Identity { request_id: id, .. } = inbound(&mut map, Version::HTTP_11, "hello.localhost", ([10, 0, 0, 9], 4000).into(), 8080);
        (map, id)
    }

    #[test]
    fn the_real_client_comes_last() {
        let (map, _) = inbound_of(headers(&[("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")]));
        assert_eq!(map["x-forwarded-for"], "1.2.3.4, 10.0.0.9");
        assert_eq!(map["x-forwarded-proto"], "http");
        assert_eq!(map["host"], "hello.localhost");
    }

    #[test]
    fn a_visitor_cannot_speak_for_a_proxy() {
        let (map, _) =
            inbound_of(headers(&[("forwarded", "for=1.2.3.4"), ("x-forwarded-host", "evil"), ("x-real-ip", "1.2.3.4"), ("x-forwarded-port", "1")]));
        assert!(!map.contains_key("forwarded") && !map.contains_key("x-forwarded-host") && !map.contains_key("x-real-ip"));
        assert_eq!((&map["x-forwarded-port"], &map["via"]), (&HeaderValue::from(8080), &HeaderValue::from_static("1.1 paas-router")));
    }

    #[test]
    fn headers_of_the_connection_stay_on_it() {
        let (map, _) = inbound_of(headers(&[("connection", "close, X-Secret"), ("x-secret", "1"), ("upgrade", "websocket"), ("x-kept", "1")]));
        assert!(!map.contains_key("connection") && !map.contains_key("x-secret") && !map.contains_key("upgrade"));
        assert!(map.contains_key("x-kept"));
    }

    #[test]
    fn a_request_id_is_kept_only_when_it_is_harmless() {
        let theirs = "0123456789-0123456789";
        assert_eq!(inbound_of(headers(&[("x-request-id", theirs)])).1, theirs);
        for bad in ["short", "with spaces with spaces with spaces", "\"quotes\"quotes\"quotes\""] {
            assert_ne!(inbound_of(headers(&[("x-request-id", bad)])).1, bad);
        }
    }
}
