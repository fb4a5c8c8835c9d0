//! Components that speak wasi:http.
use crate::stage::{Stage, get, quick, read, text};
use http_body_util::BodyExt;
use paas_model::{AppId, Code};

#[tokio::test]
async fn a_proxy_answers() {
    let stage = Stage::new();
    let app = stage.app("proxy").await;
    let answer = app.handle(crate::stage::request("/hello")).await;
    assert!(!answer.cold && !answer.usage.instantiate().is_zero());
    let response = answer.result.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(http_body::Body::size_hint(response.body()).exact(), Some(24), "a small answer is sent whole, with its length");
    assert_eq!(text(response).await, "Hello from a component!\n");
}

#[tokio::test]
async fn a_service_of_wasi_0_3_answers() {
    let stage = Stage::new();
    assert_eq!(read(&stage.app("service").await, "/").await, "Hello from the future!\n");
}

#[tokio::test]
async fn what_a_component_prints_is_its_log() {
    let stage = Stage::new();
    assert_eq!(read(&stage.app("proxy").await, "/print").await, "Hello from a component!\n");
    assert_eq!(stage.log.all(), ["app[web.1]: a printed line"]);
}

#[tokio::test]
async fn requests_to_other_hosts_are_denied_and_logged() {
    let stage = Stage::new();
    assert_eq!(read(&stage.app("proxy").await, "/out").await, "Hello from a component!\n");
    assert_eq!(
        stage.log.all(),
        ["paas[outbound]: W40 Capability denied host=api.example.com method=GET request_id= (allow it: paas egress:allow api.example.com -a hello)"]
    );
}

#[tokio::test]
async fn a_component_that_sets_no_answer_is_told_apart_from_one_that_crashes() {
    let stage = Stage::new();
    let app = stage.app("proxy").await;
    assert_eq!(get(&app, "/nothing").await.unwrap_err().code, Code::H13);
    assert_eq!(get(&app, "/trap").await.unwrap_err().code, Code::H10);
    assert!(stage.log.has("break_off"), "{:#?}", stage.log.all());
}

#[tokio::test]
async fn a_component_that_breaks_off_shows_it_to_the_visitor() {
    let stage = Stage::new();
    let answer = get(&stage.app("proxy").await, "/break").await.unwrap();
    assert!(answer.into_body().collect().await.is_err());
}

#[tokio::test]
async fn a_component_that_computes_for_ever_is_ended() {
    let stage = Stage::new();
    let app = stage.app_with("proxy", quick(), &[]).await;
    assert_eq!(get(&app, "/loop").await.unwrap_err().code, Code::H12);
    assert_eq!(read(&app, "/hello").await, "Hello from a component!\n");
}

#[tokio::test]
async fn a_check_says_what_an_app_may_do() {
    let stage = Stage::new();
    assert_eq!(stage.check("proxy").await.unwrap().to_string(), "http-out, log");
    assert_eq!(stage.check("env").await.unwrap().to_string(), "config, log");
}

#[tokio::test]
async fn what_cannot_run_here_is_refused_with_a_reason() {
    let stage = Stage::new();
    for (guest, reason) in [
        ("needs-database", "needs `acme:database/query@1.0.0`, which the platform does not offer"),
        ("needs-gpu", "needs `gpu::draw`, which the platform does not offer"),
        ("library", "This core module exports add. A web process is"),
    ] {
        let refusal = stage.check(guest).await.unwrap_err();
        assert!(!refusal.is_fault() && refusal.to_string().contains(reason), "{refusal}");
    }
    let guest = std::fs::read_to_string(format!("{}/tests/guests/needs-database.wat", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let later = guest.replace("acme:database/query@1.0.0", "wasi:http/query@0.9.0");
    let later = stage.manifest(paas_model::Launch::wasm("app.wat"), &[("app.wat", later.as_bytes())]);
    let refusal = stage.runtime.check(AppId::generate(), &later, &paas_model::output::Output::new(|_: &str| {})).await.unwrap_err().to_string();
    assert!(refusal.contains("needs `wasi:http/query@0.9.0`") && refusal.contains("The nearest that it offers is wasi:http@0.3.0"), "{refusal}");
    let text = stage.manifest(paas_model::Launch::wasm("app.wasm"), &[("app.wasm", b"hello")]);
    let refusal = stage.runtime.check(AppId::generate(), &text, &paas_model::output::Output::new(|_: &str| {})).await.unwrap_err();
    assert!(refusal.to_string().starts_with("This is not WebAssembly"), "{refusal}");
}
