//! A Spin app: several components behind the routes of its spin.toml.
use paas_tests::{Developer, Platform, Repository, Visitor, eventually};
use reqwest::{Method, StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_spin_app_has_its_routes_answered_by_its_components() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.start_app("shop", "spin-shop").await;
    let push = repository.push().await;
    for line in [
        "-----> Spin app detected",
        "-----> Building api: cargo build --target wasm32-wasip2 --release",
        "/users/:name → api",
        "api may call https://rates.example.com",
    ] {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();

    assert!(developer.run("egress -a shop").await.ok().contains("https://rates.example.com"));
    routes_lead_to_components(&visitor).await;
    a_component_sees_what_is_its_own(&visitor, &developer).await;
    eventually("the log of both", async || {
        let log = developer.run("logs -n 200 -a shop").await.ok();
        (log.contains("app[web.1]: GET http://shop.localhost:") && log.contains("path=\"/nowhere\"")).then_some(())
    })
    .await;
    variables_are_config(&visitor, &developer, &repository).await;
}

async fn routes_lead_to_components(visitor: &Visitor) {
    assert_eq!(visitor.get("shop", "/").await.text, "Welcome to shop!\n");
    assert_eq!(visitor.get("shop", "/api/a/b?c=d").await.text, "/a/b none\n");
    assert_eq!(visitor.get("shop", "/users/ada").await.text, " ada\n");
    assert_eq!(visitor.get("shop", "/users/ada/more").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.get("shop", "/nowhere").await.status, StatusCode::NOT_FOUND);
    let moved = visitor.get("shop", "/old").await;
    assert_eq!((moved.status, &moved.headers[header::LOCATION]), (StatusCode::FOUND, &header::HeaderValue::from_static("/")));
    let forged = visitor.request(Method::GET, "shop", "/api/headers").header("spin-client-addr", "10.0.0.1").header("spin-matched-route", "/x");
    assert_eq!(forged.send().await.unwrap().text().await.unwrap(), "/api/... none\n");
}

async fn a_component_sees_what_is_its_own(visitor: &Visitor, developer: &Developer) {
    assert_eq!(visitor.get("shop", "/api/stock").await.text, "3 apples\n");
    developer.run("config:set SECRET=s -a shop").await.ok();
    assert_eq!(visitor.get("shop", "/api/env").await.text, "EUR false\n", "its environment, and not the app's config vars");
}

async fn variables_are_config(visitor: &Visitor, developer: &Developer, repository: &Repository<'_>) {
    assert_eq!(visitor.get("shop", "/api/greeting").await.text, "Hello!\n");
    developer.run("config:set SPIN_VARIABLE_GREETING=Ahoy -a shop").await.ok();
    assert_eq!(visitor.get("shop", "/api/greeting").await.text, "Ahoy!\n");

    let manifest = repository.read("spin.toml");
    repository.write("spin.toml", &manifest.replace("[component.api]\n", "[component.api]\nkey_value_stores = [\"default\"]\n"));
    repository.commit("Keep a counter").await;
    let refused = repository.push().await;
    assert_ne!(refused.code, 0);
    let said: Vec<&str> =
        refused.stderr.lines().filter(|line| line.contains(" !     ")).map(|line| line.trim_start_matches("remote:").trim_end()).collect();
    assert_eq!(
        said,
        [
            "  !     Component api asks for key-value stores (key_value_stores), which this platform does not offer.",
            "  !     Keep its data in a service that it calls over HTTP (allowed_outbound_hosts), and remove the key. Then commit spin.toml, and push again.",
            "  !     Push rejected, failed to compile Spin app.",
            "  !     Push rejected to shop.",
        ]
    );
    assert_eq!(visitor.get("shop", "/api/greeting").await.text, "Ahoy!\n");
}
