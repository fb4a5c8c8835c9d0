//! What git's own users do besides pushing main.
use paas_tests::{Developer, Platform, Ran, platform::project};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn other_branches_and_tags_are_kept_but_do_not_deploy() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    let branch = repository.git(&["push", "paas", "main:feature"]).await;
    assert!(branch.stderr.contains("skipping build"), "{}", branch.stderr);
    branch.ok();
    repository.git(&["tag", "one"]).await.ok();
    repository.git(&["push", "paas", "one"]).await.ok();
    assert!(developer.run("releases -a site").await.ok().contains("Current: v1"));

    repository.push().await.ok();
    repository.git(&["push", "paas", ":feature"]).await.ok();
    let delete = repository.git(&["push", "paas", ":main"]).await;
    assert_ne!(delete.code, 0, "{}", delete.stderr);
    assert!(repository.remote_ref("refs/heads/main").await.is_some());
    let again = repository.push().await;
    assert!(again.text().contains("Everything up-to-date"), "{}", again.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_gives_back_what_was_pushed() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.push().await.ok();
    let url = format!("http://any:{}@localhost:{}/site.git", platform.key(), platform.port);
    let mut clone = developer.command("git");
    clone.args(["clone", "--quiet", &url, "cloned"]);
    Ran::of(clone).await.ok();
    let page = std::fs::read_to_string(developer.home().join("cloned/index.html")).unwrap();
    assert_eq!(page, std::fs::read_to_string(project().join("tests/apps/static-hello/index.html")).unwrap());
}

/// Past git's post buffer, so that the pack comes in chunks after a probe without credentials.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_of_several_megabytes_arrives_whole() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    let noise: String = (0..200_000).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
    repository.write("noise.txt", &noise);
    repository.commit("Noise").await;
    repository.push().await.ok();
    assert!(platform.visitor().get("site", "/noise.txt").await.text == noise, "6 MB come back as they went");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_and_a_missing_app_are_told_apart_only_by_those_who_may() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.run("create site --no-remote").await.ok();
    let list = |key: String, app: &'static str| {
        let mut command = developer.command("git");
        command.args(["ls-remote", &format!("http://any:{key}@localhost:{}/{app}.git", platform.port)]);
        Ran::of(command)
    };
    let wrong: Vec<_> = [list("wrong".into(), "site").await, list("wrong".into(), "missing").await]
        .into_iter()
        .map(|ran| ran.stderr.replace("missing", "site"))
        .collect();
    assert!(wrong[0].contains("Authentication failed"), "{}", wrong[0]);
    assert_eq!(wrong[0], wrong[1], "a stranger learns nothing of which apps exist");
    assert_ne!(list(platform.key(), "missing").await.code, 0);
    list(platform.key(), "site").await.ok();
}

/// Debian's git and a newer one, where the machine has both.
#[tokio::test(flavor = "multi_thread")]
async fn every_git_on_this_machine_can_push() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let gits: Vec<&Path> = [Path::new("/usr/bin/git"), Path::new("/usr/local/bin/git")].into_iter().filter(|git| git.exists()).collect();
    assert!(!gits.is_empty());
    for (number, git) in gits.iter().enumerate() {
        let app = format!("site-{number}");
        let repository = developer.start_app(&app, "static-hello").await;
        push_with(&developer, git, &repository.path).await.ok();
        assert!(developer.run(&format!("releases -a {app}")).await.ok().contains("Current: v2"));
    }
}

async fn push_with(developer: &Developer, git: &Path, repository: &Path) -> Ran {
    let mut command = developer.command(git);
    command.args(["push", "paas", "main"]).current_dir(repository);
    Ran::of(command).await
}
