//! What requests cost: of one app for its owner, of all apps for the admin's Prometheus.
use crate::{api::Api, app, auth::OwnApp, error::Result};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::DateTime;
use http::header;
use paas_api_types as types;
use paas_metrics::{Counts, Meter, Totals};
use std::{collections::BTreeMap, sync::Arc};

const NS_PER_MS: f64 = 1e6;

/// What an app's requests cost, by release, since this node started.
#[utoipa::path(get, path = "/apps/{app}/metrics", operation_id = "getMetrics", tag = "metrics",
    responses((status = 200, description = "Counts and quantiles.", body = types::Metrics)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<types::Metrics>> {
    let meters = api.metrics.of_app(app.id);
    let totals: Vec<Totals> = meters.iter().map(|meter| meter.totals()).collect();
    let all = totals.iter().cloned().reduce(|mut sum, other| {
        sum.add(&other);
        sum
    });
    let releases = meters.iter().zip(&totals).rev();
    Ok(Json(types::Metrics {
        app: app::reference(&app),
        total: all.map(|all| release(None, &all)),
        releases: releases.map(|(meter, totals)| release(Some(meter.release.number()), totals)).collect(),
        minutes: minutes(&meters),
    }))
}

/// What the requests of all apps cost, in Prometheus' text format. Takes the admin's key.
#[utoipa::path(get, path = "/metrics", operation_id = "getPrometheusMetrics", tag = "metrics",
    responses((status = 200, description = "Prometheus' text format 0.0.4.", body = String, content_type = "text/plain")))]
pub async fn prometheus(State(api): State<Api>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], api.metrics.prometheus()).into_response()
}

fn release(version: Option<u32>, totals: &Totals) -> types::ReleaseMetrics {
    let classes = totals.classes.iter().enumerate().filter(|(_, count)| **count > 0);
    types::ReleaseMetrics {
        version,
        requests: totals.requests(),
        cold: totals.cold,
        status: classes.map(|(class, count)| (format!("{}xx", class + 1), *count)).collect(),
        codes: totals.errors().map(|(code, count)| (code.to_string(), count)).collect::<BTreeMap<_, _>>(),
        service_ms: quantiles(&totals.service, NS_PER_MS),
        instantiate_ms: quantiles(&totals.instantiate, NS_PER_MS),
        cpu_ms: quantiles(&totals.cpu, NS_PER_MS),
        memory_bytes: quantiles(&totals.memory, 1.0),
    }
}

fn quantiles(counts: &Counts, unit: f64) -> Option<types::Quantiles> {
    let at = |q| counts.quantile(q).map(|value| value as f64 / unit);
    Some(types::Quantiles { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)?, max: counts.most as f64 / unit })
}

fn minutes(meters: &[Arc<Meter>]) -> Vec<types::MinuteMetrics> {
    let mut hour = BTreeMap::<u64, (u64, u64)>::new();
    for minute in meters.iter().flat_map(|meter| meter.minutes()) {
        let (requests, errors) = hour.entry(minute.at).or_default();
        *requests += minute.requests;
        *errors += minute.errors;
    }
    let at = |minute: u64| DateTime::from_timestamp(i64::try_from(minute).ok()? * 60, 0);
    hour.into_iter().filter_map(|(minute, (requests, errors))| Some(types::MinuteMetrics { at: at(minute)?, requests, errors })).collect()
}
