//! A rollback brings back code and config, as a new release, without a build.
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_brings_back_code_and_config() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();
    developer.run("config:set GREETING=Bye -a hello").await.ok();
    repository.write("index.js", "export default { fetch: () => new Response('second: ' + process.env.GREETING) };");
    repository.commit("Second").await;
    repository.push().await.ok();
    let visitor = platform.visitor();
    assert_eq!(visitor.get("hello", "/").await.text, "second: Bye");

    let back = developer.run("rollback v2 -a hello").await;
    assert!(back.text().contains("Rolling back ⬢ hello to v2... done, v5"), "{}", back.text());
    assert_eq!(visitor.get("hello", "/").await.text, "Hello, world!\n");
    assert_eq!(visitor.get("hello--v4", "/").await.text, "second: Bye", "every release stays at its own address");
    assert_eq!(visitor.get("hello--v3", "/").await.text, "Bye, world!\n");
    assert_eq!(developer.run("config -a hello").await.ok().matches("GREETING").count(), 0);
    assert!(developer.run("releases -a hello").await.ok().contains("Rollback to v2"));

    for bad in ["rollback v1 -a hello", "rollback v99 -a hello", "rollback nonsense -a hello"] {
        assert_ne!(developer.run(bad).await.code, 0, "{bad}");
    }
}
