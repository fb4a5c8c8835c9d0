//! Rust: programs for wasi:http, with cargo's cache between pushes. One that listens is told what to change.
use super::{
    books::books,
    life::{Life, edit},
    live_on_one_platform,
};
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn rust_programs_live_a_full_life() {
    live_on_one_platform(vec![axum(), wstd()]).await;
}

fn axum() -> Life {
    let line = edit("src/main.rs", "{} from Rust\\n", "{} from Rust again\\n");
    let life = books("rust-axum", "Rust", line, edit("src/main.rs", "match book(id)", "match bok(id)"));
    let push = vec!["-----> Rust app detected", "Running cargo build --release --target wasm32-wasip2 --locked", "web runs books.wasm"];
    Life { push, cached: vec!["(once on this node)", "Compiling axum "], ..life }
}

fn wstd() -> Life {
    let line = edit("src/main.rs", "{} from Rust\\n", "{} from Rust again\\n");
    let life = books("rust-wstd", "Rust", line, edit("src/main.rs", "fn sign(form: &[u8])", "fn sign(form: &str)"));
    Life { cached: vec!["(once on this node)", "Compiling wstd "], ..life }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rust_program_that_listens_is_told_what_to_change() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("books").await;
    repository.write("Cargo.toml", "[package]\nname = \"books\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    repository.write("src/main.rs", "fn main() {\n    std::net::TcpListener::bind(\"0.0.0.0:8080\").unwrap();\n}\n");
    repository.commit("Listen").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["This program listens on a port.", "#[wstd_axum::http_server]"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
}
