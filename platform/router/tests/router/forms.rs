//! Answers are compressed for visitors who want that.
use crate::stage::Stage;

async fn bytes(stage: &Stage, app: &str, headers: &str) -> (String, Vec<u8>) {
    let mut visitor = stage.connect().await;
    visitor.send(&format!("GET / HTTP/1.1\r\nHost: {app}.localhost\r\nConnection: close\r\n{headers}\r\n")).await;
    let all = visitor.bytes().await;
    let split = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    (String::from_utf8(all[..split].to_vec()).unwrap(), all[split..].to_vec())
}

#[tokio::test]
async fn text_is_compressed_when_asked_for_and_worth_it() {
    let long = format!("Content-Type: text/html\nETag: \"1\"\n\n{}", "hello ".repeat(1_000));
    let no_transform = format!("Content-Type: text/html\nCache-Control: no-transform\n\n{}", "hello ".repeat(1_000));
    let cast: [crate::stage::Cast; 3] = [
        ("long", "say", &[("RESPONSE", &long)]),
        ("short", "say", &[("RESPONSE", "Content-Type: text/html\n\nhello")]),
        ("fixed", "say", &[("RESPONSE", &no_transform)]),
    ];
    let stage = Stage::with(&cast).await;
    let (head, body) = bytes(&stage, "long", "Accept-Encoding: br, gzip;q=0.8\r\n").await;
    assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding") && head.contains("etag: W/\"1\""), "{head}");
    assert!(body.len() < 500, "{} bytes", body.len());
    assert!(stage.line("long").await.contains(" status=200 "));
    for (app, headers, varies) in [
        ("long", "", true),
        ("long", "Accept-Encoding: gzip;q=0\r\n", true),
        ("short", "Accept-Encoding: gzip\r\n", false),
        ("fixed", "Accept-Encoding: gzip\r\n", false),
    ] {
        let (head, body) = bytes(&stage, app, headers).await;
        assert!(!head.contains("content-encoding") && body.starts_with(b"hello"), "{app}: {head}");
        assert_eq!(head.contains("vary: accept-encoding"), varies, "{app}: {head}");
    }
}
