//! An operator asks what the machine gives the platform.
use paas_tests::Platform;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_grades_the_sandbox_and_the_database() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let words = developer.run("doctor").await.ok();
    assert!(words.contains("build sandbox") && words.contains("database"), "{words}");
    let checks: Vec<Value> = serde_json::from_str(&developer.run("doctor --json").await.ok()).unwrap();
    let grade = checks[0]["detail"].as_str().unwrap();
    assert!(["strong", "fair"].iter().any(|level| grade.starts_with(level)), "{grade}");
    assert_eq!(checks[2]["detail"], "system calls that no build needs are denied (seccomp)", "{checks:?}");
    assert_eq!(checks[3]["status"], "ok", "{checks:?}");
}
