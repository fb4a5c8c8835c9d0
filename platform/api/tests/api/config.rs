use crate::platform::{World, run};
use serde_json::json;

#[test]
fn a_change_makes_a_release_that_keeps_its_vars() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let vars = format!("/apps/{app}/config-vars");
        assert_eq!(owner.patch(&vars, r#"{"A": "1", "B": "2"}"#).await.json(), json!({ "A": "1", "B": "2" }));
        assert_eq!(owner.patch(&vars, r#"{"A": null}"#).await.json(), json!({ "B": "2" }));
        assert_eq!(owner.get(&vars).await.json(), json!({ "B": "2" }));
        assert_eq!(owner.get(&format!("/apps/{app}/releases/v2/config-vars")).await.json(), json!({ "A": "1", "B": "2" }));

        let releases = owner.get(&format!("/apps/{app}/releases")).await.json();
        let described: Vec<_> = releases.as_array().unwrap().iter().map(|release| release["description"].as_str().unwrap()).collect();
        assert_eq!(described, ["Remove A config vars", "Set A, B config vars", "Initial release"]);
        assert_eq!((&releases[0]["current"], &releases[0]["eligible_for_rollback"]), (&json!(true), &json!(false)));
        assert_eq!(releases[0]["web_url"], format!("http://{app}--v3.localhost:{}/", world.platform.address.port));
    });
}

#[test]
fn nothing_changed_is_no_release() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        assert_eq!(owner.patch(&format!("/apps/{app}/config-vars"), "{}").await.json(), json!({}));
        assert_eq!(owner.get(&format!("/apps/{app}")).await.json()["current_release"], 1);
    });
}

#[test]
fn bad_names_and_values_are_refused() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let big = format!("{{\"A\": \"{}\"}}", "x".repeat(65 << 10));
        for bad in [r#"{"1A": "x"}"#, r#"{"PAAS_X": "x"}"#, r#"{"A": "\u0000"}"#, r#"{"A": 1}"#, r#"["A"]"#, &big] {
            owner.patch(&format!("/apps/{app}/config-vars"), bad).await.refused(422, "invalid_params");
        }
    });
}

#[test]
fn a_long_history_comes_in_parts() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        for value in 0..3 {
            owner.patch(&format!("/apps/{app}/config-vars"), &format!("{{\"A\": \"{value}\"}}")).await;
        }
        let path = format!("/apps/{app}/releases");
        let first = owner.clone().with("range", "version ..; max=3, order=desc").get(&path).await;
        assert_eq!((first.status.as_u16(), first.json()[0]["version"].as_u64()), (206, Some(4)));
        let rest = owner.clone().with("range", first.header("next-range")).get(&path).await;
        assert_eq!((rest.status.as_u16(), rest.json()[0]["version"].as_u64()), (200, Some(1)));
        owner.clone().with("range", "version x").get(&path).await.refused(416, "invalid_range");
    });
}

#[test]
fn a_release_is_found_by_number_and_id() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let release = owner.get(&format!("/apps/{app}/releases/1")).await.json();
        let id = release["id"].as_str().unwrap();
        for name in ["v1", id] {
            assert_eq!(owner.get(&format!("/apps/{app}/releases/{name}")).await.json()["id"], id);
        }
        let other = world.app().await;
        for path in [format!("/apps/{app}/releases/2"), format!("/apps/{app}/releases/x"), format!("/apps/{other}/releases/{id}")] {
            owner.get(&path).await.refused(404, "not_found");
        }
        owner.post(&format!("/apps/{app}/releases"), "{}").await.refused(422, "invalid_params");
        owner.post(&format!("/apps/{app}/releases"), r#"{"release": "v1"}"#).await.refused(422, "invalid_params");
        owner.post(&format!("/apps/{app}/releases"), r#"{"release": "v9"}"#).await.refused(404, "not_found");
    });
}
