//! `paas logs --tail` shows a line as soon as the app writes it.
use paas_tests::Platform;
use std::io::{BufRead, BufReader};

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_follows_live() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();
    let mut tail = developer.start("logs --tail -n 5 -a hello");
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let seen = tokio::task::spawn_blocking(move || {
        let mut wait_for = |word: &str| lines.find_map(|line| line.ok().filter(|line| line.contains(word)));
        (wait_for("Release v2 created"), wait_for("GET /seen-by-the-tail"))
    });
    let visits = async {
        loop {
            platform.visitor().get("hello", "/seen-by-the-tail").await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let seen = tokio::select! { seen = seen => seen.unwrap(), () = visits => unreachable!("visits never end") };
    tail.kill().unwrap();
    tail.wait().unwrap();
    assert!(seen.0.is_some_and(|line| line.contains("paas[api]:")), "a tail begins with the past");
    assert!(seen.1.is_some_and(|line| line.contains("[web.1]: GET") || line.contains("[router]:")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_outlives_a_restart() {
    let mut platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.push().await.ok();
    platform.visitor().get("site", "/before-the-restart").await;
    assert!(platform.stop().await.success());
    platform.run().await;
    let log = developer.run("logs -n 1500 -a site").await.ok();
    assert!(log.contains("path=\"/before-the-restart\""), "{log}");
}
