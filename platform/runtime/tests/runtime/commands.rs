//! Programs in CGI form.
use crate::stage::{Stage, get, read, text};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use paas_model::{Code, limits::Limits};
use paas_runtime::BoxError;
use std::time::Duration;

#[tokio::test]
async fn a_program_answers() {
    let stage = Stage::new();
    let app = stage.app("hello").await;
    let answer = get(&app, "/").await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(text(answer).await, "Hello from wasm!\n");
    assert_eq!(read(&app, "/again").await, "Hello from wasm!\n");
    assert!(stage.log.all().is_empty());
}

#[tokio::test]
async fn a_task_that_asks_without_a_pause_gets_all_its_answers() {
    // Tokio makes its channels say "later" to a task that never waits.
    let stage = Stage::new();
    for guest in ["hello", "proxy"] {
        let app = stage.app(guest).await;
        for _ in 0..1_000 {
            assert!(read(&app, "/hello").await.starts_with("Hello from"));
        }
    }
}

#[tokio::test]
async fn a_command_component_answers_in_cgi_form() {
    let stage = Stage::new();
    assert_eq!(read(&stage.app("command").await, "/").await, "Hello from a command!\n");
}

#[tokio::test]
async fn a_program_sees_its_config_and_the_request_and_nothing_of_the_host() {
    let stage = Stage::new();
    let app = stage.app_with("env", Limits::default(), &[("GREETING", "hi there")]).await;
    let seen = read(&app, "/a%20b?x=1").await;
    for line in
        ["GREETING=hi there", "PATH_INFO=/a b", "QUERY_STRING=x=1", "REQUEST_METHOD=GET", "HTTP_HOST=hello.localhost", "GATEWAY_INTERFACE=CGI/1.1"]
    {
        assert!(seen.lines().any(|seen| seen == line), "{line} in {seen}");
    }
    assert!(!seen.contains("CARGO"), "{seen}");
}

#[tokio::test]
async fn a_program_sees_the_scheme_and_host_that_the_visitor_used() {
    let stage = Stage::new();
    let app = stage.app("env").await;
    let request = |request: http::request::Builder| request.body(crate::stage::body("")).unwrap();
    let seen =
        text(app.handle(request(Request::get("/a?b").header("Host", "x.test:8443").header("X-Forwarded-Proto", "https"))).await.result.unwrap())
            .await;
    assert!(seen.contains("X_FULL_URL=https://x.test:8443/a?b\n"), "{seen}");
    let seen = text(app.handle(request(Request::get("/"))).await.result.unwrap()).await;
    assert!(seen.contains("SERVER_NAME=hello\nSERVER_PORT=80\n"), "{seen}");
}

#[tokio::test]
async fn a_body_streams_in_and_out_piece_by_piece() {
    let stage = Stage::new();
    let app = stage.app("echo").await;
    let (mut sender, pieces) = futures::channel::mpsc::channel::<Bytes>(0);
    let body = StreamBody::new(pieces.map(|piece| Ok::<_, BoxError>(Frame::data(piece))));
    let answer = app.handle(Request::post("/").header("Host", "h").body(body.boxed_unsync()).unwrap()).await.result.unwrap();
    let mut answer = answer.into_body();
    for piece in ["first", "second", "third"] {
        // The answer to each piece comes before the next one is sent.
        let (sent, received) = tokio::join!(sender.send(Bytes::from(piece)), answer.frame());
        sent.unwrap();
        assert_eq!(received.unwrap().unwrap().into_data().unwrap(), piece);
    }
    drop(sender);
    assert!(answer.frame().await.is_none());
}

#[tokio::test]
async fn a_large_body_passes_through_whole() {
    let stage = Stage::new();
    let app = stage.app("echo").await;
    let sent: Bytes = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let answer = app.handle(Request::post("/").header("Host", "h").body(crate::stage::body(sent.clone())).unwrap()).await.result.unwrap();
    assert!(answer.into_body().collect().await.unwrap().to_bytes() == sent);
}

#[tokio::test]
async fn a_visitor_who_reads_slowly_slows_the_program() {
    let stage = Stage::new();
    let app = stage.app("echo").await;
    let (mut sender, pieces) = futures::channel::mpsc::channel::<Bytes>(0);
    let body = StreamBody::new(pieces.map(|piece| Ok::<_, BoxError>(Frame::data(piece))));
    let _unread = app.handle(Request::post("/").header("Host", "h").body(body.boxed_unsync()).unwrap()).await.result.unwrap();
    let upload = async {
        loop {
            sender.send(Bytes::from(vec![0; 64 << 10])).await.unwrap();
        }
    };
    assert!(tokio::time::timeout(Duration::from_millis(500), upload).await.is_err(), "an unread answer must stop the upload");
}

#[tokio::test]
async fn text_without_a_head_is_no_answer() {
    let stage = Stage::new();
    let failure = get(&stage.app("not-cgi").await, "/").await.unwrap_err();
    assert_eq!(failure.code, Code::H17);
    assert!(failure.detail.contains("`Hello!` is not a header"), "{failure}");
}

#[tokio::test]
async fn a_program_that_says_nothing_is_no_answer() {
    let stage = Stage::new();
    assert_eq!(get(&stage.app("silent").await, "/").await.unwrap_err().code, Code::H13);
}

#[tokio::test]
async fn a_failed_program_is_a_crash() {
    let stage = Stage::new();
    let failure = get(&stage.app("exit").await, "/").await.unwrap_err();
    assert_eq!((failure.code, failure.detail.as_str()), (Code::H10, "exited with status 1"));
    assert_eq!(stage.log.all(), ["paas[web.1]: Process exited with status 1"]);
}

#[tokio::test]
async fn a_crash_leaves_its_trace_in_the_log() {
    let stage = Stage::new();
    let failure = get(&stage.app("crash").await, "/").await.unwrap_err();
    assert_eq!(failure.code, Code::H10);
    let log = stage.log.all();
    assert_eq!(log[..3], ["app[web.1]: about to fail", "app[web.1]: really", "app[web.1]: wasm trap: wasm `unreachable` instruction executed"]);
    for function in ["give_up", "handle_request", "_start"] {
        assert!(log.iter().any(|line| line.starts_with("app[web.1]:") && line.contains(function)), "{function} in {log:#?}");
    }
}

#[tokio::test]
async fn a_crash_in_the_middle_breaks_the_answer_off() {
    let stage = Stage::new();
    let answer = get(&stage.app("crash-in-body").await, "/").await.unwrap();
    assert_eq!(answer.status(), 200);
    let error = answer.into_body().collect().await.unwrap_err().to_string();
    assert!(error.contains("H10"), "{error}");
    assert!(stage.log.has("wasm trap"));
}
