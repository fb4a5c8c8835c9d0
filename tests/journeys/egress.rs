//! An app calls another host once it is allowed to, and not before; its log and its pushes say so.
use paas_tests::{Platform, eventually};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Another host: `/redirect` leads elsewhere, everything else says what it was asked.
pub async fn upstream() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    port
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let text = match head.split(' ').nth(1) {
        Some("/redirect") => "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".into(),
        path => {
            let body = format!("{} hops={}", path.unwrap_or_default(), head.contains("paas-hops: 1"));
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        }
    };
    stream.write_all(text.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_calls_a_host_once_it_is_allowed() {
    let port = upstream().await;
    let platform = Platform::start_with(&[("PAAS_EGRESS_ALLOW_PRIVATE", "127.0.0.1/32")]).await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.start_app("hello", "javascript-fetch").await;
    let pushed = repository.push().await;
    assert!(pushed.text().contains("http-out (api.example.com)"), "{}", pushed.text());
    assert!(pushed.text().contains("-----> Allowed by app.json to call: api.example.com"), "{}", pushed.text());
    pushed.ok();
    developer.run(&format!("config:set UPSTREAM=http://127.0.0.1:{port} -a hello")).await.ok();

    assert_eq!(visitor.get("hello", "/a").await.status, 502);
    let host = format!("127.0.0.1:{port}");
    let told = format!("paas[outbound]: W40 Capability denied host={host} method=GET request_id=");
    let hint = format!("(allow it: paas egress:allow {host} -a hello)");
    eventually("the refusal is in the log", async || {
        let log = developer.run("logs -n 100 -a hello").await.ok();
        (log.contains(&told) && log.contains(&hint)).then_some(())
    })
    .await;

    let allowed = developer.run(&format!("egress:allow {host} -a hello")).await;
    assert!(allowed.stderr.contains(&format!("Allowing {host} and restarting ⬢ hello... done, v4")), "{}", allowed.stderr);
    allowed.ok();
    assert_eq!(visitor.get("hello", "/a").await.text, "200 /a hops=true");
    let redirected = visitor.get("hello", "/redirect").await.text;
    assert!(["302 ", "no answer"].contains(&redirected.as_str()), "the platform follows no redirect, and where it leads is refused: {redirected}");
    assert_eq!(visitor.get("hello--v3", "/a").await.status, 502, "an earlier release may not");
    let listed: Value = serde_json::from_str(&developer.run("egress -a hello --json").await.ok()).unwrap();
    assert_eq!(listed["allowed"], serde_json::json!([host, "api.example.com"]));
    let info = developer.run("releases:info v4 -a hello").await.ok();
    assert!(info.contains("http-out") && info.contains(&format!("{host}, api.example.com")), "{info}");
    eventually("the call is in the log", async || {
        let log = developer.run("logs -n 100 -a hello").await.ok();
        log.contains(&format!("paas[outbound]: at=info method=GET host={host} status=200 service=")).then_some(())
    })
    .await;

    developer.run(&format!("egress:deny {host} -a hello")).await.ok();
    assert_eq!(visitor.get("hello", "/a").await.status, 502);
    developer.run("rollback v4 -a hello").await.ok();
    assert_eq!(visitor.get("hello", "/a").await.status, 200, "a rollback brings the old rules back");
    assert!(developer.run("egress:allow 127.1 -a hello").await.stderr.contains("`127.1` is no host."));
}
