//! What a guest cannot do to its neighbours.
use crate::stage::{Stage, get, quick, read, request};
use http_body_util::BodyExt;
use nix::time::ClockId;
use paas_model::{Code, limits::Limits};
use paas_runtime::App;
use std::time::Duration;
use tokio::{task::JoinHandle, time::timeout};

/// Far longer than anything takes here.
const DEADLINE: Duration = Duration::from_secs(60);

/// Processor time of this thread: however busy the machine is.
fn thread_time() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap().into()
}

#[tokio::test]
async fn a_guest_that_never_ends_is_ended_wherever_it_loops() {
    let stage = Stage::new();
    for guest in ["loop", "loop-at-start", "sleep"] {
        let app = stage.app_with(guest, quick(), &[]).await;
        let ended = timeout(DEADLINE, get(&app, "/")).await.unwrap_or_else(|_| panic!("{guest} goes on"));
        assert_eq!(ended.unwrap_err().code, Code::H12, "{guest}");
    }
}

#[tokio::test]
async fn a_late_answer_s_log_says_where_the_guest_was() {
    let stage = Stage::new();
    let app = stage.app_with("proxy", quick(), &[]).await;
    assert_eq!(get(&app, "/loop").await.unwrap_err().code, Code::H12);
    assert!(stage.log.has("paas[web.1]: Stopping process: it computed for"), "{:#?}", stage.log.all());
    assert!(stage.log.has("app[web.1]:     0:"), "{:#?}", stage.log.all());
}

#[tokio::test]
async fn a_neighbour_answers_while_others_compute_for_ever() {
    let stage = Stage::new();
    let looping = stage.app("loop").await;
    let neighbour = stage.app("hello").await;
    // The test's runtime has one thread, which all four share.
    let ask = |app: App| tokio::spawn(async move { app.handle(request("/")).await.result.map(drop) });
    let loops: Vec<_> = (0..3).map(|_| ask(looping.clone())).collect();
    tokio::task::yield_now().await;
    for _ in 0..5 {
        assert_eq!(read(&neighbour, "/").await, "Hello from wasm!\n");
    }
    assert!(!loops.iter().any(JoinHandle::is_finished), "it did not have to wait for their end");
    loops.iter().for_each(JoinHandle::abort);
}

#[tokio::test]
async fn computing_has_a_budget_of_its_own() {
    let stage = Stage::new();
    let app = stage.app_with("loop", Limits { cpu_ms: 100, ..Limits::default() }, &[]).await;
    let failure = get(&app, "/").await.unwrap_err();
    assert_eq!(failure.code, Code::H12);
    assert!(failure.detail.contains("100 ms"), "and not the 30 s until the first byte: {failure}");
}

#[tokio::test]
async fn the_budget_also_ends_an_answer_that_has_begun() {
    let stage = Stage::new();
    let app = stage.app_with("loop-in-body", Limits { cpu_ms: 100, ..Limits::default() }, &[]).await;
    let mut body = get(&app, "/").await.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "begun");
    assert!(body.frame().await.unwrap().is_err());
}

#[tokio::test]
async fn memory_has_a_limit() {
    let stage = Stage::new();
    let app = stage.app_with("grow", Limits { memory_bytes: 32 << 20, ..Limits::default() }, &[]).await;
    assert_eq!(get(&app, "/").await.unwrap_err().code, Code::H10);
    assert!(stage.log.has("paas[web.1]: Error R15 (Memory quota vastly exceeded)"));
    assert!(stage.log.has("allocate"), "the trace says who asked for so much");
}

#[tokio::test]
async fn who_comes_near_the_memory_limit_is_named_and_goes_on() {
    let stage = Stage::new();
    let app = stage.app_with("hello", Limits { memory_soft_bytes: 1 << 10, ..Limits::default() }, &[]).await;
    assert_eq!(read(&app, "/").await, "Hello from wasm!\n");
    assert_eq!(stage.log.all(), ["paas[web.1]: Error R14 (Memory quota exceeded)"]);
}

#[tokio::test]
async fn tables_have_a_limit() {
    let stage = Stage::new();
    let app = stage.app_with("tables", Limits { table_elements: 5_000, ..Limits::default() }, &[]).await;
    assert_eq!(get(&app, "/").await.unwrap_err().code, Code::H10);
    assert!(stage.log.has("paas[web.1]: Error R15 (Memory quota vastly exceeded)"));
}

#[tokio::test]
async fn an_app_that_starts_with_more_memory_than_allowed_does_not_start() {
    let stage = Stage::new();
    let app = stage.app_with("hello", Limits { memory_bytes: 1 << 10, ..Limits::default() }, &[]).await;
    assert_eq!(get(&app, "/").await.unwrap_err().code, Code::H20);
    assert!(stage.log.has("Error R15"));
}

#[tokio::test]
async fn a_visitor_who_leaves_takes_the_guest_along() {
    let stage = Stage::new();
    let app = stage.app("loop").await;
    let left = timeout(Duration::from_millis(100), app.handle(request("/"))).await;
    assert!(left.is_err());
    // With the future the store is gone: who computed on would have a tick of 2 ms each time the one thread of this test is free.
    let before = thread_time();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let computed = thread_time() - before;
    assert!(computed < Duration::from_millis(100), "the thread computed for {computed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_share_nothing() {
    let stage = Stage::new();
    let app = stage.app("echo").await;
    let ask = |n: usize| {
        let app = app.clone();
        tokio::spawn(async move {
            let sent = format!("request {n} ").repeat(1_000);
            let request = http::Request::post("/").header("Host", "h").body(crate::stage::body(sent.clone())).unwrap();
            crate::stage::text(app.handle(request).await.result.unwrap()).await == sent
        })
    };
    let same = futures::future::join_all((0..100).map(ask)).await;
    assert!(same.into_iter().all(|same| same.unwrap()));
}
