//! Limits are an app's own choice below the operator's caps: seen, changed, felt, and taken back with a rollback.
use paas_tests::{Developer, Platform};
use serde_json::Value;

async fn limit(developer: &Developer, name: &str) -> Value {
    let limits: Vec<Value> = serde_json::from_str(&developer.run("limits -a greedy --json").await.ok()).unwrap();
    limits.into_iter().find(|limit| limit["name"] == name).unwrap_or_else(|| panic!("no limit {name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_chosen_below_the_caps_and_go_back_with_a_rollback() {
    let platform = Platform::start_with(&[("PAAS_LIMIT_CAPS", "memory=512MB")]).await;
    let developer = platform.developer();
    let repository = developer.start_app("greedy", "greedy").await;
    repository.push().await.ok();
    let (memory, cpu) = (limit(&developer, "memory").await, limit(&developer, "cpu").await);
    assert_eq!((&memory["value"], &memory["cap"], &memory["set"]), (&"128MB".into(), &"512MB".into(), &false.into()));
    assert_eq!(cpu["value"], "30s");

    let set = developer.run("limits:set memory=256MB cpu=10s -a greedy").await;
    assert!(set.stderr.contains("Setting cpu, memory and restarting ⬢ greedy... done, v3"), "{}", set.stderr);
    assert_eq!(set.ok(), "memory: 256MB\ncpu:    10s\n");
    let table = developer.run("limits -a greedy").await.ok();
    let memory = table.lines().find(|line| line.starts_with("memory ")).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(memory[..4], ["memory", "256MB", "128MB", "512MB"], "{table}");
    assert!(developer.run("releases -a greedy").await.ok().contains("Set memory, cpu limits"));

    for (bad, words) in [
        ("limits:set memory=1GB -a greedy", "memory may be at most 512MB on this platform, not 1GB."),
        ("limits:set cpu=soon -a greedy", "\"soon\" is no value for cpu. Write a time such as 500ms, 10s or 2m."),
        ("limits:set memry=1GB -a greedy", "There is no limit \"memry\"."),
        ("limits:set memory -a greedy", "memory is invalid."),
    ] {
        let refused = developer.run(bad).await;
        assert!(refused.code != 0 && refused.stderr.contains(words), "{bad}: {}", refused.stderr);
    }
    repository.write("note.txt", "A push keeps the limits.");
    repository.commit("Second").await;
    repository.push().await.ok();
    assert_eq!(limit(&developer, "memory").await["value"], "256MB");

    developer.run("rollback v2 -a greedy").await.ok();
    assert_eq!(limit(&developer, "memory").await["value"], "128MB");
    developer.run("rollback v3 -a greedy").await.ok();
    developer.run("limits:unset memory -a greedy").await.ok();
    assert_eq!((limit(&developer, "memory").await["value"].as_str(), limit(&developer, "cpu").await["value"].as_str()), (Some("128MB"), Some("10s")));
}
