use crate::platform::{World, run};
use base64::{Engine, prelude::BASE64_STANDARD};
use paas_api::{Operation, operations};
use serde_json::Value;

fn path(template: &str, app: &str) -> String {
    let path = template.replace("{app}", app).replace("{repository}", &format!("{app}.git"));
    let id = "0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11";
    path.replace("{build}", id).replace("{release}", "1").replace("{session}", id).replace("{source}", id)
}

/// Every operation of the OpenAPI document that asks for a key.
fn guarded() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&paas_api::openapi()).unwrap();
    let mut guarded = operations();
    guarded.retain(|operation| {
        let described = &document["paths"][&operation.path][operation.method.to_lowercase()];
        !described["security"].as_array().unwrap_or_else(|| panic!("{operation:?} is not in the document")).is_empty()
    });
    guarded
}

#[test]
fn only_these_operations_are_public() {
    let all = operations();
    let public: Vec<_> = all.iter().filter(|operation| !guarded().contains(operation)).map(|o| format!("{} {}", o.method, o.path)).collect();
    assert_eq!(
        public,
        ["GET /healthz", "GET /openapi.json", "POST /sessions", "PUT /sources/{source}", "GET /sources/{source}", "GET /logs/{session}"]
    );
}

#[test]
fn nothing_is_answered_without_a_key() {
    run(async |world: World| {
        let app = world.app().await;
        for operation in guarded() {
            for client in
                [world.visitor(), world.visitor().with("authorization", "Bearer wrong"), world.visitor().with("cookie", "paas_session=wrong")]
            {
                let answer = client.send(&operation.method, &path(&operation.path, &app), "{}").await;
                assert_eq!(answer.status, 401, "{operation:?}");
                assert!(answer.text.contains("Invalid credentials provided."), "{operation:?}: {}", answer.text);
            }
        }
    });
}

#[test]
fn another_accounts_app_is_as_if_it_did_not_exist() {
    run(async |world: World| {
        let (app, stranger) = (world.app().await, world.stranger().await.owner());
        for operation in guarded().iter().filter(|o| o.path.contains("{app}") || o.path.contains("{repository}")) {
            let theirs = stranger.send(&operation.method, &path(&operation.path, &app), "{}").await;
            assert_eq!(theirs.status, 404, "{operation:?}");
            let missing = stranger.send(&operation.method, &path(&operation.path, "no-such-app"), "{}").await;
            assert_eq!((missing.status.as_u16(), theirs.text.replace(&app, "no-such-app")), (404, missing.text), "{operation:?}");
        }
    });
}

#[test]
fn an_app_has_no_odd_spellings() {
    run(async |world: World| {
        for name in ["%00", "%ff", "a%2Fb", "..", "'", "x".repeat(300).as_str(), "HELLO"] {
            world.owner().get(&format!("/apps/{name}")).await.refused(404, "not_found");
        }
    });
}

#[test]
fn a_key_is_a_bearer_token_or_a_password() {
    run(async |world: World| {
        let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("anyone:{}", world.key)));
        for authorization in [format!("Bearer {}", world.key), basic] {
            let account = world.visitor().with("authorization", &authorization).get("/account").await;
            assert_eq!(account.json()["email"], world.account.email);
        }
    });
}

#[test]
fn every_answer_names_its_request_and_stays_out_of_caches() {
    run(async |world: World| {
        for (client, path) in
            [(world.owner(), "/account"), (world.visitor(), "/account"), (world.owner().with("accept", "application/json"), "/nothing")]
        {
            let (one, other) = (client.get(path).await, client.get(path).await);
            assert_ne!(one.header("request-id"), other.header("request-id"));
            assert_eq!((one.header("cache-control"), one.header("x-content-type-options")), ("no-store", "nosniff"));
        }
    });
}
