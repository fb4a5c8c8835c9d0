//! What a build leaves written down: lock files, toolchain, and the packages in its slug.
use paas_tests::{Developer, Platform, Ran, platform::project};
use serde_json::Value;
use std::fs;

async fn json(developer: &Developer, words: &str) -> Value {
    serde_json::from_str(&developer.run(words).await.ok()).expect("the command prints JSON")
}

/// By the strict schema of CycloneDX itself.
async fn assert_valid(developer: &Developer, sbom: &Value) {
    let tool = project().join("tests/sbom");
    assert!(tool.join("node_modules").exists(), "{} is not installed: run tests/install.sh", tool.display());
    let document = developer.home().join("sbom.json");
    fs::write(&document, sbom.to_string()).unwrap();
    let mut check = developer.command("node");
    check.arg(tool.join("check.mjs")).arg(&document);
    let checked = Ran::of(check).await;
    assert_eq!(checked.code, 0, "{}\n{sbom:#}", checked.stderr);
}

fn purls(sbom: &Value) -> Vec<&str> {
    assert_eq!((&sbom["bomFormat"], &sbom["specVersion"]), (&"CycloneDX".into(), &"1.5".into()));
    sbom["components"].as_array().unwrap().iter().filter_map(|component| component["purl"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_of_javascript_names_what_it_was_made_of() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("first", "koa-api").await;
    repository.push().await.ok();
    let build = json(&developer, "builds:info -a first --json").await;
    assert_eq!((&build["buildpacks"][0]["name"], &build["locks"][0]["name"]), (&"javascript".into(), &"package-lock.json".into()));
    assert!(build["buildpacks"][0]["version"].is_string() && build["toolchain"]["node"].is_string(), "{build}");
    let sbom = json(&developer, "builds:sbom -a first").await;
    assert_valid(&developer, &sbom).await;
    assert!(purls(&sbom).iter().any(|purl| purl.starts_with("pkg:npm/koa@")), "{sbom}");
    let shown = developer.run("builds:info -a first").await.ok();
    assert!(shown.contains("=== Toolchain") && shown.contains("package-lock.json: "), "{shown}");

    developer.run("create second --no-remote").await.ok();
    repository.git(&["remote", "add", "second", &format!("{}/second.git", platform.url())]).await.ok();
    let key = format!("http.extraHeader=Authorization: Bearer {}", platform.key());
    repository.git(&["-c", &key, "push", "second", "main"]).await.ok();
    let again = json(&developer, "builds:info -a second --json").await;
    assert_eq!(again["slug"], build["slug"], "the same commit gives the same slug");
    assert_eq!(json(&developer, "builds:sbom -a second").await, sbom);
    assert_eq!(again["sbom"], build["sbom"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_of_python_names_what_pip_installed() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.start_app("page", "python-flask").await.push().await.ok();
    let build = json(&developer, "builds:info -a page --json").await;
    assert_eq!((&build["locks"][0]["name"], &build["toolchain"]["cpython"]), (&"requirements.txt".into(), &"3.14".into()));
    let sbom = json(&developer, "builds:sbom -a page").await;
    assert_valid(&developer, &sbom).await;
    for package in ["flask", "werkzeug", "jinja2"] {
        assert!(purls(&sbom).iter().any(|purl| purl.starts_with(&format!("pkg:pypi/{package}@"))), "{package} is not in {sbom}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_has_no_packages_and_a_failed_build_no_bill() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.push().await.ok();
    let sbom = json(&developer, "builds:sbom -a site").await;
    assert_valid(&developer, &sbom).await;
    assert!(purls(&sbom).is_empty(), "{sbom}");
    repository.write("Procfile", "nonsense\n");
    repository.commit("Break it").await;
    assert_ne!(repository.push().await.code, 0);
    let none = developer.run("builds:sbom -a site").await;
    assert!(none.code == 4 && none.stderr.contains("has no bill of materials"), "{}", none.stderr);
}
