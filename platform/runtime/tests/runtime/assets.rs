//! Files that answer before the program does.
use crate::stage::{Stage, body, get, text};
use http::Request;
use paas_model::{Launch, Manifest, limits::Limits, slug::StaticSite};
use paas_runtime::App;

/// The guest says `hello` to everything.
async fn app(stage: &Stage) -> App {
    let guest = std::fs::read(format!("{}/tests/guests/hello.wat", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let files: [(&str, &[u8]); 5] = [
        ("app.wat", &guest),
        ("assets/page.html", b"<p>page</p>"),
        ("assets/docs/index.html", b"docs"),
        ("assets/404.html", b"the site's own"),
        ("assets/_redirects", b"/old /page.html 302\n/lost/* /missing.html 200\n"),
    ];
    let plain = stage.manifest(Launch::wasm("app.wat"), &files);
    let manifest = Manifest { assets: Some(StaticSite { root: "assets".into(), fallback: false }), ..plain };
    let app = stage.runtime.app(stage.target(manifest, Limits::default(), &[]));
    app.load().await.unwrap();
    app
}

async fn of_app(stage: &Stage) -> String {
    text(get(&stage.app("hello").await, "/").await.unwrap()).await
}

#[tokio::test]
async fn what_a_file_or_rule_does_not_answer_is_the_apps() {
    let stage = Stage::new();
    let (app, hello) = (app(&stage).await, of_app(&stage).await);
    assert_eq!(text(get(&app, "/page.html").await.unwrap()).await, "<p>page</p>");
    assert_eq!(text(get(&app, "/docs/").await.unwrap()).await, "docs");
    assert_eq!(get(&app, "/docs").await.unwrap().status(), 308);
    assert_eq!(get(&app, "/old").await.unwrap().status(), 302);
    for path in ["/", "/nowhere", "/lost/x", "/_redirects", "/../app.wat"] {
        assert_eq!(text(get(&app, path).await.unwrap()).await, hello, "{path}");
    }
}

#[tokio::test]
async fn only_reading_is_for_files_and_takes_no_instance() {
    let stage = Stage::new();
    let (app, hello) = (app(&stage).await, of_app(&stage).await);
    let ask = |method: &str| Request::builder().method(method).uri("/page.html").body(body("x")).unwrap();
    let head = app.handle(ask("HEAD")).await;
    assert!(head.usage.instantiate().is_zero());
    assert_eq!(head.result.unwrap().headers()["content-length"], "11");
    let post = app.handle(ask("POST")).await;
    assert_eq!(text(post.result.unwrap()).await, hello);
    assert!(!post.usage.instantiate().is_zero());
}
