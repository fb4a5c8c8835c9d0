//! Instances that answer several requests, where their app chose so.
use crate::stage::{Stage, get, read, request};
use http_body_util::BodyExt;
use paas_model::{Code, Launch, limits::Limits};

fn reuse(reuse: u64) -> Limits {
    Limits { reuse, ..Limits::default() }
}

#[tokio::test]
async fn by_default_each_request_finds_a_fresh_instance() {
    let stage = Stage::new();
    let (proxy, service) = (stage.app("proxy").await, stage.app("service").await);
    for _ in 0..3 {
        assert_eq!(read(&proxy, "/count").await, "1");
        assert_eq!(read(&service, "/").await, "Hello from the future!\n");
    }
}

#[tokio::test]
async fn an_instance_answers_as_many_requests_as_its_app_chose() {
    let stage = Stage::new();
    let proxy = stage.app_with("proxy", reuse(3), &[]).await;
    for count in ["1", "2", "3", "1", "2", "3"] {
        assert_eq!(read(&proxy, "/count").await, count);
    }
    let service = stage.app_with("service", reuse(3), &[]).await;
    for end in ["!", "2", "3", "!"] {
        assert_eq!(read(&service, "/").await, format!("Hello from the future{end}\n"));
    }
}

#[tokio::test]
async fn after_anything_but_a_good_end_the_next_instance_is_fresh() {
    let stage = Stage::new();
    let limits = Limits { cpu_ms: 100, ..reuse(9) };
    let app = stage.app_with("proxy", limits, &[]).await;
    for (path, code) in [("/trap", Code::H10), ("/nothing", Code::H13), ("/loop", Code::H12)] {
        assert_eq!((read(&app, "/count").await.as_str(), read(&app, "/count").await.as_str()), ("1", "2"));
        assert_eq!(get(&app, path).await.unwrap_err().code, code);
    }
    assert_eq!(read(&app, "/count").await, "1");
    assert!(get(&app, "/break").await.unwrap().into_body().collect().await.is_err());
    assert_eq!(read(&app, "/count").await, "1");
    drop(get(&app, "/break").await.unwrap());
    assert_eq!(read(&app, "/count").await, "1", "a visitor who left took the instance along");
}

#[tokio::test]
async fn releases_and_apps_have_instances_of_their_own() {
    let stage = Stage::new();
    let (one, other) = (stage.app_with("proxy", reuse(9), &[]).await, stage.app_with("proxy", reuse(9), &[]).await);
    assert_eq!((read(&one, "/count").await.as_str(), read(&one, "/count").await.as_str()), ("1", "2"));
    assert_eq!(read(&other, "/count").await, "1");
    assert_eq!(read(&one, "/count").await, "3");
}

#[tokio::test]
async fn an_instance_that_is_old_enough_is_let_go() {
    let stage = Stage::new();
    let app = stage.app_with("proxy", Limits { reuse_age_ms: 0, ..reuse(9) }, &[]).await;
    assert_eq!((read(&app, "/count").await.as_str(), read(&app, "/count").await.as_str()), ("1", "1"));
}

#[tokio::test]
async fn each_request_has_its_own_share_of_the_log_and_of_processor_time() {
    let stage = Stage::new();
    let app = stage.app_with("proxy", Limits { log_lines: 1, ..reuse(9) }, &[]).await;
    for _ in 0..3 {
        read(&app, "/print").await;
    }
    assert_eq!(stage.log.all(), ["app[web.1]: a printed line"; 3]);
    assert_eq!(read(&app, "/count").await, "4");
}

#[tokio::test]
async fn who_asks_at_the_same_time_shares_no_instance() {
    let stage = Stage::new();
    let app = stage.app_with("proxy", reuse(9), &[]).await;
    let streaming = get(&app, "/break").await.unwrap();
    assert_eq!(read(&app, "/count").await, "1", "the other one is busy");
    drop(streaming);
}

#[tokio::test]
async fn an_app_that_cannot_answer_twice_is_told_so() {
    let stage = Stage::new();
    for guest in ["hello", "command"] {
        let refusal = stage.runtime.prepare(&stage.target(stage.guest_manifest(guest), reuse(64), &[])).await.unwrap_err();
        assert!(refusal.to_string().contains("a program in CGI form ends with its answer"), "{refusal}");
        assert!(refusal.to_string().ends_with("paas limits:unset reuse"), "{refusal}");
    }
    stage.runtime.prepare(&stage.target(stage.guest_manifest("proxy"), reuse(64), &[])).await.unwrap();
    let wasm = stage.manifest(Launch::wasm("app.wat"), &[("app.wat", b"(module)")]);
    assert!(stage.runtime.prepare(&stage.target(wasm, reuse(64), &[])).await.is_err());
}

#[tokio::test]
async fn kept_instances_go_when_others_need_the_memory() {
    let stage = Stage::new();
    stage.runtime.limit_memory(1);
    let (keeper, other) = (stage.app_with("proxy", reuse(9), &[]).await, stage.app("hello").await);
    for _ in 0..3 {
        assert_eq!((read(&keeper, "/count").await.as_str(), read(&keeper, "/count").await.as_str()), ("1", "2"));
        let answer = other.handle(request("/")).await;
        assert!(answer.result.is_ok() && answer.cold, "there is room for one app: it had been let go");
        let answer = keeper.handle(request("/hello")).await;
        assert!(answer.result.is_ok() && answer.cold, "as had the one that keeps an instance, and what that knew");
        other.handle(request("/")).await.result.unwrap();
    }
}

#[tokio::test]
async fn an_app_at_work_is_not_let_go_and_its_instance_answers_again_later() {
    let stage = Stage::new();
    stage.runtime.limit_memory(1);
    let (keeper, other) = (stage.app_with("proxy", reuse(9), &[]).await, stage.app("hello").await);
    let streaming = get(&keeper, "/break").await.unwrap();
    read(&other, "/").await;
    let answer = keeper.handle(request("/count")).await;
    assert!(!answer.cold, "a request of it runs");
    drop(streaming);
}
