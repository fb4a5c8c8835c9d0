//! The slug's own files, seen at `/app` and through `paas:app/files`.
use crate::stage::{Stage, body, get, read, text};
use http::Request;
use http_body_util::BodyExt;
use paas_model::{Launch, Manifest, limits::Limits};
use paas_runtime::App;
use std::{fs, os::unix::fs::MetadataExt};

const NOT_PERMITTED: [&str; 2] = ["63", "69"]; // EPERM, EROFS
const NOT_CAPABLE: &str = "76";
const NO_SUCH_FILE: &str = "44";

/// A guest with a secret of the slug beside the folder that it sees.
fn manifest(stage: &Stage, guest: &str) -> Manifest {
    let path = format!("{}/tests/guests/{guest}.wat", env!("CARGO_MANIFEST_DIR"));
    let files: [(&str, &[u8]); 5] = [
        ("app.wat", &fs::read(path).unwrap()),
        ("secret", b"not for the app"),
        ("app/greeting.txt", b"hello from a file"),
        ("app/empty", b""),
        ("app/views/index.html", b"<p>index</p>"),
    ];
    Manifest { app_files: Some("app".into()), ..stage.manifest(Launch::wasm("app.wat"), &files) }
}

async fn app(stage: &Stage, guest: &str, config: &[(&str, &str)]) -> App {
    let app = stage.runtime.app(stage.target(manifest(stage, guest), Limits::default(), config));
    app.load().await.unwrap();
    app
}

/// What the guest `files` says of one operation.
async fn try_to(app: &App, operation: &str) -> String {
    let request = Request::post("/").header("Host", "h").body(body(operation.to_string())).unwrap();
    text(app.handle(request).await.result.unwrap()).await
}

#[tokio::test]
async fn a_module_reads_its_own_files() {
    let stage = Stage::new();
    let app = app(&stage, "files", &[]).await;
    assert_eq!(try_to(&app, "rgreeting.txt").await, "00 hello from a file");
    assert_eq!(try_to(&app, "rviews/../views/index.html").await, "00 <p>index</p>");
    assert_eq!(try_to(&app, "rempty").await, "00 ");
    assert_eq!(try_to(&app, "rsecret").await, format!("{NO_SUCH_FILE} "));
}

#[tokio::test]
async fn nothing_there_can_be_written_made_moved_or_removed() {
    let stage = Stage::new();
    let app = app(&stage, "files", &[]).await;
    for operation in
        ["wgreeting.txt", "tgreeting.txt", "cnew", "dnew", "eviews", "ugreeting.txt", "slink", "hgreeting.txt", "mgreeting.txt", "agreeting.txt"]
    {
        let said = try_to(&app, operation).await;
        assert!(NOT_PERMITTED.contains(&said.trim()), "{operation}: {said}");
    }
    assert_eq!(try_to(&app, "rgreeting.txt").await, "00 hello from a file");
    assert_eq!(try_to(&app, "rnew").await, format!("{NO_SUCH_FILE} "));
}

#[tokio::test]
async fn no_path_leads_out() {
    let stage = Stage::new();
    let app = app(&stage, "files", &[]).await;
    for path in ["../secret", "..", "views/../../secret", "/etc/passwd", "/", "./../../key"] {
        let said = try_to(&app, &format!("r{path}")).await;
        assert!([NOT_CAPABLE, "63", "02"].contains(&said.trim()), "{path}: {said}");
    }
}

#[tokio::test]
async fn an_app_without_files_is_given_no_folder() {
    let stage = Stage::new();
    assert_eq!(try_to(&stage.app("files").await, "rgreeting.txt").await, "08 ");
    let app = stage.app_with("own-files", Limits::default(), &[("FILE", "greeting.txt"), ("FOLDER", "")]).await;
    assert_eq!(read(&app, "/").await, "none");
}

#[tokio::test]
async fn a_component_asks_for_its_files_without_opening_any() {
    let stage = Stage::new();
    for (file, folder, expected) in [
        ("greeting.txt", "", "empty\ngreeting.txt\nviews\nhello from a file"),
        ("views/index.html", "views", "index.html\n<p>index</p>"),
        ("views", "nope", "none"),
        ("../secret", "..", "none"),
        ("/etc/passwd", "/", "none"),
    ] {
        let app = app(&stage, "own-files", &[("FILE", file), ("FOLDER", folder)]).await;
        assert_eq!(read(&app, "/").await, expected, "{file}");
    }
}

#[tokio::test]
async fn config_vars_are_there_under_each_id_of_wasi_config() {
    let stage = Stage::new();
    for id in ["0.2.0-draft", "0.2.0-rc.1", "0.2.0-draft-2024-09-27"] {
        let mut manifest = manifest(&stage, "own-files");
        let guest = fs::read_to_string(format!("{}/tests/guests/own-files.wat", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let guest = guest.replace("wasi:config/store@0.2.0-rc.1", &format!("wasi:config/store@{id}"));
        manifest.files.extend(stage.manifest(Launch::wasm("app.wat"), &[("app.wat", guest.as_bytes())]).files);
        let app = stage.runtime.app(stage.target(manifest, Limits::default(), &[("FILE", "empty"), ("FOLDER", "views")]));
        app.load().await.unwrap();
        assert_eq!(read(&app, "/").await, "index.html\n", "{id}");
    }
}

#[tokio::test]
async fn a_file_too_large_to_be_read_at_once_is_named_in_the_log() {
    let stage = Stage::new();
    let mut manifest = manifest(&stage, "own-files");
    manifest.files.extend(stage.manifest(Launch::wasm("app.wat"), &[("app/big", &vec![b'x'; (16 << 20) + 1])]).files);
    let app = stage.runtime.app(stage.target(manifest, Limits::default(), &[("FILE", "big"), ("FOLDER", "")]));
    app.load().await.unwrap();
    // Before the head or after it: there is no whole answer.
    let whole = match get(&app, "/").await {
        Ok(answer) => answer.into_body().collect().await.is_ok(),
        Err(_) => false,
    };
    assert!(!whole);
    assert!(stage.log.has("/app/big has 16777217 bytes"), "{:#?}", stage.log.all());
}

#[tokio::test]
async fn the_folder_is_made_of_links_once_and_mended_after_a_start_when_something_is_missing() {
    let stage = Stage::new();
    let first = app(&stage, "files", &[]).await;
    let folder = stage.dir.path().join("cache/files").join(first.target().slug.to_string());
    let file = folder.join("greeting.txt");
    let made = fs::metadata(&file).unwrap();
    assert_eq!(made.nlink(), 2, "one more name for the blob");
    drop(first);

    let again = app(&stage, "files", &[]).await;
    assert_eq!(fs::metadata(&file).unwrap().ino(), made.ino());
    drop(again);

    // What was seen whole is looked at again after the machine's next start.
    fs::remove_file(&file).unwrap();
    fs::remove_file(folder.with_extension("seen")).unwrap();
    let mended = app(&stage, "files", &[]).await;
    assert_eq!(try_to(&mended, "rgreeting.txt").await, "00 hello from a file");
}
