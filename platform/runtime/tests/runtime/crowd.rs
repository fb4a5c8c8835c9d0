//! Services of WASI 0.3 with several requests in one instance at the same time, where their app chose so.
use crate::stage::{Stage, body, read};
use futures::future::{join, join_all};
use http::{Method, Request};
use paas_model::{Code, Launch, limits::Limits};
use paas_runtime::{App, Failure};
use std::time::Duration;
use tokio::{task::JoinHandle, time::timeout};

/// Far longer than anything takes here.
const DEADLINE: Duration = Duration::from_secs(60);

fn crowd(most: u64) -> Limits {
    Limits { reuse: 1_000, reuse_concurrent: most, ..Limits::default() }
}

/// The answer's status; its body is read to the end.
async fn ask(app: &App, method: Method) -> Result<u16, Failure> {
    let request = Request::builder().method(method).uri("/").header("Host", "hello.localhost").body(body("")).unwrap();
    let response = app.handle(request).await.result?;
    let status = response.status().as_u16();
    assert_eq!(crate::stage::text(response).await, "");
    Ok(status)
}

fn asking(app: &App, method: Method) -> JoinHandle<Result<u16, Failure>> {
    let app = app.clone();
    tokio::spawn(async move { ask(&app, method).await })
}

/// Waits until a request that was sent with GET is inside.
async fn one_is_inside(app: &App) {
    let inside = async { while ask(app, Method::PUT).await.unwrap() != 201 {} };
    timeout(DEADLINE, inside).await.expect("it comes inside");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_requests_meet_in_one_instance() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", crowd(2), &[]).await;
    let both = timeout(DEADLINE, join(ask(&app, Method::GET), ask(&app, Method::GET))).await;
    let (one, other) = both.expect("each waits until the other is inside, too");
    assert_eq!((one.unwrap(), other.unwrap()), (202, 202));
    assert_eq!(ask(&app, Method::PUT).await.unwrap(), 202, "the instance goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_meets_where_an_app_did_not_choose_it_or_the_instance_is_full() {
    let stage = Stage::new();
    for limits in [Limits { reuse: 1_000, first_byte_ms: 500, ..Limits::default() }, Limits { first_byte_ms: 500, ..Limits::default() }] {
        let app = stage.app_with("crowd", limits, &[]).await;
        let (one, other) = join(ask(&app, Method::GET), ask(&app, Method::GET)).await;
        assert_eq!((one.unwrap_err().code, other.unwrap_err().code), (Code::H12, Code::H12));
    }
    let app = stage.app_with("crowd", crowd(2), &[]).await;
    let waiting = [asking(&app, Method::PATCH), asking(&app, Method::PATCH)];
    let third = timeout(DEADLINE, ask(&app, Method::PUT)).await.expect("there is another instance");
    assert_eq!(third.unwrap(), 200);
    waiting.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_takes_along_all_that_are_inside_and_each_is_told() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", crowd(4), &[]).await;
    let neighbour = asking(&app, Method::GET);
    one_is_inside(&app).await;
    let crashed = ask(&app, Method::POST).await.unwrap_err();
    let neighbour = neighbour.await.unwrap().unwrap_err();
    assert_eq!((crashed.code, neighbour.code), (Code::H10, Code::H10));
    let log = stage.log.all();
    assert!(log.iter().any(|line| line.contains("unreachable")), "{log:?}");
    assert!(stage.log.has("the instance ended while another request was in it"), "{log:?}");
    assert_eq!(ask(&app, Method::PUT).await.unwrap(), 200, "the next one finds a fresh instance");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_computes_for_too_long_is_told_apart_from_its_neighbours() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", Limits { cpu_ms: 200, ..crowd(4) }, &[]).await;
    let neighbour = asking(&app, Method::PATCH);
    assert_eq!(ask(&app, Method::PUT).await.unwrap(), 200);
    let looped = ask(&app, Method::DELETE).await.unwrap_err();
    assert_eq!((looped.code, neighbour.await.unwrap().unwrap_err().code), (Code::H12, Code::H10), "{looped}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_waits_for_too_long_takes_nobody_along() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", Limits { first_byte_ms: 3_000, ..crowd(4) }, &[]).await;
    let late = asking(&app, Method::PATCH);
    assert_eq!(ask(&app, Method::PUT).await.unwrap(), 200);
    assert_eq!(late.await.unwrap().unwrap_err().code, Code::H12);
    let both = timeout(DEADLINE, join(ask(&app, Method::GET), ask(&app, Method::GET))).await.expect("they meet");
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (202, 202), "in a fresh instance, as nobody is let into the old one");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_takes_as_many_requests_as_its_app_chose_and_no_more() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", Limits { reuse: 3, ..crowd(2) }, &[]).await;
    for _ in 0..2 {
        let both = timeout(DEADLINE, join(ask(&app, Method::GET), ask(&app, Method::GET))).await.expect("they meet");
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (202, 202));
        assert_eq!(ask(&app, Method::PUT).await.unwrap(), 202, "its third and last");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_accounted_for() {
    let stage = Stage::new();
    let app = stage.app_with("crowd", crowd(8), &[]).await;
    let usages = join_all((0..40).map(|_| async {
        let request = Request::put("/").header("Host", "hello.localhost").body(body("")).unwrap();
        let answer = app.handle(request).await;
        assert_eq!(crate::stage::text(answer.result.unwrap()).await, "");
        answer.usage
    }))
    .await;
    for usage in usages {
        assert!(usage.memory_bytes() >= 1 << 16 && usage.cpu() > Duration::ZERO, "{} {:?}", usage.memory_bytes(), usage.cpu());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_arrives_whole_and_the_instance_goes_on() {
    let stage = Stage::new();
    let app = stage.app_with("service", crowd(8), &[]).await;
    for end in ["!", "2", "3", "4"] {
        assert_eq!(read(&app, "/").await, format!("Hello from the future{end}\n"));
    }
}

#[tokio::test]
async fn an_app_that_cannot_have_several_inside_is_told_so() {
    let stage = Stage::new();
    let prepare = async |manifest, limits| stage.runtime.prepare(&stage.target(manifest, limits, &[])).await.map_err(|refusal| refusal.to_string());
    for guest in ["proxy", "hello", "command"] {
        let refusal = prepare(stage.guest_manifest(guest), crowd(8)).await.unwrap_err();
        assert!(refusal.contains("only a component that exports wasi:http/handler@0.3 can"), "{refusal}");
        assert!(refusal.ends_with("paas limits:unset reuse-concurrent"), "{refusal}");
    }
    let site = stage.manifest(Launch::wasm("app.wat"), &[("app.wat", b"(module)")]);
    assert!(prepare(site, crowd(8)).await.is_err());
    let refusal = prepare(stage.guest_manifest("crowd"), Limits { reuse_concurrent: 8, ..Limits::default() }).await.unwrap_err();
    assert!(refusal.ends_with("paas limits:set reuse=64 reuse-concurrent=8"), "{refusal}");
    assert_eq!(prepare(stage.guest_manifest("crowd"), crowd(8)).await, Ok(None));
}
