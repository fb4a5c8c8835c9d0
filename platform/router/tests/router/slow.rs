//! Visitors who are slow on purpose hold nothing for long.
use crate::stage::{Cast, SOON, Stage};
use http::Request;
use paas_router::Patience;
use std::time::Duration;
use tokio::net::TcpStream;

fn impatient() -> Patience {
    Patience { head: Duration::from_millis(300), transfer: Duration::from_millis(300), ..Patience::default() }
}

#[tokio::test]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let stage = Stage::patient(&[("hello", "hello", &[])], impatient(), false).await;
    let answer = stage.ask("GET / HTTP/1.1\r\nHost: hello.localhost\r\nX-Slow: ").await;
    assert!(!answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn an_upload_that_stands_still_is_an_h28() {
    let stage = Stage::patient(&[("echo", "echo", &[]), ("hello", "hello", &[])], impatient(), false).await;
    let mut visitor = stage.connect().await;
    visitor.send("POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 10\r\n\r\n12345").await;
    let answer = visitor.rest().await;
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
    let line = stage.line("echo").await;
    assert!(line.contains("at=warning code=H28 desc=\"Client Connection Idle\"") && line.contains("status=499"), "{line}");
}

/// 1.3 MB are more than the sockets on both sides hold for a visitor with a small window.
const LARGE: Cast<'static> = ("large", "flood", &[]);

#[tokio::test]
async fn a_visitor_who_does_not_read_is_let_go() {
    let stage = Stage::patient(&[LARGE], impatient(), false).await;
    let mut visitor = stage.connect().await;
    visitor.send("GET / HTTP/1.1\r\nHost: large.localhost\r\n\r\n").await;
    let line = stage.line("large").await;
    assert!(line.contains("at=warning code=H28") && line.contains("status=499"), "{line}");
}

#[tokio::test]
async fn a_stream_of_http_2_that_is_not_read_is_let_go_and_its_neighbour_is_not() {
    let stage = Stage::patient(&[LARGE, ("echo", "echo", &[])], impatient(), false).await;
    let (client, connection) = h2::client::handshake(TcpStream::connect(stage.address).await.unwrap()).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let request = |app: &str| Request::get(format!("http://{app}.localhost/")).body(()).unwrap();
    let (unread, _) = client.send_request(request("large"), true).unwrap();
    let unread = unread.await.unwrap();
    let line = tokio::time::timeout(SOON, stage.line("large")).await.unwrap();
    assert!(line.contains("code=H28"), "{line}");
    let (answer, _) = client.ready().await.unwrap().send_request(request("echo"), true).unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
    drop(unread);
}
