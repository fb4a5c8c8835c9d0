//! The CGI form of a request and an answer (RFC 3875, and WAGI's variables): pure, no wasm here.
use crate::components::Place;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use paas_model::ConfigVars;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// The head of an answer may be this long.
pub(crate) const MAX_HEAD_BYTES: usize = 64 << 10;
/// The answer's connection is the platform's business.
pub(crate) const HOP_BY_HOP: [&str; 8] =
    ["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// The environment of a CGI program. Config vars win over everything that a request says, and a request's headers only ever make `HTTP_…` names.
pub(crate) fn environment(request: &Parts, config: &ConfigVars) -> BTreeMap<String, String> {
    let mut env = headers(&request.headers);
    let mut set = |key: &str, value: String| env.insert(key.into(), value);
    let text = |name: &str| request.headers.get(name).map_or(String::new(), |value| lossy(value.as_bytes()));
    let path = request.uri.path();
    let info = percent_decode_str(path).decode_utf8_lossy();
    let info = if info.contains('\0') { path } else { &info };
    let host = request.uri.authority().map_or_else(|| text("host"), ToString::to_string);
    let scheme = request.uri.scheme_str().unwrap_or("http");
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (name, port),
        _ => (host.as_str(), if scheme == "https" { "443" } else { "80" }),
    };
    let remote = text("x-forwarded-for").rsplit(',').next().unwrap_or_default().trim().to_string();
    set("GATEWAY_INTERFACE", "CGI/1.1".into());
    set("SERVER_SOFTWARE", "WAGI/1".into());
    set("SERVER_PROTOCOL", format!("{:?}", request.version));
    set("SERVER_NAME", name.into());
    set("SERVER_PORT", port.into());
    set("REQUEST_METHOD", request.method.to_string());
    set("SCRIPT_NAME", String::new());
    set("PATH_INFO", info.into());
    set("PATH_TRANSLATED", info.into());
    set("X_RAW_PATH_INFO", path.into());
    // Not in the RFC, but known to every library that must tell `/a%2Fb` from `/a/b`.
    set("REQUEST_URI", request.uri.path_and_query().map_or("/", |path| path.as_str()).into());
    set("X_MATCHED_ROUTE", "/...".into());
    set("X_FULL_URL", format!("{scheme}://{host}{}", request.uri.path_and_query().map_or("/", |path| path.as_str())));
    set("QUERY_STRING", request.uri.query().unwrap_or_default().into());
    if let Some(place) = request.extensions.get::<Place>() {
        set("SCRIPT_NAME", place.script.clone());
        set("PATH_INFO", place.info.clone());
        set("X_RAW_PATH_INFO", place.info.clone());
        set("X_MATCHED_ROUTE", place.route.clone());
        set("X_COMPONENT_ROUTE", place.script.clone());
        set("X_RAW_COMPONENT_ROUTE", place.route.clone());
    }
    set("REMOTE_ADDR", remote.clone());
    set("REMOTE_HOST", remote);
    set("REMOTE_USER", String::new());
    set("AUTH_TYPE", String::new());
    set("CONTENT_TYPE", text("content-type"));
    set("CONTENT_LENGTH", text("content-length"));
    env.extend(config.0.iter().map(|(key, value)| (key.clone(), value.clone())));
    env
}

/// `HTTP_*`. Not `Proxy`, which programs would take for a setting (httpoxy), nor names with `_`, which would stand in for those with `-`.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut env = BTreeMap::<String, String>::new();
    let passes =
        |name: &HeaderName| *name != "proxy" && *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH && !name.as_str().contains('_');
    for (name, value) in headers.iter().filter(|(name, _)| passes(name)) {
        let separator = if name == header::COOKIE { "; " } else { ", " };
        let key = format!("HTTP_{}", name.as_str().to_ascii_uppercase().replace('-', "_"));
        let value = lossy(value.as_bytes());
        env.entry(key).and_modify(|all| *all += &format!("{separator}{value}")).or_insert(value);
    }
    env
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The head of an answer, and where its body begins in `bytes`. `Ok(None)`: there is more to come.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<(StatusCode, HeaderMap, usize)>, String> {
    let mut lines = Vec::new();
    let mut at = 0;
    loop {
        let Some(length) = bytes[at..].iter().position(|b| *b == b'\n') else {
            return if bytes.len() <= MAX_HEAD_BYTES { Ok(None) } else { Err(too_long()) };
        };
        let line = &bytes[at..at + length];
        at += length + 1;
        match line.strip_suffix(b"\r").unwrap_or(line) {
            b"" if at > MAX_HEAD_BYTES => return Err(too_long()),
            b"" => return parse(&lines).map(|(status, headers)| Some((status, headers, at))),
            line => lines.push(line),
        }
    }
}

fn too_long() -> String {
    format!("its head is longer than {} KB, or the empty line after it is missing", MAX_HEAD_BYTES >> 10)
}

