//! Calls of core modules to other hosts: by functions of the platform's, under the rules of all calls.
use crate::{
    outbound::{Server, line, local, stage},
    stage::{Stage, text},
};
use http::Request;
use paas_model::{Egress, limits::Limits};
use paas_runtime::{App, NetworkConfig};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn module(stage: &Stage, rules: &[&str]) -> App {
    let mut target = stage.target(stage.guest_manifest("core-fetch"), Limits::default(), &[]);
    target.egress = Egress(rules.iter().map(|rule| rule.parse().unwrap()).collect());
    stage.runtime.app(target)
}

async fn send(app: &App, request: impl Into<bytes::Bytes>) -> String {
    app.load().await.unwrap();
    let request = Request::post("/").header("Host", "hello.localhost").header("X-Request-ID", "the-id").body(crate::stage::body(request)).unwrap();
    text(app.handle(request).await.result.unwrap()).await
}

#[tokio::test]
async fn a_module_calls_a_host_that_it_may_call() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    let app = module(&stage, &[&host]);
    assert_eq!(send(&app, format!("GET http://{host}/hello")).await, "200\r\ncontent-length: 5\r\nhello");
    let line = line(&stage.log, "paas[outbound]: ");
    assert!(line.starts_with(&format!("paas[outbound]: at=info method=GET host={host} status=200 service=")), "{line}");
    assert_eq!(stage.check("core-fetch").await.unwrap().words(), ["clock", "http-out", "log"]);
}

#[tokio::test]
async fn its_headers_arrive_but_those_of_the_connection_and_the_host() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    let seen = send(&module(&stage, &[&host]), format!("GET http://{host}/head\r\nX-Mine: 1\r\nHost: other.test\r\nPaas-Hops: 0\r\n")).await;
    assert!(seen.contains("x-mine: 1\r\n") && seen.contains(&format!("host: {host}\r\n")) && seen.contains("paas-hops: 1\r\n"), "{seen}");
    assert!(!seen.contains("other.test"), "{seen}");
}

#[tokio::test]
async fn what_it_may_not_call_says_why_and_is_in_the_log() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    let denied = send(&module(&stage, &[]), format!("GET http://{host}/")).await;
    assert_eq!(denied, format!("0\r\n{host} is not among the hosts that this app may call. Allow it: paas egress:allow {host}\r\n"));
    assert!(line(&stage.log, "paas[outbound]: W40").contains("request_id=the-id"));
    let inside = server.at("127.0.0.2");
    let private = send(&module(&stage, &[&inside]), format!("GET http://{inside}/")).await;
    assert_eq!(private, format!("0\r\nthe address of {inside} is not a public one\r\n"));
    assert_eq!(send(&module(&stage, &["*"]), "GET http://nowhere.test/").await, "0\r\nthe name of nowhere.test cannot be resolved\r\n");
    assert_eq!(send(&module(&stage, &["*"]), "nonsense").await, "not opened");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_body_is_sent_as_it_is_written() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("api.test:{}", listener.local_addr().unwrap().port());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut got = vec![];
        let length = loop {
            got.push(stream.read_u8().await.unwrap());
            if let Some(at) = got.windows(4).position(|end| end == b"\r\n\r\n") {
                break at;
            }
        };
        let mut body = vec![0; 300_000];
        stream.read_exact(&mut body).await.unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\nmade").await.unwrap();
        (String::from_utf8(got[..length].to_vec()).unwrap(), body)
    });
    let stage = stage(local());
    let app = module(&stage, &[&host]);
    let body = "0123456789".repeat(30_000);
    assert_eq!(send(&app, format!("POST http://{host}/\r\nContent-Length: 300000\r\n\0{body}")).await, "201\r\nmade");
    let (head, got) = server.await.unwrap();
    assert!(head.contains("content-length: 300000") && !head.contains("transfer-encoding"), "{head}");
    assert_eq!(String::from_utf8(got).unwrap(), body);
}

#[tokio::test]
async fn an_answer_that_stops_is_broken_and_one_without_end_is_cut_off() {
    let brief = Duration::from_millis(100);
    let (server, stage) = (Server::start().await, stage(NetworkConfig { between_bytes: brief, answer_bytes: 1 << 20, ..local() }));
    let host = server.at("api.test");
    let app = module(&stage, &[&host]);
    assert!(send(&app, format!("GET http://{host}/stalls")).await.ends_with("\r\nbegunbroken"));
    let bomb = send(&app, format!("GET http://{host}/bomb")).await;
    assert!(bomb.ends_with("xbroken") && bomb.len() <= (1 << 20) + 100, "{}", bomb.len());
}
