//! What requests cost is seen by the developer who owns the app, and by the operator's Prometheus.
use paas_tests::{Platform, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_and_an_operator_read_what_requests_cost() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "wasm-hello").await;
    repository.push().await.ok();
    let empty = developer.run("metrics -a hello").await.ok();
    assert!(empty.starts_with("Nobody has asked hello for anything since the platform started."), "{empty}");
    for _ in 0..3 {
        assert!(platform.visitor().get("hello", "/").await.status.is_success());
    }
    let table = eventually("all three are counted", async || {
        let table = developer.run("metrics -a hello").await.ok();
        table.lines().any(|line| line.starts_with("v2") && line.split_whitespace().nth(1) == Some("3")).then_some(table)
    })
    .await;
    assert!(table.contains("instantiate") && table.contains(" µs / ") && table.contains("65.5 kB / 65.5 kB / 65.5 kB"), "{table}");

    let line = developer.run("logs -a hello -p router -n 1").await.ok();
    for field in [" release=v2 cold=0 instantiate=", "us cpu=", "ms mem=", "MB trace_id="] {
        assert!(line.contains(field), "{field} is not in {line}");
    }

    let metrics = platform.visitor().request(reqwest::Method::GET, "paas", "/metrics");
    let text = metrics.bearer_auth(platform.key()).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("paas_requests_total{app=\"hello\",release=\"v2\",status=\"2xx\"} 3"), "{text}");
    let closed = platform.visitor().get("paas", "/metrics").await;
    assert_eq!(closed.status, 401, "{}", closed.text);
}
