//! Whether this process serves.
use crate::api::Api;
use axum::{Json, extract::State};
use paas_api_types::Health;
use std::time::Duration;
use tokio::time::timeout;

const STORE_ANSWERS_WITHIN: Duration = Duration::from_secs(2);

/// 200 as long as the process serves: apps go on answering while the store is away, so that is no reason to take it out of service.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "platform",
    responses((status = 200, description = "The process serves.", body = Health)))]
pub async fn show(State(api): State<Api>) -> Json<Health> {
    let asked = timeout(STORE_ANSWERS_WITHIN, api.store.routes_version()).await;
    let store = if matches!(asked, Ok(Ok(_))) { "ok" } else { "unavailable" };
    Json(Health { status: "ok".into(), store: store.into() })
}
