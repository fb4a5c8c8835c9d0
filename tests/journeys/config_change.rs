//! A config change is a release, and the next request sees it, without a push.
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_config_change_makes_a_release_that_the_next_request_sees() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();
    let visitor = platform.visitor();

    let set = developer.run("config:set GREETING=Ahoy -a hello").await;
    assert!(set.text().contains("Setting GREETING and restarting ⬢ hello... done, v3"), "{}", set.text());
    set.ok();
    assert_eq!(visitor.get("hello", "/").await.text, "Ahoy, world!\n", "read at the module's top level");
    assert_eq!(visitor.get("hello", "/env").await.text, r#"{"process":"Ahoy","argument":"Ahoy"}"#);
    assert_eq!(visitor.get("hello--v2", "/").await.text, "Hello, world!\n", "an old release keeps its config");

    developer.run("config:unset GREETING -a hello").await.ok();
    assert_eq!(visitor.get("hello", "/").await.text, "Hello, world!\n");
    let releases = developer.run("releases -a hello").await.ok();
    for line in ["Remove GREETING config vars", "Set GREETING config vars", "Initial release", "Current: v4"] {
        assert!(releases.contains(line), "no {line:?} in\n{releases}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_made_is_refused_and_makes_no_release() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.run("create plain --no-remote").await.ok();
    for bad in ["config:set 1A=x -a plain", "config:set PAAS_X=1 -a plain", "config:set novalue -a plain"] {
        let refused = developer.run(bad).await;
        assert_ne!(refused.code, 0, "{bad}");
        assert!(!refused.stderr.is_empty());
    }
    assert!(developer.run("releases -a plain").await.ok().contains("Current: v1"));
}
