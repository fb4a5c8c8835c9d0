//! Starting and stopping: requests finish, nothing is left behind, and a start that cannot be says why.
use nix::sys::signal::Signal;
use paas_tests::{Platform, Ran};
use reqwest::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_no_process_and_a_start_brings_everything_back() {
    let mut platform = Platform::start().await;
    let key = platform.key();
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.push().await.ok();
    assert!(platform.postgres().is_some());
    let mut tail = developer.start("logs --tail -a site");

    let status = platform.stop().await;
    assert!(status.success(), "{status}");
    assert_eq!(platform.postgres(), None, "the database has stopped too");
    tail.kill().unwrap();
    tail.wait().unwrap();

    platform.run().await;
    assert_eq!(platform.key(), key);
    assert_eq!(platform.visitor().get("site", "/").await.status, StatusCode::OK);
    platform.signal(Signal::SIGINT);
    assert!(platform.ended().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_cannot_be_says_why_in_one_sentence() {
    let platform = Platform::start().await;
    let mut second = platform.command();
    second.arg("serve");
    let ran = Ran::of(second).await;
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    assert!(ran.stderr.contains("Another paasd works with"), "{}", ran.stderr);

    let elsewhere = tempfile::tempdir().unwrap();
    let mut third = platform.command();
    third.arg("serve").env("PAAS_DATA", elsewhere.path());
    let ran = Ran::of(third).await;
    assert_eq!(ran.code, 75, "{}", ran.stderr);
    assert!(ran.stderr.contains("is in use by another program"), "{}", ran.stderr);
}
