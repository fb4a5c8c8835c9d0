//! Requests and answers pass as HTTP asks, in both versions and both directions.
use crate::stage::Stage;
use bytes::Bytes;
use http::{Request, Response};
use paas_router::Patience;
use std::time::Duration;
use tokio::net::TcpStream;

#[tokio::test]
async fn an_app_sees_who_asks_and_nothing_forged() {
    let stage = Stage::with(&[("env", "env", &[])]).await;
    let forged = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n\
                  Keep-Alive: 5\r\nX-Secret: 1\r\nConnection: X-Secret\r\nTE: trailers\r\nX-Kept: yes\r\n";
    let answer = stage.get("env", forged).await;
    for line in [
        "HTTP_X_FORWARDED_FOR=1.2.3.4, 127.0.0.1",
        "HTTP_X_FORWARDED_PROTO=http",
        &format!("HTTP_X_FORWARDED_PORT={}", stage.address.port()),
        "HTTP_VIA=1.1 paas-router",
        "HTTP_X_KEPT=yes",
        "HTTP_HOST=env.localhost",
        "REMOTE_ADDR=127.0.0.1",
        "QUERY_STRING=q=1",
    ] {
        assert!(answer.lines().any(|found| found == line), "{line} is not in\n{answer}");
    }
    for name in ["HTTP_X_REQUEST_ID=", "HTTP_X_REQUEST_START=", "HTTP_TRACEPARENT=00-"] {
        assert!(answer.lines().any(|found| found.starts_with(name)), "{name} is not in\n{answer}");
    }
    for gone in ["HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_KEEP_ALIVE", "HTTP_X_SECRET", "HTTP_CONNECTION", "HTTP_TE="] {
        assert!(!answer.contains(gone), "{gone} is in\n{answer}");
    }
    assert!(answer.contains("\r\nvia: 1.1 paas-router\r\n") && answer.contains("\r\nx-request-id: "), "{answer}");
}

#[tokio::test]
async fn both_directions_stream_at_the_same_time() {
    let stage = Stage::with(&[("echo", "echo", &[])]).await;
    let mut visitor = stage.connect().await;
    visitor.send("POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for word in ["first", "other", "third"] {
        visitor.send(&format!("5\r\n{word}\r\n")).await;
        visitor.until(word).await;
    }
    visitor.send("0\r\n\r\n").await;
    visitor.until("0\r\n\r\n").await;
    visitor.send("GET / HTTP/1.1\r\nHost: echo.localhost\r\nConnection: close\r\n\r\n").await;
    assert!(visitor.rest().await.starts_with("HTTP/1.1 200 OK"), "the connection goes on");
}

#[tokio::test]
async fn server_sent_events_come_one_by_one_and_as_they_are() {
    let head = "Content-Type: text/event-stream\n\ndata: 0\n\n";
    let stage = Stage::with(&[("events", "say", &[("RESPONSE", head)])]).await;
    let mut visitor = stage.connect().await;
    visitor.send("POST / HTTP/1.1\r\nHost: events.localhost\r\nAccept-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let begun = visitor.until("data: 0\n\n").await;
    assert!(!begun.contains("content-encoding"), "{begun}");
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        visitor.send(&format!("9\r\n{event}\r\n")).await;
        visitor.until(event).await;
    }
}

#[tokio::test]
async fn a_head_request_has_a_head_and_no_body() {
    let stage = Stage::with(&[("hello", "hello", &[]), ("broken", "crash", &[])]).await;
    let ask = |app: &str| format!("HEAD / HTTP/1.1\r\nHost: {app}.localhost\r\nConnection: close\r\n\r\n");
    let answer = stage.ask(&ask("hello")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("content-length: 17") && answer.ends_with("\r\n\r\n"), "{answer}");
    let line = stage.line("hello").await;
    assert!(line.contains("at=info method=HEAD") && line.contains("bytes=0"), "{line}");
    let answer = stage.ask(&ask("broken")).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn expect_100_continue_is_answered_when_the_app_reads() {
    let stage = Stage::with(&[("late", "late", &[]), ("hello", "hello", &[])]).await;
    let ask =
        |app: &str| format!("POST / HTTP/1.1\r\nHost: {app}.localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n");
    let mut visitor = stage.connect().await;
    visitor.send(&ask("late")).await;
    visitor.until("HTTP/1.1 100 Continue\r\n\r\n").await;
    visitor.send("hello").await;
    assert!(visitor.rest().await.ends_with("5 bytes"));
    let answer = stage.ask(&ask("hello")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "whoever does not read does not ask for it: {answer}");
}

#[tokio::test]
async fn a_connection_is_kept_for_some_requests_and_then_closed() {
    let patience = Patience { requests: 3, ..Patience::default() };
    let stage = Stage::patient(&[("hello", "hello", &[])], patience, false).await;
    let get = "GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n";
    let answers = stage.ask(&get.repeat(5)).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 3, "{answers}");
    assert!(answers.contains("connection: close"), "{answers}");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let patience = Patience { head: Duration::from_millis(200), ..Patience::default() };
    let stage = Stage::patient(&[("hello", "hello", &[])], patience, false).await;
    assert_eq!(stage.connect().await.rest().await, "", "one that never asks");
    let answers = stage.ask("GET / HTTP/1.1\r\nHost: hello.localhost\r\n\r\n").await;
    assert!(answers.starts_with("HTTP/1.1 200 OK"), "one that asks no more: {answers}");
    let (_client, connection) = h2::client::handshake(TcpStream::connect(stage.address).await.unwrap()).await.unwrap();
    tokio::time::timeout(crate::stage::SOON, connection).await.expect("one of HTTP/2 without streams").ok();
}

