//! A guest that loops for ever is ended, and its neighbours do not notice.
use paas_tests::{Platform, eventually};
use reqwest::StatusCode;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_looping_guest_does_not_slow_a_healthy_one() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let looping = developer.start_app("looping", "javascript-hello").await;
    let healthy = developer.start_app("healthy", "javascript-hello").await;
    looping.push().await.ok();
    healthy.push().await.ok();
    let visitor = platform.visitor();

    let loops: Vec<_> = (0..4)
        .map(|_| {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.get("looping", "/loop").await })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    let mut answered = 0;
    while !loops.iter().all(|request| request.is_finished()) {
        let began = Instant::now();
        assert_eq!(visitor.get("healthy", "/").await.text, "Hello, world!\n");
        slowest = slowest.max(began.elapsed());
        answered += 1;
    }
    println!("beside 4 loops on {} cores: {answered} answers, the slowest in {slowest:?}", std::thread::available_parallelism().unwrap());
    assert!(answered > 10, "only {answered} answers beside the loops");
    for request in loops {
        assert_eq!(request.await.unwrap().status, StatusCode::SERVICE_UNAVAILABLE);
    }
    eventually("the log says why", async || {
        let log = developer.run("logs -a looping -s paas").await.ok();
        log.contains("at=error code=H12 desc=\"Request timeout\"").then_some(())
    })
    .await;
    assert_eq!(visitor.get("looping", "/").await.text, "Hello, world!\n", "the next request finds a fresh instance");
}
