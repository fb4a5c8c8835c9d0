//! app.json: what an app wants of its config, and where in a repository it lives.
use paas_tests::Platform;
use serde_json::{Value, json};

const WANTS: &str = r#"{ "name": "hello", "env": {
  "GREETING": { "description": "the first word", "value": "Moin" },
  "SECRET_KEY": { "generator": "secret" },
  "API_TOKEN": { "description": "from your provider" } } }"#;

#[tokio::test(flavor = "multi_thread")]
async fn app_json_gives_defaults_makes_secrets_and_asks_for_what_is_missing() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.write("app.json", WANTS);
    repository.commit("Say what it wants").await;

    let refused = repository.push().await;
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("API_TOKEN: from your provider"), "{}", refused.stderr);
    assert!(refused.stderr.contains("paas config:set API_TOKEN=… -a hello"), "{}", refused.stderr);
    assert_eq!(config(&platform).await, json!({}), "a refused push sets nothing");

    developer.run("config:set API_TOKEN=t -a hello").await.ok();
    let push = repository.push().await;
    assert!(push.stderr.contains("Config vars from app.json: GREETING, SECRET_KEY"), "{}", push.stderr);
    push.ok();
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Moin, world!\n");
    let first = config(&platform).await;
    assert_eq!(first["SECRET_KEY"].as_str().map(str::len), Some(64));

    developer.run("config:set GREETING=Ahoy -a hello").await.ok();
    repository.write("README.md", "more");
    repository.commit("Say more").await;
    repository.push().await.ok();
    let second = config(&platform).await;
    assert_eq!(second["SECRET_KEY"], first["SECRET_KEY"], "a secret is made once");
    assert_eq!(second["GREETING"], "Ahoy", "a default never replaces what is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_may_live_in_a_folder_of_its_repository() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("shop").await;
    repository.write("services/shop/index.html", "<h1>Shop</h1>\n");
    repository.write("services/other/index.html", "<h1>Other</h1>\n");
    repository.commit("Two services").await;

    developer.run("config:set PROJECT_PATH=services/nothing -a shop").await.ok();
    let refused = repository.push().await;
    assert!(refused.stderr.contains("PROJECT_PATH names the folder \"services/nothing\""), "{}", refused.stderr);

    developer.run("config:set PROJECT_PATH=services/shop -a shop").await.ok();
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "<h1>Shop</h1>\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_json_that_is_no_json_is_refused_with_its_place() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    repository.write("app.json", "{ \"env\": [ }");
    repository.commit("Break app.json").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("app.json is not valid") && push.stderr.contains("line 1"), "{}", push.stderr);
}

async fn config(platform: &Platform) -> Value {
    serde_json::from_str(&platform.developer().run("config -a hello --json").await.ok()).unwrap()
}
