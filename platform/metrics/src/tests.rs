use crate::{Instance, Metrics, Observation};
use paas_model::{AppId, Code};
use std::{sync::Arc, time::Duration};

fn request(status: u16, code: Option<Code>) -> Observation {
    let instance = Instance { instantiate: Duration::from_micros(40), cpu: Duration::from_micros(900), memory_bytes: 2 << 20 };
    Observation { status, code, service: Duration::from_millis(3), instance: Some(instance), cold: false }
}

fn meter(metrics: &Metrics, app: AppId, release: &str) -> Arc<crate::Meter> {
    metrics.meter(app, "hello".parse().unwrap(), release.parse().unwrap())
}

#[test]
fn requests_are_counted_by_status_and_code() {
    let metrics = Metrics::default();
    let meter = meter(&metrics, AppId::generate(), "v2");
    meter.observe(&request(200, None));
    meter.observe(&Observation { cold: true, ..request(204, None) });
    meter.observe(&request(503, Some(Code::H10)));
    meter.observe(&Observation { instance: None, ..request(404, None) });
    let totals = meter.totals();
    assert_eq!((totals.requests(), totals.classes, totals.cold), (4, [0, 2, 0, 1, 1], 1));
    assert_eq!(totals.errors().collect::<Vec<_>>(), [(Code::H10, 1)]);
    assert_eq!((totals.service.total(), totals.memory.total(), totals.memory.most), (4, 3, 2 << 20));
    let hour = meter.minutes();
    assert_eq!(hour.len(), 60);
    assert_eq!(hour.iter().map(|minute| (minute.requests, minute.errors)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)), (4, 1));
}

#[test]
fn a_release_that_nobody_holds_any_more_is_forgotten() {
    let (metrics, app) = (Metrics::default(), AppId::generate());
    let (_v3, v2) = (meter(&metrics, app, "v3"), meter(&metrics, app, "v2"));
    let versions = || metrics.of_app(app).iter().map(|meter| meter.release.number()).collect::<Vec<_>>();
    assert_eq!(versions(), [2, 3]);
    drop(v2);
    assert_eq!(versions(), [3]);
    assert!(metrics.of_app(AppId::generate()).is_empty());
}

#[test]
fn prometheus_reads_it() {
    let metrics = Metrics::default();
    let meter = meter(&metrics, AppId::generate(), "v2");
    meter.observe(&request(200, None));
    meter.observe(&request(499, Some(Code::H27)));
    let text = metrics.prometheus();
    for line in [
        "# TYPE paas_requests_total counter",
        "paas_requests_total{app=\"hello\",release=\"v2\",status=\"2xx\"} 1",
        "paas_request_errors_total{app=\"hello\",release=\"v2\",code=\"H27\"} 1",
        "paas_cold_starts_total{app=\"hello\",release=\"v2\"} 0",
        "paas_request_duration_seconds_bucket{app=\"hello\",release=\"v2\",le=\"0.002\"} 0",
        "paas_request_duration_seconds_bucket{app=\"hello\",release=\"v2\",le=\"0.005\"} 2",
        "paas_request_duration_seconds_bucket{app=\"hello\",release=\"v2\",le=\"+Inf\"} 2",
        "paas_request_duration_seconds_sum{app=\"hello\",release=\"v2\"} 0.006",
        "paas_request_duration_seconds_count{app=\"hello\",release=\"v2\"} 2",
        "paas_instance_memory_bytes_bucket{app=\"hello\",release=\"v2\",le=\"2097152\"} 2",
        "paas_metrics_releases_left_out 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_number_of_series_is_bounded() {
    let metrics = Metrics::default();
    let meters: Vec<_> = (1..=1_200).map(|release| meter(&metrics, AppId::generate(), &format!("v{release}"))).collect();
    let text = metrics.prometheus();
    assert!(text.contains("paas_metrics_releases_left_out 200"));
    assert_eq!(text.matches("paas_cold_starts_total{").count(), 1_000);
    drop(meters);
}
