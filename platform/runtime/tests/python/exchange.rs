//! What passes between visitors and Python apps: heads, bodies, and answers that come in pieces or break off.
use crate::app::{App, Node, empty};
use http::Request;
use http_body_util::{BodyExt, StreamBody};

const APP: &str = r#"
import json, sys

def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/head":
        start_response("200 OK", [("X-Name", "caf\xe9"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Connection", "x"), ("X", "1")])
        return [json.dumps({key: value for key, value in environ.items() if isinstance(value, str)}).encode()]
    if path == "/pieces":
        write = start_response("200 OK", [])
        write(b"written ")
        return (word.encode() for word in ["some", "", " words"])
    if path == "/breaks":
        def pieces():
            yield b"some"
            raise ValueError("boom")
        start_response("200 OK", [("Content-Length", "100")])
        return pieces()
    if path == "/late":
        def pieces():
            start_response("200 OK", [])
            try:
                raise ValueError("boom")
            except ValueError:
                start_response("503 Service Unavailable", [], sys.exc_info())
            yield b"sorry"
        return pieces()
    if path == "/splits":
        start_response("200 OK", [("X-A", "1\nSet-Cookie\nadmin=1")])
        return [b"never"]
    if path == "/number":
        start_response("200 OK", [("X-A", 1)])
        return [b"never"]
    if path == "/large":
        start_response("200 OK", [])
        return [bytes(5_000_000)]
    if path == "/empty":
        start_response("304 Not Modified", [])
        return []
    size = 0
    while piece := environ["wsgi.input"].read(100_000):
        size += len(piece)
    start_response("200 OK", [])
    return [str(size).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn heads_pass_as_they_are() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", APP)]).release(&[]);
    let value = http::HeaderValue::from_bytes(b"caf\xe9").unwrap();
    let request = Request::get("/head?q=%20").header("x-forwarded-for", "9.9.9.9, 5.6.7.8").header("cookie", "a=1").header("cookie", "b=2");
    let request = request.header("x-name", value).header("x-twice", "1").header("x-twice", "2").header("te", "trailers");
    let reply = node.send(&release, request, "").await;
    let seen = reply.json();
    for (key, value) in [
        ("QUERY_STRING", "q=%20"),
        ("RAW_URI", "/head?q=%20"),
        ("HTTP_HOST", "app.test"),
        ("SERVER_NAME", "app.test"),
        ("SERVER_PORT", "80"),
        ("REMOTE_ADDR", "5.6.7.8"),
        ("HTTP_COOKIE", "a=1; b=2"),
        ("HTTP_X_TWICE", "1,2"),
        ("HTTP_X_NAME", "caf\u{e9}"),
        ("SCRIPT_NAME", ""),
    ] {
        assert_eq!(seen[key], value, "{key}");
    }
    assert!(seen.get("HTTP_TE").is_none(), "the connection's own");
    assert_eq!(reply.headers["x-name"].as_bytes(), b"caf\xe9");
    assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 2);
    assert!(!reply.headers.contains_key("connection"));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_whole_in_pieces_or_not_at_all() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", APP)]).release(&[]);
    assert_eq!(node.get(&release, "/pieces").await.text(), "written some words");
    let late = node.get(&release, "/late").await;
    assert_eq!((late.status, late.text()), (503, "sorry".into()));
    assert_eq!(node.get(&release, "/empty").await.status, 304);
    let large = node.get(&release, "/large").await;
    assert_eq!((&large.headers["content-length"], large.text().len()), (&"5000000".parse().unwrap(), 5_000_000));
    for (path, why) in [("/splits", "line break"), ("/number", "TypeError")] {
        let reply = node.get(&release, path).await;
        assert!(reply.status == 500 && !reply.headers.contains_key("set-cookie"), "{path}");
        assert!(node.logged(&release).iter().any(|line| line.contains(why)), "{path}: {:?}", node.logged(&release));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_ended_breaks_off() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", APP)]).release(&[]);
    let app = node.runtime.app(release.clone());
    app.load().await.unwrap();
    let answer = app.handle(Request::get("/breaks").header("host", "app.test").body(empty()).unwrap()).await;
    // As an error page, or in the middle: never as if that were all.
    if let Ok(response) = answer.result {
        assert!(response.into_body().collect().await.is_err());
    }
    assert!(node.logged(&release).iter().any(|line| line.contains("ValueError: boom")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_to_its_end_and_one_that_breaks_off_is_no_whole() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", APP)]).release(&[]);
    assert_eq!(node.send(&release, Request::post("/"), &"x".repeat(300_000)).await.text(), "300000");
    assert_eq!(node.get(&release, "/").await.text(), "0");
    let pieces = [Ok(http_body::Frame::data("some".into())), Err("the visitor left".into())];
    let body = StreamBody::new(futures::stream::iter(pieces)).boxed_unsync();
    let app = node.runtime.app(release.clone());
    let answer = app.handle(Request::post("/").header("host", "app.test").body(body).unwrap()).await;
    assert_eq!(answer.result.unwrap().status(), 500);
    assert!(node.logged(&release).iter().any(|line| line.contains("ConnectionResetError")), "{:?}", node.logged(&release));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_reads_slowly_slows_the_app_down() {
    let node = Node::shared();
    let source = r#"
import time

def app(environ, start_response):
    start_response("200 OK", [])
    for number in range(100):
        print(number, flush=True)
        yield bytes(65_536)
"#;
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    let app = node.runtime.app(release.clone());
    app.load().await.unwrap();
    let answer = app.handle(Request::get("/").header("host", "app.test").body(empty()).unwrap()).await;
    let mut body = answer.result.unwrap().into_body();
    for _ in 0..2 {
        body.frame().await.unwrap().unwrap();
    }
    let ahead = node.logged(&release).len();
    assert!(ahead < 40, "{ahead} pieces were made of which two are taken");
    let mut rest = 0;
    while let Some(frame) = body.frame().await {
        rest += frame.unwrap().into_data().unwrap().len();
    }
    assert_eq!((rest, node.logged(&release).len()), (98 * 65_536, 100));
}
