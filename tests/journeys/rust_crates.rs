//! Rust beyond wstd: the crates wasip2 with wit-bindgen, in a workspace, and wasip3.
use paas_tests::{Platform, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_with_wasip2_and_wit_bindgen_answers() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.start_app("shelf", "rust-workspace").await;
    let pushed = repository.push().await;
    assert!(pushed.stderr.contains("web runs api.wasm"), "the Procfile says which program of the workspace answers:\n{}", pushed.stderr);
    pushed.ok();
    assert_eq!(visitor.get("shelf", "/").await.text, "Hello from a workspace\n");
    assert_eq!(visitor.get("shelf", "/books/2").await.text, "Walden\n");
    assert_eq!(visitor.get("shelf", "/books/9").await.status, 404);
    assert!(visitor.get("shelf", "/fail").await.status.is_server_error());
    developer.run("config:set GREETING=Ahoy -a shelf").await.ok();
    assert_eq!(visitor.get("shelf", "/").await.text, "Ahoy from a workspace\n", "by wasi:config/store");
    eventually("the log has its line", async || developer.run("logs -n 100 -a shelf").await.ok().contains("GET /books/2").then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_of_wasi_0_3_by_wasip3_answers() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.start_app("books", "rust-wasip3").await;
    repository.push().await.ok();
    assert_eq!(visitor.get("books", "/").await.text, "Hello from WASI 0.3\n");
    assert_eq!(visitor.get("books", "/lines").await.text, "line 0\nline 1\nline 2\n");
    assert_eq!(visitor.get("books", "/nothing").await.status, 404);
    assert!(visitor.get("books", "/fail").await.status.is_server_error());
    developer.run("config:set GREETING=Ahoy -a books").await.ok();
    assert_eq!(visitor.get("books", "/").await.text, "Ahoy from WASI 0.3\n");
    eventually("the log has its line", async || developer.run("logs -n 100 -a books").await.ok().contains("GET /lines").then_some(())).await;
}
