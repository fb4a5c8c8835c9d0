use crate::platform::{World, run};
use serde_json::{Value, json};

fn limit<'a>(limits: &'a Value, name: &str) -> &'a Value {
    limits.as_array().unwrap().iter().find(|limit| limit["name"] == name).unwrap_or_else(|| panic!("{name} in {limits}"))
}

#[test]
fn a_change_of_limits_makes_a_release_that_keeps_config() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let path = format!("/apps/{app}/limits");
        owner.patch(&format!("/apps/{app}/config-vars"), r#"{"A": "1"}"#).await;
        let memory = limit(&owner.get(&path).await.json(), "memory").clone();
        assert_eq!((&memory["value"], &memory["default"], &memory["unit"]), (&json!("128MB"), &json!("128MB"), &json!("bytes")));

        let changed = owner.patch(&path, r#"{"memory": "256MB", "cpu": "10s"}"#).await.json();
        let memory = limit(&changed, "memory");
        assert_eq!((&memory["value"], &memory["amount"], &memory["set"]), (&json!("256MB"), &json!(256 << 20), &json!(true)));
        assert_eq!(owner.get(&path).await.json(), changed);
        assert_eq!(owner.get(&format!("/apps/{app}/config-vars")).await.json(), json!({ "A": "1" }));
        let release = owner.get(&format!("/apps/{app}/releases/v3")).await.json();
        assert_eq!((&release["description"], &release["current"]), (&json!("Set memory, cpu limits"), &json!(true)));

        owner.patch(&format!("/apps/{app}/config-vars"), r#"{"A": "2"}"#).await;
        let back = owner.patch(&path, r#"{"memory": null}"#).await.json();
        assert_eq!((&limit(&back, "memory")["value"], &limit(&back, "cpu")["value"]), (&json!("128MB"), &json!("10s")));
        owner.patch(&path, r#"{"cpu": "10s"}"#).await;
        assert_eq!(owner.get(&format!("/apps/{app}")).await.json()["current_release"], 5, "nothing changed is no release");
    });
}

#[test]
fn limits_that_cannot_be_are_refused() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        for (bad, words) in [
            (r#"{"memory": "64GB"}"#, "memory may be at most 1GB on this platform, not 64GB."),
            (r#"{"memory": "much"}"#, "is no value for memory"),
            (r#"{"memory": 256}"#, "expected form"),
            (r#"{"nothing": null}"#, "There is no limit \"nothing\"."),
        ] {
            let answer = owner.patch(&format!("/apps/{app}/limits"), bad).await;
            assert!(answer.text.replace("\\\"", "\"").contains(words), "{bad}: {}", answer.text);
            answer.refused(422, "invalid_params");
        }
    });
}
