//! What a source declares beyond answering requests is recorded with the release: further process types, a formation, cron.
use paas_tests::{Developer, Platform};
use serde_json::{Value, json};

const WANTS: &str = r#"{ "formation": { "web": { "quantity": 2 }, "worker": { "quantity": 3, "size": "Standard-1X" } },
  "cron": [{ "command": "tidy.wasm --all", "schedule": "0 3 * * *" },
           { "command": "report.wasm", "schedule": "@weekly", "concurrency_policy": "forbid" }] }"#;

async fn formation(platform: &Platform) -> Value {
    let url = format!("{}/apps/shop/formation", platform.url());
    reqwest::Client::new().get(url).bearer_auth(platform.key()).send().await.unwrap().json().await.unwrap()
}

async fn info(developer: &Developer, version: &str) -> Value {
    serde_json::from_str(&developer.run(&format!("releases:info {version} -a shop --json")).await.ok()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn process_types_formation_and_cron_are_recorded_with_the_release() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("shop", "wasm-hello").await;
    repository.write("Procfile", "web: hello.wat\nworker: node worker.js\nclock: node clock.js\n");
    repository.write("app.json", WANTS);
    repository.commit("Declare more").await;
    let push = repository.push().await;
    for text in [
        "Procfile declares types     -> clock, web, worker",
        "Recorded; not run yet       -> clock, worker",
        "Formation from app.json (recorded): web=2 worker=3:Standard-1X",
        "Cron from app.json (recorded; not run yet)",
        "0 3 * * *  tidy.wasm --all",
    ] {
        assert!(push.stderr.contains(text), "no {text:?} in\n{}", push.stderr);
    }
    push.ok();

    let shown = formation(&platform).await;
    let of = |name: &str| shown.as_array().unwrap().iter().find(|one| one["type"] == name).unwrap().clone();
    assert_eq!((&of("web")["quantity"], &of("web")["declared"]["quantity"]), (&json!(1), &json!(2)));
    let worker = of("worker");
    assert_eq!((&worker["command"], &worker["quantity"], &worker["declared"]["quantity"]), (&json!("node worker.js"), &json!(0), &json!(3)));
    assert_ne!(of("clock")["id"], worker["id"]);
    let ps = developer.run("ps -a shop").await.ok();
    for text in [
        "=== web (Instance): hello",
        "web.1: up ",
        "=== worker (recorded; not run yet): node worker.js (0)",
        "app.json asks for 3 of size Standard-1X",
        "=== clock (recorded; not run yet): node clock.js (0)",
        "0 3 * * *  tidy.wasm --all",
    ] {
        assert!(ps.contains(text), "no {text:?} in\n{ps}");
    }
    let told = developer.run("releases:info -a shop").await.ok();
    assert!(told.contains("worker: node worker.js (recorded; not run yet)") && told.contains("@weekly  report.wasm"), "{told}");

    developer.run("config:set COLOUR=blue -a shop").await.ok();
    let changed = info(&developer, "v3").await;
    assert_eq!(changed["cron"][1], json!({ "command": "report.wasm", "schedule": "@weekly", "maintenance": false, "concurrency_policy": "forbid" }));
    repository.write("Procfile", "web: hello.wat\n");
    repository.write("app.json", "{}");
    repository.commit("Declare less").await;
    repository.push().await.ok();
    assert_eq!((&info(&developer, "v4").await["cron"], &info(&developer, "v4").await["process_types"]), (&json!([]), &json!({ "web": "hello.wat" })));
    assert_eq!(formation(&platform).await.as_array().unwrap().len(), 1);
    developer.run("rollback v2 -a shop").await.ok();
    assert_eq!(info(&developer, "v5").await["process_types"], json!({ "web": "hello.wat", "worker": "node worker.js", "clock": "node clock.js" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cron_line_is_refused_with_its_field() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("shop", "wasm-hello").await;
    repository.write("app.json", r#"{ "cron": [{ "command": "tidy.wasm", "schedule": "0 25 * * *" }] }"#);
    repository.commit("A day of 26 hours").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("cron[0] has the schedule \"0 25 * * *\": invalid hour field: 25 is outside 0..=23"), "{}", push.stderr);
    assert!(push.stderr.contains("Correct app.json, commit it, and push again."), "{}", push.stderr);
}
