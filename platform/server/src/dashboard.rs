//! The dashboard's files, embedded: no request of it goes to any other host.
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../../web-ui/dist"]
struct Files;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const NOT_BUILT: &str = "The dashboard was left out of this build. Run `make build` in the project's folder.\n";

/// Answers with the file of that name, or with the one page, whose script knows the rest of the path.
pub async fn answer(request: Request) -> Response {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    match Files::get(path).filter(|_| !path.is_empty()) {
        Some(found) => file(path, found, &request),
        None if path.starts_with("assets/") => StatusCode::NOT_FOUND.into_response(),
        None => match Files::get("index.html") {
            Some(page) => file("index.html", page, &request),
            None => (StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT).into_response(),
        },
    }
}

fn file(path: &str, file: EmbeddedFile, request: &Request) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let known = request.headers().get(header::IF_NONE_MATCH).is_some_and(|tags| tags.as_bytes() == tag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(file.data).into_response() };
    let headers = response.headers_mut();
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    // Files below assets/ have their digest in their name.
    let cache = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    for (name, value) in [
        (header::CONTENT_TYPE, kind.as_ref()),
        (header::CACHE_CONTROL, cache),
        (header::ETAG, &tag),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_str(value).expect("made of ASCII"));
    }
    response
}
