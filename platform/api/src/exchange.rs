//! What every answer of the API has: a request id, and headers that keep it out of caches and out of guessing.
use crate::error::ApiError;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use std::future::Future;
use tokio::task_local;
use uuid::Uuid;

task_local! {
    static REQUEST_ID: Uuid;
}

/// The request being answered, so that a fault's log line and its answer name the same one.
pub fn request_id() -> Uuid {
    REQUEST_ID.try_with(|id| *id).unwrap_or_default()
}

pub async fn complete(request: Request, next: Next) -> Response {
    with_id(async { next.run(request).await }).await
}

async fn with_id(answer: impl Future<Output = Response>) -> Response {
    let id = Uuid::new_v4();
    let mut answer = REQUEST_ID.scope(id, answer).await;
    let headers = answer.headers_mut();
    let id = HeaderValue::try_from(id.to_string()).expect("a UUID is plain ASCII");
    headers.insert("request-id", id);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    answer
}

pub async fn method_not_allowed() -> Response {
    let message = "This address does not take that method. The OpenAPI document at /openapi.json lists those that it takes.";
    ApiError::refused(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_response()
}
