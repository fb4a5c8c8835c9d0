use crate::platform::{World, run};
use paas_metrics::{Instance, Meter, Observation};
use paas_model::Code;
use std::{sync::Arc, time::Duration};

/// Counts one request; the numbers last as long as the answer is held.
fn asked(world: &World, app: &str, id: &str, status: u16, code: Option<Code>) -> Arc<Meter> {
    let meter = world.platform.metrics.meter(id.parse().unwrap(), app.parse().unwrap(), "v2".parse().unwrap());
    let instance = Instance { instantiate: Duration::from_micros(50), cpu: Duration::from_millis(1), memory_bytes: 3 << 20 };
    meter.observe(&Observation { status, code, service: Duration::from_millis(4), instance: Some(instance), cold: true });
    meter
}

#[test]
fn an_app_that_nobody_asked_anything_has_no_numbers() {
    run(async |world: World| {
        let app = world.app().await;
        let metrics = world.owner().get(&format!("/apps/{app}/metrics")).await.json();
        assert_eq!((metrics["app"]["name"].as_str(), &metrics["total"]), (Some(app.as_str()), &serde_json::Value::Null));
        assert_eq!(metrics["releases"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn an_apps_numbers_come_by_release_and_together() {
    run(async |world: World| {
        let app = world.app().await;
        let id = world.owner().get(&format!("/apps/{app}")).await.json()["id"].as_str().unwrap().to_string();
        let _held = asked(&world, &app, &id, 503, Some(Code::H10));
        let metrics = world.owner().get(&format!("/apps/{app}/metrics")).await.json();
        for numbers in [&metrics["releases"][0], &metrics["total"]] {
            assert_eq!((numbers["requests"].as_u64(), numbers["cold"].as_u64()), (Some(1), Some(1)));
            assert_eq!((numbers["status"]["5xx"].as_u64(), numbers["codes"]["H10"].as_u64()), (Some(1), Some(1)));
            assert_eq!((numbers["service_ms"]["max"].as_f64(), numbers["cpu_ms"]["p99"].as_f64()), (Some(4.0), Some(1.0)));
            assert_eq!(numbers["memory_bytes"]["p50"].as_f64(), Some(3_145_728.0));
        }
        assert_eq!(metrics["releases"][0]["version"].as_u64(), Some(2));
        let minutes = metrics["minutes"].as_array().unwrap();
        assert_eq!((minutes.len(), minutes.iter().filter_map(|minute| minute["errors"].as_u64()).sum()), (60, 1));
    });
}

#[test]
fn prometheus_takes_the_admins_key_and_no_other() {
    run(async |world: World| {
        world.visitor().get("/metrics").await.refused(401, "unauthorized");
        world.owner().get("/metrics").await.refused(403, "forbidden");
        let answer = world.visitor().with("authorization", &format!("Bearer {}", world.platform.admin)).get("/metrics").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
        assert!(answer.text.contains("# TYPE paas_request_duration_seconds histogram"), "{}", answer.text);
    });
}
