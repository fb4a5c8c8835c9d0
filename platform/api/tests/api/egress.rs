use crate::platform::{World, run};
use serde_json::json;

#[test]
fn allowed_hosts_are_a_releases_own() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let path = format!("/apps/{app}/egress");
        assert_eq!(owner.get(&path).await.json(), json!({ "allowed": [] }));
        let changed = owner.patch(&path, r#"{"allow": ["API.example.com", "*.example.org:8443"]}"#).await.json();
        assert_eq!(changed, json!({ "allowed": ["*.example.org:8443", "api.example.com"] }));
        owner.patch(&format!("/apps/{app}/config-vars"), r#"{"A": "1"}"#).await;
        assert_eq!(owner.get(&path).await.json(), changed, "a config change keeps them");
        owner.patch(&path, r#"{"deny": ["api.example.com"]}"#).await;
        let release = owner.get(&format!("/apps/{app}/releases/v4")).await.json();
        assert_eq!((&release["description"], &release["egress"]), (&json!("Deny api.example.com"), &json!(["*.example.org:8443"])));
        let first = owner.get(&format!("/apps/{app}/releases/v2")).await.json();
        assert_eq!(first["description"], "Allow api.example.com, *.example.org:8443");
        owner.patch(&path, r#"{"allow": ["*.example.org:8443"]}"#).await;
        assert_eq!(owner.get(&format!("/apps/{app}")).await.json()["current_release"], 4, "nothing changed is no release");
    });
}

#[test]
fn hosts_that_cannot_be_are_refused() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        for (bad, words) in [
            (r#"{"allow": ["http://a b"]}"#, "`http://a b` is no host. Write api.example.com"),
            (r#"{"allow": ["127.1"]}"#, "`127.1` is no host."),
            (r#"{"deny": ["api.example.com"]}"#, "`api.example.com` is not among the allowed hosts."),
            (r#"{"allwo": ["api.example.com"]}"#, "unknown field"),
        ] {
            let answer = owner.patch(&format!("/apps/{app}/egress"), bad).await;
            assert!(answer.text.contains(words), "{bad}: {}", answer.text);
            answer.refused(422, "invalid_params");
        }
    });
}
