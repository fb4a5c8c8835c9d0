//! A Spin app: several components behind the routes of its spin.toml.
use super::{
    life::{Life, edit},
    live,
    route::get,
};
use paas_tests::Platform;

#[tokio::test(flavor = "multi_thread")]
async fn a_spin_app_lives_a_full_life() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    live(&platform, &developer.start_app("spin-shop", "spin-shop").await, &shop()).await;

    assert!(developer.run("egress -a spin-shop").await.ok().contains("https://rates.example.com"));
    developer.run("config:set SECRET=s -a spin-shop").await.ok();
    assert_eq!(visitor.get("spin-shop", "/api/env").await.text, "EUR false\n", "its environment, and not the app's config vars");
}

/// One in CGI form and one of cargo, which sees its route, its files, its environment, and variables that are config.
fn shop() -> Life {
    let routes = vec![
        get("/").text("Welcome to shop!\n"),
        get("/api/a/b?c=d").text("/a/b none\n"),
        get("/users/ada").text(" ada\n"),
        get("/users/ada/more").status(404),
        get("/nowhere").status(404),
        get("/old").redirects("/"),
        get("/api/headers").with_header("spin-client-addr", "10.0.0.1").with_header("spin-matched-route", "/x").text("/api/... none\n"),
        get("/api/stock").text("3 apples\n"),
        get("/api/env").text("EUR false\n"),
    ];
    let line = edit("src/lib.rs", "\"{}\\n\", variables::get", "\"{} And again!\\n\", variables::get");
    let breaking = edit("spin.toml", "[component.api]\n", "[component.api]\nkey_value_stores = [\"default\"]\n");
    let push = vec![
        "-----> Spin app detected",
        "-----> Building api: cargo build --target wasm32-wasip2 --release",
        "/users/:name → api",
        "api may call https://rates.example.com",
    ];
    Life {
        push,
        log: vec!["GET http://spin-shop.localhost:"],
        page: "/api/greeting",
        shows: ("Hello!\n".into(), "Hello! And again!\n".into()),
        cached: vec!["(once on this node)", "Compiling spin-sdk "],
        config: Some(("SPIN_VARIABLE_GREETING", "Hello", "Ahoy")),
        ..Life::of("spin-shop", "Spin", routes, line, breaking)
    }
}
