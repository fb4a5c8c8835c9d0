use crate::{
    client::Client,
    platform::{World, run},
};
use serde_json::json;
use uuid::Uuid;

#[test]
fn an_app_comes_changes_and_goes() {
    run(async |world: World| {
        let (owner, name) = (world.owner(), format!("a{}", &Uuid::new_v4().simple().to_string()[..12]));
        let made = owner.post("/apps", &json!({ "name": name }).to_string()).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let made = made.json();
        let port = world.platform.address.port;
        assert_eq!(made["web_url"], format!("http://{name}.localhost:{port}/"));
        assert_eq!(made["git_url"], format!("http://localhost:{port}/{name}.git"));
        assert_eq!((&made["current_release"], &made["slug_size"]), (&json!(1), &json!(null)));
        let by_id = owner.get(&format!("/apps/{}", made["id"].as_str().unwrap())).await.json();
        assert_eq!(by_id["name"], name.as_str());

        let changed = owner.patch(&format!("/apps/{name}"), r#"{"maintenance": true}"#).await;
        assert_eq!(changed.json()["maintenance"], true);
        assert_eq!(owner.get("/apps").await.json()[0]["maintenance"], true);
        assert_eq!(owner.get("/users/~/apps").await.json().as_array().unwrap().len(), 1);

        assert_eq!(owner.delete(&format!("/apps/{name}")).await.json()["name"], name.as_str());
        owner.get(&format!("/apps/{name}")).await.refused(404, "not_found");
        assert_eq!(owner.get("/apps").await.json(), json!([]));
    });
}

#[test]
fn a_name_is_taken_once_and_has_a_form() {
    run(async |world: World| {
        let name = world.app().await;
        let again = world.stranger().await.owner().post("/apps", &json!({ "name": name }).to_string()).await;
        assert!(again.refused(422, "invalid_params").starts_with(&format!("Name {name} is already taken")));
        for name in ["A", "x", "paas", "a--b"] {
            world.owner().post("/apps", &json!({ "name": name }).to_string()).await.refused(422, "invalid_params");
        }
    });
}

#[test]
fn what_is_not_understood_is_refused_as_json() {
    run(async |world: World| {
        let owner = world.owner();
        owner.post("/apps", "{").await.refused(400, "bad_request");
        owner.post("/apps", r#"{"name": 1}"#).await.refused(422, "invalid_params");
        owner.post("/apps", &format!("{{\"name\": \"{}\"}}", "x".repeat(300 << 10))).await.refused(413, "payload_too_large");
        owner.send("PUT", "/apps", "").await.refused(405, "method_not_allowed");
        owner.post("/nothing", "").await.refused(404, "not_found");
    });
}

#[test]
fn herokus_clients_are_told_what_there_is() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        for list in ["addons", "addon-attachments", "features", "dynos", "formation"] {
            assert_eq!(owner.get(&format!("/apps/{app}/{list}")).await.json(), json!([]), "{list}");
        }
        for list in ["/account/features", "/teams"] {
            assert_eq!(owner.get(list).await.json(), json!([]));
        }
        let collaborators = owner.get(&format!("/apps/{app}/collaborators")).await.json();
        assert_eq!(collaborators[0]["user"]["email"], world.account.email);
        owner.get(&format!("/apps/{app}/pipeline-couplings")).await.refused(404, "not_found");
    });
}

#[test]
fn health_is_public() {
    run(async |world: World| {
        assert_eq!(world.visitor().get("/healthz").await.json(), json!({ "status": "ok", "store": "ok" }));
    });
}

#[test]
fn without_its_store_the_platform_says_so() {
    run(async |world: World| {
        let lame = Client::new(world.platform.lame.clone());
        let told = lame.clone().with("authorization", "Bearer any").get("/apps").await.refused(503, "unavailable");
        assert!(told.contains("try again"), "{told}");
        assert_eq!(lame.get("/healthz").await.json(), json!({ "status": "ok", "store": "unavailable" }));
    });
}
