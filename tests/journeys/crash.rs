//! `kill -9` at the worst moments: afterwards every finished release answers, no unfinished one does, and the next push works.
use paas_tests::{Platform, eventually};
use reqwest::StatusCode;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

/// Pushes, kills paasd as soon as the push's output contains `word`, and waits until the client has failed or ended.
async fn push_and_kill(platform: &mut Platform, repository: &paas_tests::Repository<'_>, word: &str) {
    let mut command = repository.git_command(&["push", "--progress", "paas", "main"]);
    let mut push = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(push.stderr.take().unwrap());
    let word = word.to_string();
    let lines = tokio::task::spawn_blocking(move || {
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(&word) {
            let read = lines.read_until(b'\n', &mut seen).unwrap();
            assert_ne!(read, 0, "the push ended before {word:?}:\n{}", String::from_utf8_lossy(&seen));
        }
        lines
    })
    .await
    .unwrap();
    platform.kill().await;
    drop(lines);
    eventually("the push ends", async || push.try_wait().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_build_the_old_release_answers_and_the_next_push_works() {
    let mut platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();
    let postgres = platform.postgres();
    repository.write("index.js", "export default { fetch: () => new Response('second') };");
    let second = repository.commit("Second").await;

    push_and_kill(&mut platform, &repository, "app detected").await;
    platform.run().await;
    assert_eq!(platform.postgres(), postgres, "the database was adopted, not replaced");
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Hello, world!\n");
    let builds: Vec<Value> = serde_json::from_str(&developer.run("builds -a hello --json").await.ok()).unwrap();
    assert_eq!(builds[0]["status"], "failed", "{builds:?}");
    assert_ne!(repository.remote_ref("refs/heads/main").await, Some(second.clone()));

    repository.push().await.ok();
    assert_eq!(platform.visitor().get("hello", "/").await.text, "second");
    assert_eq!(repository.remote_ref("refs/heads/main").await, Some(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_just_after_released_the_new_release_answers() {
    let mut platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    push_and_kill(&mut platform, &repository, "Released v2").await;
    platform.run().await;
    assert_eq!(platform.visitor().get("site", "/").await.status, StatusCode::OK);
    assert!(developer.run("releases -a site").await.ok().contains("Current: v2"));

    repository.write("index.html", "<!doctype html><title>next</title>");
    repository.commit("Next").await;
    repository.push().await.ok();
    assert!(platform.visitor().get("site", "/").await.text.contains("next"));
}
