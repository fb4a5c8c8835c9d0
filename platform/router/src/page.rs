//! What a visitor sees when the app does not answer: plain, short, with the request's id; or the app's own page.
use crate::headers::REQUEST_ID;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode, Uri,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::{BodyExt, Full};
use paas_model::{Code, ConfigVars};
use paas_runtime::Body;

/// A longer address is not believed to be one.
const MAX_URL_BYTES: usize = 2_048;

/// An error page, or the same as JSON for who asks for that.
pub struct Page<'a> {
    pub status: StatusCode,
    pub title: &'a str,
    pub text: &'a str,
    pub request_id: &'a str,
    /// Shown in its place, in a frame: the visitor's browser fetches it, the router never does.
    pub instead: Option<&'a str>,
}

/// The page for a code; the code itself is only in the app's log. `config`: of the app's release, which may name pages of its own.
pub fn of_code(code: Code, request_id: &str, json: bool, config: Option<&ConfigVars>) -> Response<Body> {
    let (title, text) = words(code);
    let status = match code {
        Code::H27 | Code::H28 => StatusCode::REQUEST_TIMEOUT,
        code => StatusCode::from_u16(code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE),
    };
    let instead = config.and_then(|config| own_page(code, config));
    let mut response = Page { status, title, text, request_id, instead }.response(json);
    if matches!(code, Code::H11 | Code::H20) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The app's own page, when its config var holds an address of the web.
fn own_page(code: Code, config: &ConfigVars) -> Option<&str> {
    let var = match code {
        Code::H80 => "MAINTENANCE_PAGE_URL",
        Code::H27 | Code::H28 | Code::H81 => return None,
        _ => "ERROR_PAGE_URL",
    };
    let url = config.0.get(var).filter(|url| url.len() <= MAX_URL_BYTES)?;
    let parsed: Uri = url.parse().ok()?;
    let of_the_web = matches!(parsed.scheme_str(), Some("http" | "https")) && parsed.host().is_some_and(|host| !host.is_empty());
    of_the_web.then_some(url)
}

fn words(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::H80 => ("Down for maintenance", "This app is being worked on. Please come back in a few minutes."),
        Code::H81 => {
            ("Nothing here yet", "This app exists, but nothing has been deployed to it. Push its code with <code>git push paas main</code>.")
        }
        Code::H20 => ("Almost ready", "This app is being prepared on this node, as after an update of the platform. Please try again in a moment."),
        Code::H11 => ("Too busy", "More people want this page than it can serve right now. Please try again in a moment."),
        Code::H27 | Code::H28 => ("Half a request", "The request stopped in the middle. Please send it again."),
        _ => ("Application error", "The app could not answer. If it is yours, its log says why: <code>paas logs --tail</code>."),
    }
}

/// The request's head (431) or body (413) is larger than the app takes.
pub fn too_large(status: StatusCode, request_id: &str, json: bool) -> Response<Body> {
    let text = "This app does not take so much at once. Send less. If the app is yours, <code>paas limits</code> shows how much it takes.";
    plain(status, "Too large", text, request_id, json)
}

/// No app has this host.
pub fn unknown_host(request_id: &str, json: bool) -> Response<Body> {
    let text = "No app answers at this address. Check its spelling, or list your apps with <code>paas apps</code>.";
    plain(StatusCode::NOT_FOUND, "No such app", text, request_id, json)
}

/// The app exists, the release does not, or is not kept any more.
pub fn unknown_release(request_id: &str, json: bool) -> Response<Body> {
    let text = "This app has no such release, or it is not kept any more. <code>paas releases</code> lists them.";
    plain(StatusCode::NOT_FOUND, "No such release", text, request_id, json)
}

/// The visitor wants to leave HTTP, for WebSocket or a tunnel.
pub fn no_other_protocol(request_id: &str, json: bool) -> Response<Body> {
    let text =
        "This platform speaks HTTP only: there are no WebSockets and no tunnels. Server-sent events work, and so do answers and uploads that stream.";
    plain(StatusCode::NOT_IMPLEMENTED, "HTTP only", text, request_id, json)
}

/// The control plane failed in a way that it has no words for.
pub fn fault() -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "Fault", "The platform failed to answer. Its own log says why.", "-", true)
}

fn plain(status: StatusCode, title: &str, text: &str, request_id: &str, json: bool) -> Response<Body> {
    Page { status, title, text, request_id, instead: None }.response(json)
}

impl Page<'_> {
    fn response(&self, json: bool) -> Response<Body> {
        let (kind, text) = match (json, self.instead) {
            (true, _) => ("application/json", self.json()),
            (false, Some(url)) => ("text/html; charset=utf-8", self.frame(url)),
            (false, None) => ("text/html; charset=utf-8", self.html()),
        };
        let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed_unsync();
        let response =
            Response::builder().status(self.status).header(CONTENT_TYPE, kind).header(CACHE_CONTROL, "no-store").header(REQUEST_ID, self.request_id);
        response.body(body).expect("every part is well-formed")
    }

    /// As Heroku's router does: a page that is nothing but a frame.
    fn frame(&self, url: &str) -> String {
        let Self { title, request_id, .. } = self;
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>html,body,iframe{{margin:0;border:0;width:100%;height:100%;overflow:hidden;display:block}}</style>\n\
             <!-- Request {request_id} -->\n<iframe src=\"{}\"></iframe>\n</html>\n",
            escaped(url)
        )
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

/// For the inside of an attribute's quotes.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut safe, c| {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
        safe
    })
}

/// Whether the visitor is a program that reads JSON, rather than a browser.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(var: &str, url: &str) -> ConfigVars {
        ConfigVars([(var.to_string(), url.to_string())].into())
    }
    async fn shown(code: Code, json: bool, config: &ConfigVars) -> String {
        let response = of_code(code, "some-id", json, Some(config));
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_apps_own_page_is_framed_and_cannot_break_out() {
        let own = config("ERROR_PAGE_URL", "https://pages.example.com/oops?a=1&b='x'");
        let page = shown(Code::H10, false, &own).await;
        assert!(page.contains("<iframe src=\"https://pages.example.com/oops?a=1&amp;b=&#39;x&#39;\">") && page.contains("some-id"), "{page}");
        assert!(shown(Code::H10, true, &own).await.starts_with("{\"error\""), "a program reads JSON, whatever the app's page");
        assert!(!shown(Code::H80, false, &own).await.contains("iframe"), "maintenance has a page of its own");
        let own = config("MAINTENANCE_PAGE_URL", "http://pages.example.com/back-soon");
        assert!(shown(Code::H80, false, &own).await.contains("<iframe src=\"http://pages.example.com/back-soon\">"));
    }

    #[tokio::test]
    async fn only_an_address_of_the_web_is_framed() {
        for url in
            ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/oops", "https://", "ftp://a.example/", "https://a\"><script>", " ", ""]
        {
            assert!(!shown(Code::H10, false, &config("ERROR_PAGE_URL", url)).await.contains("iframe"), "{url}");
        }
    }
}
