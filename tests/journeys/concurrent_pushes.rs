//! Two pushes to one app at once: one deploys, the other waits and then either deploys too or is refused, never both halves.
use futures::future::join;
use paas_tests::Platform;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn two_pushes_at_once_never_mix() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let first = developer.start_app("site", "static-hello").await;
    let second = developer.unpublished("elsewhere").await;
    paas_tests::sample::copy("static-hello", &second.path);
    second.write("index.html", "<!doctype html><title>second</title>");
    second.commit("Another history").await;
    let remote = first.git(&["remote", "get-url", "paas"]).await.ok();
    second.git(&["remote", "add", "paas", remote.trim()]).await.ok();
    developer.run("whoami").await.ok();
    for (key, value) in credentials(&first).await {
        second.git(&["config", "--add", &key, &value]).await.ok();
    }

    let (one, two) = join(first.push(), second.push()).await;
    let succeeded = [&one, &two].into_iter().filter(|push| push.code == 0).count();
    assert_eq!(succeeded, 1, "first:\n{}\nsecond:\n{}", one.stderr, two.stderr);
    let refused = if one.code == 0 { &two } else { &one };
    assert!(refused.stderr.contains("rejected"), "{}", refused.stderr);

    let releases: Vec<Value> = serde_json::from_str(&developer.run("releases -a site --json").await.ok()).unwrap();
    assert_eq!(releases.len(), 2);
    let winner = if one.code == 0 { first.head().await } else { second.head().await };
    assert_eq!(first.remote_ref("refs/heads/main").await.as_deref(), Some(winner.as_str()));
    assert_eq!(releases[0]["commit"], winner);
}

/// The credential helper that `paas create` has set up in a repository.
async fn credentials(repository: &paas_tests::Repository<'_>) -> Vec<(String, String)> {
    let listed = repository.git(&["config", "--local", "--get-regexp", "^credential"]).await.ok();
    listed.lines().filter_map(|line| line.split_once(' ')).map(|(key, value)| (key.to_string(), value.to_string())).collect()
}
