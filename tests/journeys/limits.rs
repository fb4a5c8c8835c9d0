//! Limits are an app's own choice below the operator's caps: seen, changed, felt, and taken back with a rollback.
use paas_tests::{Developer, Platform, eventually};
use reqwest::{Method, StatusCode};
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

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_wants_more_than_its_limits_is_stopped_and_its_log_says_why() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("greedy", "greedy").await;
    repository.push().await.ok();
    let narrow = "memory=256MB memory-soft=64MB cpu=300ms request-head=2KB request-body=1KB response=1MB log-lines=100";
    developer.run(&format!("limits:set {narrow} -a greedy")).await.ok();
    let visitor = platform.visitor();
    let (busy, head, body) = (StatusCode::SERVICE_UNAVAILABLE, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, StatusCode::PAYLOAD_TOO_LARGE);

    assert_eq!(visitor.get("greedy", "/").await.text, "What else is there?\n");
    for path in ["/memory", "/compute"] {
        assert_eq!(visitor.get("greedy", path).await.status, busy, "{path}");
    }
    assert!(visitor.try_get("greedy", "/answer-for-ever").await.is_err(), "it is broken off");
    for path in ["/some-memory", "/log"] {
        assert_eq!(visitor.get("greedy", path).await.text, "What else is there?\n", "{path}");
    }
    let post = || visitor.request(Method::POST, "greedy", "/");
    assert_eq!(post().body(vec![0; 1 << 10]).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(post().body(vec![0; 2 << 10]).send().await.unwrap().status(), body);
    assert_eq!(post().header("x-large", "x".repeat(2 << 10)).send().await.unwrap().status(), head);
    // By themselves: on a busy machine they would end what is to end for another reason.
    developer.run("limits:set first-byte=2s idle=300ms -a greedy").await.ok();
    assert_eq!(visitor.get("greedy", "/wait").await.status, busy);
    assert!(visitor.try_get("greedy", "/begin-and-wait").await.is_err(), "it is broken off");

    let log = eventually("the log tells all", async || {
        let log = developer.run("logs -n 1000 -a greedy").await.ok();
        (log.contains("status=431") && log.contains("code=H15")).then_some(log)
    })
    .await;
    for words in [
        "Error R14 (Memory quota exceeded)",
        "Error R15 (Memory quota vastly exceeded)",
        "code=H10 desc=\"App crashed\" method=GET path=\"/memory\"",
        "Stopping process: it computed for longer than its 300 ms of processor time",
        "code=H12 desc=\"Request timeout\" method=GET path=\"/compute\"",
        "code=H12 desc=\"Request timeout\" method=GET path=\"/wait\"",
        "code=H15 desc=\"Idle connection\" method=GET path=\"/begin-and-wait\"",
        "The answer is larger than the app's limit.",
        "code=H18 desc=\"Server Request Interrupted\" method=GET path=\"/answer-for-ever\"",
        "Error L10 (output buffer overflow): 900 lines of 4500 bytes dropped, this request logged too much.",
        "code=H26 desc=\"Request Error\" method=POST",
    ] {
        assert!(log.contains(words), "no {words:?} in\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_logs_more_than_it_may_in_a_second_is_told_how_much_was_dropped() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("greedy", "greedy").await;
    repository.push().await.ok();
    developer.run("limits:set log-lines-per-second=300 -a greedy").await.ok();
    assert_eq!(platform.visitor().get("greedy", "/log").await.text, "What else is there?\n");
    let log = eventually("the loss is told when the second is over", async || {
        let log = developer.run("logs -n 2000 -a greedy").await.ok();
        log.contains("bytes dropped, the app logged more than it may in a second.").then_some(log)
    })
    .await;
    // Of its thousand lines none is lost without a word. A second may end among them, and the next one has room for as many again.
    let kept = log.lines().filter(|line| line.contains("app[web.1]")).count();
    let told = log.lines().find_map(|line| line.split_once("overflow): ")?.1.split(' ').next()?.parse::<usize>().ok());
    assert_eq!(told.map(|dropped| kept + dropped), Some(1_000), "{log}");
    assert!((300..=600).contains(&kept), "{kept} lines in\n{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_finds_the_queue_full_is_told_to_come_again() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("greedy", "greedy").await;
    repository.push().await.ok();
    developer.run("limits:set concurrency=1 queue=1 first-byte=3s -a greedy").await.ok();
    let visitor = platform.visitor();
    let replies = futures::future::join_all((0..4).map(|_| visitor.get("greedy", "/wait"))).await;
    let told = replies.iter().filter(|reply| reply.headers.contains_key("retry-after")).count();
    assert_eq!((told, replies.iter().all(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE)), (2, true), "{replies:?}");
    eventually("both refusals are in the log", async || {
        let log = developer.run("logs -a greedy").await.ok();
        (log.matches("code=H11 desc=\"Backlog too deep\"").count() == 2).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_cannot_answer_twice_keeps_its_fresh_instances() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("greedy", "greedy").await;
    repository.push().await.ok();
    let refused = developer.run("limits:set reuse=64 -a greedy").await;
    assert!(refused.stderr.contains("This app cannot answer several requests with one instance: a program in CGI form ends"), "{}", refused.stderr);
    let refused = developer.run("limits:set reuse=64 reuse-concurrent=8 -a greedy").await;
    assert!(refused.stderr.contains("only a component that exports wasi:http/handler@0.3 can"), "{}", refused.stderr);
    assert!(developer.run("releases -a greedy").await.ok().contains("Current: v2"));
}
