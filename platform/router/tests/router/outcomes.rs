//! Each way a request ends has its code, and a broken answer never looks whole.
use crate::stage::{SOON, Stage};
use paas_router::Patience;
use tokio::{io::AsyncReadExt, time::timeout};

#[tokio::test]
async fn every_line_ends_with_what_the_request_cost() {
    let stage = Stage::with(&[("hello", "hello", &[])]).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let answer = stage.get("hello", &format!("traceparent: 00-{trace}-00f067aa0ba902b7-01\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("Hello from wasm!\n"), "{answer}");
    let line = stage.line("hello").await;
    let fields: Vec<(&str, &str)> = line.split(' ').filter_map(|field| field.split_once('=')).collect();
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let ends = ["status", "bytes", "protocol", "release", "cold", "instantiate", "cpu", "mem", "trace_id"];
    assert!(names.ends_with(&ends), "{line}");
    let value = |name: &str| fields.iter().find(|(field, _)| *field == name).unwrap().1;
    assert_eq!((value("release"), value("cold"), value("trace_id"), value("mem")), ("v2", "0", trace, "0.1MB"), "{line}");
    assert!(value("instantiate").ends_with("us") && value("cpu").ends_with("ms") && value("cpu") != "0.000ms", "{line}");
}

#[tokio::test]
async fn what_is_counted_is_what_was_answered() {
    let stage = Stage::with(&[("hello", "hello", &[]), ("crash", "crash", &[])]).await;
    for _ in 0..3 {
        stage.get("hello", "").await;
    }
    stage.get("crash", "").await;
    stage.line("crash").await;
    let text = stage.metrics.prometheus();
    assert!(text.contains("paas_requests_total{app=\"hello\",release=\"v2\",status=\"2xx\"} 3"), "{text}");
    assert!(text.contains("paas_request_errors_total{app=\"crash\",release=\"v2\",code=\"H10\"} 1"), "{text}");
    assert!(text.contains("paas_instantiate_duration_seconds_count{app=\"hello\",release=\"v2\"} 3"), "{text}");
}

#[tokio::test]
async fn an_app_that_fails_has_a_code_and_its_log_says_where() {
    let stage = Stage::with(&[("crash", "crash", &[]), ("silent", "silent", &[]), ("not-cgi", "not-cgi", &[]), ("exit", "exit", &[])]).await;
    for (app, code, words) in [
        ("crash", "H10", "App crashed"),
        ("exit", "H10", "App crashed"),
        ("silent", "H13", "Connection closed without response"),
        ("not-cgi", "H17", "Poorly formatted HTTP response"),
    ] {
        let answer = stage.get(app, "").await;
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("Application error"), "{app}: {answer}");
        assert!(!answer.contains(code), "the page does not name the code");
        let line = stage.line(app).await;
        assert!(line.contains(&format!("at=error code={code} desc=\"{words}\"")) && line.contains("status=503"), "{line}");
        assert!(line.contains(" instantiate=") && line.contains(" trace_id="), "{line}");
    }
    for frame in ["wasm trap", "give_up", "handle_request"] {
        assert!(stage.lines("crash", frame).await[0].contains("app[web.1]"), "{frame}");
    }
}

#[tokio::test]
async fn an_answer_of_another_length_than_announced_is_no_answer() {
    let long = "Content-Type: text/plain\nContent-Length: 3\n\nfour";
    let short = "Content-Type: text/plain\nContent-Length: 9\n\nfour";
    let stage = Stage::with(&[("long", "say", &[("RESPONSE", long)]), ("short", "say", &[("RESPONSE", short)])]).await;
    for app in ["long", "short"] {
        let answer = stage.get(app, "").await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(stage.line(app).await.contains("code=H17"), "{app}");
    }
}

#[tokio::test]
async fn an_answer_that_is_there_to_its_announced_end_is_whole_whatever_its_app_still_does() {
    let ten = "Content-Type: text/plain\nContent-Length: 10\n\nfirst";
    let none = "Content-Type: text/plain\nContent-Length: 0\n\n";
    let stage = Stage::with(&[("ten", "say", &[("RESPONSE", ten)]), ("none", "say", &[("RESPONSE", none)])]).await;
    for (app, sent, whole, bytes) in [("ten", "other", "firstother", "bytes=10"), ("none", "", "content-length: 0\r\n", "bytes=0")] {
        let mut visitor = stage.connect().await;
        visitor.send(&format!("POST / HTTP/1.1\r\nHost: {app}.localhost\r\nContent-Length: 6\r\n\r\n{sent}")).await;
        visitor.until(whole).await;
        let line = stage.line(app).await;
        assert!(line.contains("at=info") && line.contains("status=200") && line.contains(bytes), "the app waits for more to read: {line}");
    }
}

#[tokio::test]
async fn a_trap_behind_the_head_never_looks_like_an_end() {
    let stage = Stage::with(&[("breaks", "crash-in-body", &[])]).await;
    let answer = stage.ask("GET / HTTP/1.1\r\nHost: breaks.localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.to_lowercase().contains("transfer-encoding: chunked"));
    assert!(!answer.ends_with("0\r\n\r\n"), "the last chunk is missing");
    assert!(stage.line("breaks").await.contains("at=error code=H18 desc=\"Server Request Interrupted\""));
    stage.lines("breaks", "wasm trap").await;
}

#[tokio::test]
async fn over_http_1_0_a_broken_answer_ends_in_a_reset() {
    let stage = Stage::with(&[("breaks", "crash-in-body", &[])]).await;
    let mut visitor = stage.connect().await;
    visitor.send("GET / HTTP/1.0\r\nHost: breaks.localhost\r\n\r\n").await;
    let mut seen = Vec::new();
    let ended = timeout(SOON, visitor.0.read_to_end(&mut seen)).await.unwrap();
    assert_eq!(ended.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_visitor_who_leaves_is_a_499() {
    let stage = Stage::with(&[("loop", "begins", &[]), ("open", "say", &[("RESPONSE", "Content-Type: text/plain\n\nbegun")])]).await;
    let mut visitor = stage.connect().await;
    visitor.send("GET / HTTP/1.1\r\nHost: loop.localhost\r\n\r\n").await;
    // Who leaves before the app was asked has made no request.
    stage.lines("loop", "begun").await;
    drop(visitor);
    let line = stage.line("loop").await;
    assert!(line.contains("at=warning code=H27 desc=\"Client Request Interrupted\"") && line.contains("status=499"), "{line}");

    let mut visitor = stage.connect().await;
    visitor.send("POST / HTTP/1.1\r\nHost: open.localhost\r\nContent-Length: 10\r\n\r\n12345").await;
    visitor.until("begun").await;
    drop(visitor);
    let line = stage.line("open").await;
    assert!(line.contains("code=H27") && line.contains("status=499"), "{line}");
}

#[tokio::test]
async fn error_pages_are_plain_carry_the_id_and_come_as_json_for_programs() {
    let own = [("ERROR_PAGE_URL", "https://status.example.com/oops?a=1&b=2")];
    let stage = Stage::with(&[("plain", "crash", &[]), ("own", "crash", &own)]).await;
    let id = "my-request-id-0123456789";
    let page = stage.get("plain", &format!("X-Request-ID: {id}\r\nAccept: text/html\r\n")).await;
    assert!(page.contains("content-type: text/html; charset=utf-8") && page.contains(&format!("<small>Request {id}</small>")), "{page}");
    assert!(page.contains("cache-control: no-store") && page.contains(&format!("x-request-id: {id}")), "{page}");
    let page = stage.get("plain", "Accept: application/json\r\n").await;
    let json = page.split("\r\n\r\n").nth(1).unwrap();
    assert!(json.starts_with('{') && json.contains("\"request_id\""), "{page}");
    let page = stage.get("own", "Accept: text/html\r\n").await;
    assert!(page.starts_with("HTTP/1.1 503") && page.contains("<iframe src=\"https://status.example.com/oops?a=1&amp;b=2\">"), "{page}");
}

#[tokio::test]
async fn maintenance_shows_the_apps_own_page() {
    let own = [("MAINTENANCE_PAGE_URL", "https://status.example.com/back-soon")];
    let cast: [crate::stage::Cast; 2] = [("plain", "hello", &[]), ("own", "hello", &own)];
    let stage = Stage::patient(&cast, Patience::default(), true).await;
    assert!(stage.get("plain", "").await.contains("Down for maintenance"));
    assert!(stage.get("own", "").await.contains("<iframe src=\"https://status.example.com/back-soon\">"));
    let line = stage.line("own").await;
    assert!(line.contains("code=H80") && line.contains("release=v2 cold=0 instantiate= cpu= mem= trace_id="), "{line}");
}

#[tokio::test]
async fn web_sockets_are_declined_in_words() {
    let stage = Stage::with(&[("hello", "hello", &[])]).await;
    let answer = stage
        .get(
            "hello",
            "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nAccept: application/json\r\n",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 501 ") && answer.contains("there are no WebSockets"), "{answer}");
    assert!(stage.line("hello").await.contains("at=info") && stage.line("hello").await.contains("status=501"));
}
