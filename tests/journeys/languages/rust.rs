//! Rust: wstd, axum on wstd, and what a server that listens is told.
use super::{Change, exercise, live_through_changes};
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn an_axum_router_answers_without_a_listener() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "rust-axum").await;
    let push = repository.push().await;
    for line in ["-----> Rust app detected", "Running cargo build --release --target wasm32-wasip2 --locked", "web runs books.wasm"] {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();

    exercise(&platform, &developer, "books", "Rust").await;
    live_through_changes(
        &platform,
        &repository,
        Change {
            file: "src/main.rs",
            good: ("from Rust", "from Rust again"),
            original: "Hello from Rust\n",
            page: "Hello from Rust again\n",
            bad: ("match book(id)", "match bok(id)"),
            complaint: &["error[E0425]: cannot find function `bok`", "src/main.rs:51", "The app does not compile.", "Push rejected to books."],
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wstd_program_answers_and_one_that_listens_is_told_what_to_change() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "rust-wstd").await;
    repository.push().await.ok();
    exercise(&platform, &developer, "books", "Rust").await;

    repository.git(&["rm", "-q", "Cargo.lock"]).await.ok();
    repository.write("Cargo.toml", "[package]\nname = \"books\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    repository.write("src/main.rs", "fn main() {\n    std::net::TcpListener::bind(\"0.0.0.0:8080\").unwrap();\n}\n");
    repository.commit("Listen").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["This program listens on a port.", "#[wstd_axum::http_server]"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
}
