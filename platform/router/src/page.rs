//! What a visitor sees when the app does not answer: plain, short, with the request's id.
use crate::headers::REQUEST_ID;
use bytes::Bytes;
use http::{
    HeaderMap, Response, StatusCode,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::{BodyExt, Full};
use paas_model::Code;
use paas_runtime::Body;

/// An error page, or the same as JSON for who asks for that.
pub struct Page<'a> {
    pub status: StatusCode,
    pub title: &'a str,
    pub text: &'a str,
    pub request_id: &'a str,
}

/// The page for a code; the code itself is only in the app's log.
pub fn of_code(code: Code, request_id: &str, accept: &HeaderMap) -> Response<Body> {
    let (title, text) = words(code);
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = Page { status, title, text, request_id }.response(accept);
    if code == Code::H11 {
        response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static("1"));
    }
    response
}

fn words(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::H80 => ("Down for maintenance", "This app is being worked on. Please come back in a few minutes."),
        Code::H81 => {
            ("Nothing here yet", "This app exists, but nothing has been deployed to it. Push its code with <code>git push paas main</code>.")
        }
        Code::H11 => ("Too busy", "More people want this page than it can serve right now. Please try again in a moment."),
        _ => ("Application error", "The app could not answer. If it is yours, its log says why: <code>paas logs --tail</code>."),
    }
}

/// No app has this host.
pub fn unknown_host(request_id: &str, accept: &HeaderMap) -> Response<Body> {
    let text = "No app answers at this address. Check its spelling, or list your apps with <code>paas apps</code>.";
    Page { status: StatusCode::NOT_FOUND, title: "No such app", text, request_id }.response(accept)
}

/// The app exists, the release does not, or is not kept any more.
pub fn unknown_release(request_id: &str, accept: &HeaderMap) -> Response<Body> {
    let text = "This app has no such release, or it is not kept any more. <code>paas releases</code> lists them.";
    Page { status: StatusCode::NOT_FOUND, title: "No such release", text, request_id }.response(accept)
}

impl Page<'_> {
    fn response(&self, accept: &HeaderMap) -> Response<Body> {
        let (kind, text) = if wants_json(accept) { ("application/json", self.json()) } else { ("text/html; charset=utf-8", self.html()) };
        let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
        let response =
            Response::builder().status(self.status).header(CONTENT_TYPE, kind).header(CACHE_CONTROL, "no-store").header(REQUEST_ID, self.request_id);
        response.body(body).expect("every part is well-formed")
    }

    fn json(&self) -> String {
        let plain = self.text.replace("<code>", "`").replace("</code>", "`");
        serde_json::json!({ "error": self.title, "message": plain, "request_id": self.request_id }).to_string()
    }

    fn html(&self) -> String {
        let Self { title, text, request_id, .. } = self;
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>:root{{color-scheme:light dark}}body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1.5rem}}\
             h1{{font-size:1.6rem}}small{{opacity:.65}}code{{font-size:.95em}}</style>\n\
             <h1>{title}</h1>\n<p>{text}</p>\n<p><small>Request {request_id}</small></p>\n</html>\n"
        )
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}
