use crate::AppRef;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What an app's requests cost, counted by this node since it started, for the releases that still answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Metrics {
    pub app: AppRef,
    /// All releases together; `null` when nothing was asked for yet.
    pub total: Option<ReleaseMetrics>,
    /// Newest first.
    pub releases: Vec<ReleaseMetrics>,
    /// The last hour, oldest first; the last minute is not over yet.
    pub minutes: Vec<MinuteMetrics>,
}

/// The requests of one release, or of all together.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReleaseMetrics {
    /// `null` in a total.
    pub version: Option<u32>,
    pub requests: u64,
    /// Requests that had to load the app first.
    pub cold: u64,
    /// Requests by class of status.
    #[schema(example = json!({ "2xx": 118, "5xx": 2 }))]
    pub status: BTreeMap<String, u64>,
    /// Requests that the app did not answer whole, by the router's code.
    #[schema(example = json!({ "H10": 2 }))]
    pub codes: BTreeMap<String, u64>,
    /// From a request's head to its answer's last byte, in milliseconds.
    pub service_ms: Option<Quantiles>,
    /// Making an instance, in milliseconds. `null`, as the two below, when none was made: a static site needs none.
    pub instantiate_ms: Option<Quantiles>,
    /// How long the guest kept a thread busy, in milliseconds.
    pub cpu_ms: Option<Quantiles>,
    /// The most linear memory an instance had, in bytes.
    pub memory_bytes: Option<Quantiles>,
}

/// What a half, 95 and 99 of a hundred requests did not exceed, and the most.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Quantiles {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub max: f64,
}

/// One minute of all releases.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct MinuteMetrics {
    /// When it began.
    pub at: DateTime<Utc>,
    pub requests: u64,
    /// Those with a code, or a status of 500 or more.
    pub errors: u64,
}
