//! Deploys without git: an archive of source, a folder, a slug that was built elsewhere.
use crate::release_phase::migration;
use flate2::{Compression, write::GzEncoder};
use paas_tests::{Developer, Platform, sample};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tar::{Builder, EntryType, Header};

async fn json(developer: &Developer, words: &str) -> Value {
    serde_json::from_str(&developer.run(words).await.ok()).expect("the command prints JSON")
}

fn paths(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect());
    entries.unwrap_or_default()
}

/// An archive with a page and one entry that no honest one has.
fn hostile(path: &Path, kind: EntryType, name: &str, target: &str) {
    let mut archive = Builder::new(GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast()));
    let mut page = Header::new_gnu();
    page.set_size(2);
    archive.append_data(&mut page, "index.html", "no".as_bytes()).unwrap();
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
    header.set_size(0);
    header.set_cksum();
    archive.append(&header, &[][..]).unwrap();
    archive.into_inner().unwrap().finish().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_an_archive_deploy_as_a_push_does() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.run("create site --no-remote").await.ok();
    let folder = developer.home().join("page");
    sample::copy("static-hello", &folder);
    let built = developer.run("builds:create --source-dir page -a site").await;
    for text in ["Packing page... done", "Building source:", "Static site app detected", "Released v2"] {
        assert!(built.text().contains(text), "no {text:?} in\n{}", built.text());
    }
    built.ok();
    let page = platform.visitor().get("site", "/").await.text;
    assert_eq!(page, fs::read_to_string(folder.join("index.html")).unwrap());
    let first = &json(&developer, "builds -a site --json").await[0];
    assert_eq!((&first["status"], first["source_blob"]["version"].as_str().unwrap().len()), (&json!("succeeded"), 64));

    fs::write(folder.join("index.html"), "<!doctype html><title>second</title>").unwrap();
    let packed = std::process::Command::new("tar").args(["czf", "page.tgz", "page"]).current_dir(developer.home()).status().unwrap();
    assert!(packed.success());
    let build = json(&developer, "builds:create --source-tar page.tgz --version v1.2 -a site --json").await;
    assert_eq!((&build["status"], &build["source_blob"]["version"]), (&json!("succeeded"), &json!("v1.2")));
    assert!(platform.visitor().get("site", "/").await.text.contains("second"));
    let listed = developer.run("builds -a site").await.ok();
    assert!(listed.contains("v1.2") && listed.contains("static@"), "{listed}");
    assert!(developer.run("releases -a site").await.ok().contains("Deploy v1.2"));

    for (kind, name, target, why) in [
        (EntryType::Regular, "../evil", "", "leads out of the archive"),
        (EntryType::Regular, "/tmp/evil", "", "is an absolute path"),
        (EntryType::Symlink, "secret", "/etc/passwd", "is a link to /etc/passwd"),
        (EntryType::Block, "disk", "", "is a device"),
    ] {
        hostile(&developer.home().join("evil.tgz"), kind, name, target);
        let refused = developer.run("builds:create --source-tar evil.tgz -a site").await;
        assert!(refused.code == 1 && refused.text().contains(why) && refused.text().contains("Push rejected to site."), "{}", refused.text());
    }
    assert_eq!(paths(&platform.data().join("work")), Vec::<String>::new());
    assert!(platform.visitor().get("site", "/").await.text.contains("second"), "what answers is as it was");
    assert_eq!(json(&developer, "builds -a site --json").await[0]["status"], "failed");
    assert!(developer.run("releases -a site").await.ok().contains("Current: v3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_sent_here_is_built() {
    let platform = Platform::start().await;
    platform.developer().run("create site --no-remote").await.ok();
    let http = Client::new();
    let post = async |path: &str, body: Value| {
        let answer = http.post(format!("{}{path}", platform.url())).bearer_auth(platform.key()).json(&body).send().await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let build = async |blob: Value| post("/apps/site/builds", json!({ "source_blob": blob })).await;
    for url in ["http://169.254.169.254/latest", "https://example.com/source.tgz", "file:///etc/passwd", ""] {
        let (status, answer) = build(json!({ "url": url })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer["message"].as_str().unwrap().contains("no other address is fetched"), "{answer}");
    }
    let (status, source) = post("/sources", json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    let (get, put) = (source["source_blob"]["get_url"].as_str().unwrap(), source["source_blob"]["put_url"].as_str().unwrap());
    let (status, answer) = build(json!({ "url": get })).await;
    assert!(status == 422 && answer["message"].as_str().unwrap().contains("There is no archive at this place"), "{answer}");
    let local = |url: &str| url.replace("paas.localhost", "localhost");
    let send = async |url: &str| http.put(local(url)).body("these are not files").send().await.unwrap().status();
    assert_eq!(send(&format!("{put}0")).await, StatusCode::NOT_FOUND);
    assert_eq!(send(put).await, StatusCode::OK);
    assert_eq!(send(put).await, StatusCode::CONFLICT, "an archive that a build may read is never replaced");
    assert_eq!(http.get(local(get)).send().await.unwrap().text().await.unwrap(), "these are not files");
    let (status, answer) = build(json!({ "url": get, "checksum": format!("SHA256:{}", "0".repeat(64)) })).await;
    assert!(status == 422 && answer["message"].as_str().unwrap().contains("is not that of the archive that arrived"), "{answer}");

    let (status, began) = build(json!({ "url": get, "version": "v1" })).await;
    assert_eq!((status, &began["status"]), (StatusCode::CREATED, &json!("pending")));
    let stream = local(began["output_stream_url"].as_str().unwrap());
    let output = http.get(stream).bearer_auth(platform.key()).send().await.unwrap().text().await.unwrap();
    assert!(output.contains("no whole .tar.gz archive") && output.contains("Push rejected to site."), "{output}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_goes_every_step_of_a_push_and_names_its_own_buildpack() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.run("create shop --no-remote").await.ok();
    let folder = developer.home().join("shop");
    sample::copy("wasm-hello", &folder);
    fs::write(folder.join("Procfile"), "web: hello.wat\nrelease: migrate.wat\n").unwrap();
    fs::write(folder.join("migrate.wat"), migration("12 tables migrated", 0)).unwrap();
    let built = developer.run("builds:create --source-dir shop -a shop").await;
    let (ran, released) = (built.stdout.find("12 tables migrated"), built.stdout.find("Released v2"));
    assert!(ran.is_some() && ran < released, "{}", built.text());
    built.ok();
    fs::write(folder.join("migrate.wat"), migration("column missing", 3)).unwrap();
    let refused = developer.run("builds:create --source-dir shop -a shop").await;
    assert!(refused.code == 1 && refused.text().contains("Release command failed: exited with status 3"), "{}", refused.text());
    assert!(developer.run("releases -a shop").await.ok().contains("Current: v2"));

    fs::write(folder.join("index.html"), "<title>page</title>").unwrap();
    fs::remove_file(folder.join("Procfile")).unwrap();
    assert!(std::process::Command::new("tar").args(["czf", "shop.tgz", "shop"]).current_dir(developer.home()).status().unwrap().success());
    let http = Client::new();
    let post = async |path: &str, body: Value| {
        let answer = http.post(format!("{}{path}", platform.url())).bearer_auth(platform.key()).json(&body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let source = post("/sources", json!({})).await["source_blob"]["get_url"].as_str().unwrap().to_string();
    let body = fs::read(developer.home().join("shop.tgz")).unwrap();
    assert!(http.put(source.replace("paas.localhost", "localhost")).body(body).send().await.unwrap().status().is_success());
    let build = post("/apps/shop/builds", json!({ "source_blob": { "url": source }, "buildpacks": [{ "url": "static" }] })).await;
    let id = build["id"].as_str().unwrap();
    let output = developer.run(&format!("builds:output {id} -a shop")).await.ok();
    assert!(output.contains("Released v3"), "{output}");
    assert!(json(&developer, &format!("builds:info {id} -a shop --json")).await["buildpack"].as_str().unwrap().starts_with("static@"));
    assert_eq!(platform.visitor().get("shop", "/").await.text, "<title>page</title>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_that_was_built_elsewhere_is_checked_and_released() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    developer.run("create tool --no-remote").await.ok();
    let (source, folder) = (developer.home().join("source"), developer.home().join("slug"));
    sample::copy("wasm-hello", &source);
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("hello.wasm"), wat::parse_file(source.join("hello.wat")).unwrap()).unwrap();
    fs::write(folder.join("slug.toml"), "[processes.web]\nkind = \"wasm\"\nfile = \"hello.wasm\"\n").unwrap();
    let sent = developer.run("slugs:upload slug -a tool --commit 4c47f1a2").await;
    assert!(sent.stderr.contains("done, v2"), "{}", sent.stderr);
    sent.ok();
    assert_eq!(platform.visitor().get("tool", "/").await.text, "Hello from WebAssembly\n");
    let build = &json(&developer, "builds -a tool --json").await[0];
    assert_eq!((&build["status"], &build["buildpack"]), (&json!("succeeded"), &json!("prebuilt")));
    assert!(developer.run("releases -a tool").await.ok().contains("Deploy 4c47f1a2"));

    fs::write(folder.join("slug.toml"), "[processes.web]\nkind = \"wasm\"\nfile = \"other.wasm\"\n").unwrap();
    let refused = developer.run("slugs:upload slug -a tool").await;
    assert!(refused.code == 1 && refused.stderr.contains("starts other.wasm, which the slug does not contain"), "{}", refused.stderr);
    fs::remove_file(folder.join("slug.toml")).unwrap();
    let refused = developer.run("slugs:upload slug -a tool").await;
    assert!(refused.stderr.contains("it has no slug.toml. Correct it, and send it again."), "{}", refused.stderr);
    fs::write(folder.join("hello.wasm"), "no module").unwrap();
    fs::write(folder.join("slug.toml"), "[processes.web]\nkind = \"wasm\"\nfile = \"hello.wasm\"\n").unwrap();
    assert_eq!(developer.run("slugs:upload slug -a tool").await.code, 1);
    assert_eq!(platform.visitor().get("tool", "/").await.text, "Hello from WebAssembly\n");
    assert_eq!(paths(&platform.data().join("work")), Vec::<String>::new());
}
