//! The hosts that an app's source asks for, and what its owner says to them.
use paas_tests::{Developer, Platform, Repository};
use serde_json::{Value, json};

async fn allowed(developer: &Developer) -> Value {
    serde_json::from_str::<Value>(&developer.run("egress -a hello --json").await.ok()).expect("the command prints JSON")["allowed"].take()
}

/// Pushes a source that asks for these hosts; gives what the push says.
async fn ask(repository: &Repository<'_>, hosts: &Value) -> String {
    repository.write("app.json", &json!({ "egress": hosts }).to_string());
    repository.commit(&format!("Ask for {hosts}")).await;
    repository.push().await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_owner_denies_a_push_does_not_bring_back_and_what_is_no_longer_asked_for_goes() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    ask(&repository, &json!(["a.example", "b.example"])).await;
    developer.run("egress:deny a.example -a hello").await.ok();
    developer.run("egress:allow c.example -a hello").await.ok();

    repository.write("app.json", &json!({ "egress": ["a.example", "b.example", "d.example"] }).to_string());
    repository.commit("Ask again").await;
    let pushed = repository.push().await;
    for words in [
        "Allowed by app.json to call: b.example, d.example",
        "app.json asks for a.example, which `paas egress:deny` has denied.",
        "paas egress:allow a.example -a hello",
    ] {
        assert!(pushed.stderr.contains(words), "no {words:?} in\n{}", pushed.stderr);
    }
    assert_eq!(allowed(&developer).await, json!(["b.example", "c.example", "d.example"]));

    repository.write("app.json", "{}");
    repository.commit("Ask for nothing").await;
    let pushed = repository.push().await;
    let words = "No longer allowed to call, because the source no longer asks for it: b.example, d.example";
    assert!(pushed.stderr.contains(words), "no {words:?} in\n{}", pushed.stderr);
    assert_eq!(allowed(&developer).await, json!(["c.example"]), "what the owner has allowed stays");
}
