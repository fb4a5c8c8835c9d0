//! Builds: how long their parts took, how many run, and how one is ended.
use paas_tests::{Platform, Repository, eventually};
use serde_json::Value;
use std::{os::unix::fs::PermissionsExt, process::Child};

/// A buildpack in the source that builds until its folder is gone.
fn endless(repository: &Repository<'_>) {
    for (name, text) in [("detect", "#!/bin/sh\nexit 0\n"), ("build", "#!/bin/sh\necho '-----> Building for ever'\nwhile :; do sleep 1; done\n")] {
        let name = format!("slow/bin/{name}");
        repository.write(&name, text);
        std::fs::set_permissions(repository.path.join(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    repository.write("app.json", r#"{ "buildpacks": [{ "url": "./slow" }] }"#);
}

async fn builds(platform: &Platform, app: &str) -> Vec<Value> {
    serde_json::from_str(&platform.developer().run(&format!("builds -a {app} --json")).await.ok()).unwrap()
}

async fn output_has(platform: &Platform, app: &str, text: &str) {
    eventually(&format!("the build of {app} says {text:?}"), async || {
        let id = builds(platform, app).await.first()?["id"].as_str()?.to_string();
        let url = format!("{}/apps/{app}/builds/{id}/output", platform.url());
        let mut reply = reqwest::Client::new().get(url).bearer_auth(platform.key()).send().await.ok()?;
        let first = tokio::time::timeout(std::time::Duration::from_millis(500), reply.chunk()).await.ok()?.ok()??;
        String::from_utf8_lossy(&first).contains(text).then_some(())
    })
    .await;
}

fn push(repository: &Repository<'_>) -> Child {
    repository.git_command(&["push", "--quiet", "paas", "main"]).spawn().expect("git starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_says_how_long_its_parts_took() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    let pushed = repository.push().await;
    assert!(pushed.stderr.contains("-----> Times: "), "{}", pushed.stderr);
    pushed.ok();
    let info: Value = serde_json::from_str(&developer.run("builds:info -a site --json").await.ok()).unwrap();
    let names: Vec<&str> = info["phases"].as_array().unwrap().iter().map(|phase| phase["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"detect") && names.contains(&"build") && names.contains(&"store"), "{names:?}");
    assert!(developer.run("builds:info -a site").await.ok().contains("Buildpack: static@"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_cancelled_and_the_next_one_waits_for_its_place() {
    let platform = Platform::start_with(&[("PAAS_BUILDS", "1")]).await;
    let developer = platform.developer();
    let slow = developer.start_app("slow", "static-hello").await;
    endless(&slow);
    slow.commit("Build for ever").await;
    let mut pushing = push(&slow);
    output_has(&platform, "slow", "Building for ever").await;

    let quick = developer.start_app("quick", "static-hello").await;
    let mut waiting = push(&quick);
    output_has(&platform, "quick", "Waiting for a place: 1 builds run at a time").await;

    let cancelled = developer.run("builds:cancel -a slow").await.ok();
    assert!(cancelled.contains("Its push is rejected"), "{cancelled}");
    assert!(!pushing.wait().unwrap().success());
    assert!(waiting.wait().unwrap().success(), "the one that waited is built");
    assert_eq!(builds(&platform, "slow").await[0]["status"], "failed");
    let output = developer.run("builds:output -a slow").await.ok();
    assert!(output.contains("The build was cancelled by admin@localhost."), "{output}");
    assert_eq!(slow.remote_ref("refs/heads/main").await, None);
    let again = developer.run("builds:cancel -a slow").await;
    assert!(again.stderr.contains("does not run any more"), "{}", again.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_waits_for_the_push_before_it() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let slow = developer.start_app("site", "static-hello").await;
    endless(&slow);
    slow.commit("Build for ever").await;
    let mut pushing = push(&slow);
    output_has(&platform, "site", "Building for ever").await;
    let first = builds(&platform, "site").await[0]["id"].as_str().unwrap().to_string();

    let folder = developer.home().join("page");
    paas_tests::sample::copy("static-hello", &folder);
    let mut waiting = developer.start("builds:create --source-dir page -a site");
    output_has(&platform, "site", "Waiting for another push to site to end").await;
    assert_eq!(builds(&platform, "site").await[0]["status"], "pending");
    developer.run(&format!("builds:cancel {first} -a site")).await.ok();
    assert!(!pushing.wait().unwrap().success());
    assert!(waiting.wait().unwrap().success(), "the one that waited is built");
    let statuses: Vec<_> = builds(&platform, "site").await.iter().map(|build| build["status"].clone()).collect();
    assert_eq!(statuses, ["succeeded", "failed"]);
}