fn parse(lines: &[&[u8]]) -> Result<(StatusCode, HeaderMap), String> {
    let mut headers = HeaderMap::new();
    let mut status = None;
    for line in lines {
        let (name, value) = field(line).ok_or_else(|| {
            format!("`{}` is not a header; print `Content-Type: text/plain` and an empty line first", lossy(&line[..line.len().min(80)]))
        })?;
        match name.as_str() {
            "status" => status = Some(code(&value).ok_or_else(|| format!("`Status: {}` is not a status", lossy(value.as_bytes())))?),
            _ => _ = headers.append(name, value),
        }
    }
    check_length(&headers)?;
    drop_hop_by_hop(&mut headers);
    let location = headers.contains_key(header::LOCATION);
    if !location && status.is_none() && !headers.contains_key(header::CONTENT_TYPE) {
        return Err("it has neither Content-Type nor Location nor Status".into());
    }
    Ok((status.unwrap_or(if location { StatusCode::FOUND } else { StatusCode::OK }), headers))
}

/// Also what the program names in `Connection`: nobody behind us could tell any more that it was meant for one connection.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .flat_map(|value| value.as_bytes().split(|b| *b == b','))
        .filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|b| *b == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

/// `404 Not Found` or `404`.
fn code(value: &HeaderValue) -> Option<StatusCode> {
    let code = value.as_bytes().split(|b| *b == b' ').next()?;
    StatusCode::from_bytes(code).ok().filter(|code| !code.is_informational())
}

fn check_length(headers: &HeaderMap) -> Result<(), String> {
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let number = |value: &HeaderValue| !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit);
    match (lengths.next(), lengths.next()) {
        (Some(length), None) if !number(length) => Err("its Content-Length is not a number".into()),
        (Some(_), Some(_)) => Err("it has two Content-Lengths".into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(build: impl FnOnce(http::request::Builder) -> http::request::Builder) -> Parts {
        build(Request::builder()).body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_request_becomes_variables() {
        let request = parts(|r| {
            r.method("POST")
                .uri("/a%20b/%C3%A9?x=1&y=%20")
                .header("Host", "app.localhost:8080")
                .header("Content-Type", "text/plain")
                .header("X-Forwarded-For", "1.2.3.4, 5.6.7.8")
                .header("Cookie", "a=1")
                .header("Cookie", "b=2")
                .header("X-A", "1")
                .header("X-A", "2")
        });
        let env = environment(&request, &ConfigVars([("GREETING".into(), "hi".into())].into()));
        for (key, value) in [
            ("REQUEST_METHOD", "POST"),
            ("PATH_INFO", "/a b/é"),
            ("X_RAW_PATH_INFO", "/a%20b/%C3%A9"),
            ("REQUEST_URI", "/a%20b/%C3%A9?x=1&y=%20"),
            ("QUERY_STRING", "x=1&y=%20"),
            ("SERVER_NAME", "app.localhost"),
            ("SERVER_PORT", "8080"),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("CONTENT_TYPE", "text/plain"),
            ("REMOTE_ADDR", "5.6.7.8"),
            ("HTTP_COOKIE", "a=1; b=2"),
            ("HTTP_X_A", "1, 2"),
            ("HTTP_HOST", "app.localhost:8080"),
            ("X_FULL_URL", "http://app.localhost:8080/a%20b/%C3%A9?x=1&y=%20"),
            ("GREETING", "hi"),
            ("SERVER_SOFTWARE", "WAGI/1"),
        ] {
            assert_eq!(env[key], value, "{key}");
        }
    }

    #[test]
    fn a_header_never_stands_in_for_a_setting() {
        let request = parts(|r| r.uri("/").header("Proxy", "evil").header("X_API_KEY", "evil").header("Api-Key", "evil"));
        let env = environment(&request, &ConfigVars([("HTTP_API_KEY".into(), "mine".into())].into()));
        assert_eq!(env["HTTP_API_KEY"], "mine");
        assert!(!env.values().any(|value| value == "evil"));
    }

    #[test]
    fn a_head_is_read_when_its_empty_line_is_there() {
        assert_eq!(head(b"Content-Type: text/plain\n"), Ok(None));
        let (status, headers, at) =
            head(b"Content-Type: a/b\r\nStatus: 404 Not Found\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n\r\nbody").unwrap().unwrap();
        assert_eq!((status.as_u16(), headers["content-type"].as_bytes(), headers.len(), at), (404, b"a/b".as_slice(), 1, 80));
        assert_eq!(head(b"Location: /x\n\n").unwrap().unwrap().0, 302);
    }

    #[test]
    fn what_is_no_head_is_refused() {
        let long = [b"A: ".as_slice(), &vec![b'a'; MAX_HEAD_BYTES]].concat();
        for bad in [
            b"hello\n\n".as_slice(),
            b"\n",
            b"A b: c\n\n",
            b"X: y\n\n",
            b"Status: 99\n\n",
            b"Status: 101\n\n",
            b"Status: OK\n\n",
            &long,
            b"Status: 200\nContent-Length: x\n\n",
            b"Status: 200\nContent-Length: 1\nContent-Length: 1\n\n",
            b"Content-Type: a\x01b\n\n",
        ] {
            assert!(head(bad).is_err(), "{:?}", String::from_utf8_lossy(&bad[..bad.len().min(40)]));
        }
    }
}
