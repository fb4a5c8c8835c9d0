//! The same commit with the same buildpacks gives the same slug, for each buildpack: built again with the app's cache, and on another node, which makes
//! its toolchains itself.
use paas_tests::{Developer, Platform, Repository};
use serde_json::Value;

async fn slug(developer: &Developer, app: &str) -> String {
    let build: Value = serde_json::from_str(&developer.run(&format!("builds:info -a {app} --json")).await.ok()).expect("the command prints JSON");
    assert_eq!(build["status"], "succeeded", "{build}");
    build["slug"]["id"].as_str().unwrap_or_else(|| panic!("{build}")).to_string()
}

/// Pushes a repository's commit to another platform, where it answers, too.
async fn push_as(platform: &Platform, repository: &Repository<'_>, app: &str) {
    platform.developer().run(&format!("create {app} --no-remote")).await.ok();
    let key = format!("http.extraHeader=Authorization: Bearer {}", platform.key());
    repository.git(&["-c", &key, "push", &format!("{}/{app}.git", platform.url()), "main"]).await.ok();
    assert_eq!(platform.visitor().get(app, "/").await.status, 200, "{app}");
}

async fn is_reproducible(samples: &[&str]) {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let elsewhere = Platform::start_elsewhere().await;
    for sample in samples {
        let repository = developer.start_app(sample, sample).await;
        repository.push().await.ok();
        let first = slug(&developer, sample).await;
        let other = format!("{sample}-2");
        push_as(&elsewhere, &repository, &other).await;
        assert_eq!(slug(&elsewhere.developer(), &other).await, first, "{sample}, built on another node");
        repository.git(&["commit", "--quiet", "--allow-empty", "-m", "The same"]).await.ok();
        repository.push().await.ok();
        assert_eq!(slug(&developer, sample).await, first, "{sample}, built with its cache");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_modules_and_javascript_are_reproducible() {
    is_reproducible(&["static-rules", "wasm-hello", "express-ejs", "vite-site"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_is_reproducible() {
    is_reproducible(&["python-flask"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn compiled_programs_are_reproducible() {
    is_reproducible(&["c-cgi", "cpp-cmake", "go-http"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rust_is_reproducible() {
    is_reproducible(&["rust-wstd", "spin-shop"]).await;
}
