//! A failed build changes nothing: not the ref, not the running release.
use paas_tests::Platform;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_build_leaves_the_ref_and_the_running_release_alone() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.push().await.ok();
    let good = repository.head().await;
    let page = platform.visitor().get("site", "/").await.text;

    repository.git(&["rm", "-rq", "."]).await.ok();
    repository.write("notes.txt", "no buildpack knows this");
    repository.commit("Break it").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("remote:  !     Push rejected to site."), "{}", push.stderr);
    assert!(push.stderr.contains("[remote rejected] main -> main (pre-receive hook declined)"), "{}", push.stderr);

    assert_eq!(repository.remote_ref("refs/heads/main").await, Some(good));
    assert_eq!(platform.visitor().get("site", "/").await.text, page);
    let releases: Vec<Value> = serde_json::from_str(&developer.run("releases -a site --json").await.ok()).unwrap();
    assert_eq!(releases.len(), 2, "{releases:?}");
    let builds: Vec<Value> = serde_json::from_str(&developer.run("builds -a site --json").await.ok()).unwrap();
    assert_eq!(builds[0]["status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_javascript_app_that_throws_at_boot_is_refused_with_its_own_stack() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();
    repository
        .write("index.js", "function boot() { throw new Error('no database URL') }\nboot();\nexport default { fetch: () => new Response('x') };\n");
    repository.commit("Throw at boot").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("no database URL"), "{}", push.stderr);
    assert!(push.stderr.contains("Push rejected to hello."), "{}", push.stderr);
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Hello, world!\n");

    repository.write("index.js", "const a = 1;\nconst b = ;\nexport default { fetch: () => new Response(a) };\n");
    repository.commit("Break the syntax").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("index.js:2"), "the place of the mistake is shown:\n{}", push.stderr);
}