/// A GET over HTTP/2 with prior knowledge; the answer's head, and its body or how it broke off.
async fn over_h2(stage: &Stage, request: Request<()>, body: Option<Bytes>) -> (Response<()>, Result<Bytes, h2::Error>, Option<http::HeaderMap>) {
    let (client, connection) = h2::client::handshake(TcpStream::connect(stage.address).await.unwrap()).await.unwrap();
    tokio::spawn(connection);
    let (answer, mut sending) = client.ready().await.unwrap().send_request(request, body.is_none()).unwrap();
    if let Some(body) = body {
        sending.send_data(body, true).unwrap();
    }
    let (head, mut body) = answer.await.unwrap().into_parts();
    let mut all = Vec::new();
    while let Some(piece) = body.data().await {
        match piece {
            Ok(piece) => {
                body.flow_control().release_capacity(piece.len()).unwrap();
                all.extend_from_slice(&piece);
            }
            Err(error) => return (Response::from_parts(head, ()), Err(error), None),
        }
    }
    let trailers = body.trailers().await.unwrap();
    (Response::from_parts(head, ()), Ok(all.into()), trailers)
}

fn get(app: &str, path: &str) -> Request<()> {
    Request::get(format!("http://{app}.localhost{path}")).body(()).unwrap()
}

#[tokio::test]
async fn http_2_works_without_tls() {
    let stage = Stage::with(&[("env", "env", &[]), ("echo", "echo", &[])]).await;
    let (head, body, _) = over_h2(&stage, get("env", "/"), None).await;
    let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
    assert_eq!(head.status(), 200);
    assert!(body.contains("HTTP_VIA=2.0 paas-router") && body.contains("HTTP_HOST=env.localhost"), "{body}");
    let sent = Bytes::from(vec![b'x'; 300_000]);
    let (_, body, _) = over_h2(&stage, Request::post("http://echo.localhost/").body(()).unwrap(), Some(sent.clone())).await;
    assert_eq!(body.unwrap(), sent);
}

#[tokio::test]
async fn over_http_2_a_broken_answer_is_a_reset_stream() {
    let stage = Stage::with(&[("breaks", "crash-in-body", &[]), ("hello", "hello", &[])]).await;
    let (head, body, _) = over_h2(&stage, get("breaks", "/"), None).await;
    assert_eq!(head.status(), 200);
    assert!(body.unwrap_err().is_reset());
    assert!(stage.line("breaks").await.contains("code=H18"));
}

#[tokio::test]
async fn over_http_2_a_head_request_has_no_body() {
    let stage = Stage::with(&[("hello", "hello", &[])]).await;
    let request = Request::head("http://hello.localhost/").body(()).unwrap();
    let (head, body, _) = over_h2(&stage, request, None).await;
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].as_bytes(), body.unwrap()), (200, b"17".as_slice(), Bytes::new()));
}

#[tokio::test]
async fn trailers_of_an_app_reach_the_visitor() {
    let stage = Stage::with(&[("trailers", "trailers", &[])]).await;
    let (_, body, trailers) = over_h2(&stage, get("trailers", "/"), None).await;
    assert_eq!(body.unwrap(), "body");
    assert_eq!(trailers.unwrap()["x-sum"], "42");
    let answer = stage.get("trailers", "TE: trailers\r\n").await;
    assert!(answer.ends_with("4\r\nbody\r\n0\r\nx-sum: 42\r\n\r\n"), "{answer}");
}

#[tokio::test]
async fn trailers_of_a_visitor_reach_the_app() {
    let stage = Stage::with(&[("reads", "reads-trailers", &[])]).await;
    let (client, connection) = h2::client::handshake(TcpStream::connect(stage.address).await.unwrap()).await.unwrap();
    tokio::spawn(connection);
    let (answer, mut sending) = client.ready().await.unwrap().send_request(get("reads", "/"), false).unwrap();
    sending.send_data(Bytes::from_static(b"body"), false).unwrap();
    sending.send_trailers([(http::HeaderName::from_static("x-sum"), http::HeaderValue::from_static("43"))].into_iter().collect()).unwrap();
    assert_eq!(answer.await.unwrap().into_body().data().await.unwrap().unwrap(), "43");

    let ask = |end: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: reads.localhost\r\nConnection: close\r\nTrailer: x-sum\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n{end}\r\n"
        )
    };
    for (end, read) in [("x-sum: 44\r\n", "44"), ("", "none")] {
        let answer = stage.ask(&ask(end)).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{read}")), "{answer}");
    }
}
