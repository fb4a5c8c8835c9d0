use crate::platform::{World, run};
use http_body_util::BodyExt;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

async fn session(world: &World, app: &str, wanted: serde_json::Value) -> String {
    let answer = world.owner().post(&format!("/apps/{app}/log-sessions"), &wanted.to_string()).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let url = answer.json()["logplex_url"].as_str().unwrap().to_string();
    let origin = format!("http://localhost:{}", world.platform.address.port);
    url.strip_prefix(&origin).unwrap_or_else(|| panic!("{url}")).to_string()
}

#[test]
fn the_log_tells_what_was_done_and_by_whom() {
    run(async |world: World| {
        let app = world.app().await;
        world.owner().patch(&format!("/apps/{app}/config-vars"), r#"{"A": "secret"}"#).await;
        let path = session(&world, &app, json!({ "source": "heroku" })).await;
        let log = world.visitor().get(&path).await;
        assert_eq!(log.header("content-type"), "text/plain; charset=utf-8");
        let texts: Vec<_> = log.text.lines().map(|line| line.split_once(' ').unwrap().1.to_string()).collect();
        let by = &world.account.email;
        let expected = ["Release v1 created", "Set A config vars", "Release v2 created"].map(|text| format!("paas[api]: {text} by {by}"));
        assert_eq!(texts, expected);
        let last = world.visitor().get(&session(&world, &app, json!({ "lines": 1, "dyno": "api" })).await).await;
        assert!(last.text.contains("Release v2") && last.text.lines().count() == 1, "{}", last.text);
        assert_eq!(world.visitor().get(&session(&world, &app, json!({ "source": "app" })).await).await.text, "");
    });
}

#[test]
fn a_browser_reads_events() {
    run(async |world: World| {
        let app = world.app().await;
        let reader = world.visitor().with("accept", "text/event-stream");
        let log = reader.get(&session(&world, &app, json!({})).await).await;
        assert_eq!(log.header("content-type"), "text/event-stream");
        assert!(
            log.text.starts_with("data: 20") && log.text.ends_with(&format!("paas[api]: Release v1 created by {}\n\n", world.account.email)),
            "{}",
            log.text
        );
    });
}

#[test]
fn a_tail_goes_on() {
    run(async |world: World| {
        let app = world.app().await;
        let path = session(&world, &app, json!({ "tail": true, "lines": 1 })).await;
        let (_, mut body) = world.visitor().open("GET", &path, "").await;
        let mut next = async || timeout(Duration::from_secs(20), body.frame()).await.unwrap().unwrap().unwrap().into_data().unwrap();
        assert!(next().await.ends_with(format!("Release v1 created by {}\n", world.account.email).as_bytes()));
        world.owner().patch(&format!("/apps/{app}"), r#"{"maintenance": true}"#).await;
        assert!(next().await.ends_with(format!("Maintenance mode enabled by {}\n", world.account.email).as_bytes()));
    });
}

#[test]
fn nothing_is_read_without_a_session() {
    run(async |world: World| {
        let app = world.app().await;
        world.owner().get("/logs/0000").await.refused(404, "not_found");
        world.owner().post(&format!("/apps/{app}/log-sessions"), r#"{"source": "else"}"#).await.refused(422, "invalid_params");
    });
}
