//! Pages and API share their addresses; what a request accepts tells them apart.
use crate::error::ApiError;
use axum::{
    Router,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header};
use std::convert::Infallible;
use tower::{ServiceExt, service_fn};

/// Hands a browser's page view to the dashboard, wherever it goes; all else to the API.
pub async fn dispatch(State(dashboard): State<Router>, request: Request, next: Next) -> Response {
    if is_view(&request) { from(dashboard, request).await } else { next.run(request).await }
}

/// Answers what is no route: the dashboard for what may be one of its files, an error for programs.
pub fn or_not_found(
    dashboard: Router,
) -> impl tower::Service<Request, Response = Response, Error = Infallible, Future: Send + 'static> + Clone + Send + Sync + 'static {
    service_fn(move |request: Request| {
        let dashboard = dashboard.clone();
        async move { Ok(if is_file(&request) { from(dashboard, request).await } else { not_found() }) }
    })
}

async fn from(dashboard: Router, request: Request) -> Response {
    dashboard.oneshot(request).await.unwrap_or_else(|never| match never {})
}

fn not_found() -> Response {
    ApiError::not_found("There is nothing at this address. The OpenAPI document at /openapi.json lists what there is.").into_response()
}

/// A browser opens a page, as opposed to what it should show as it is.
fn is_view(request: &Request) -> bool {
    let path = request.uri().path();
    let raw = path.starts_with("/logs/")
        || path.ends_with("/output")
        || path.contains(".git/")
        || ["/healthz", "/openapi.json", "/metrics"].contains(&path);
    reads(request) && !raw && accepts(request.headers(), "text/html")
}

fn is_file(request: &Request) -> bool {
    reads(request) && !accepts(request.headers(), "json")
}

fn reads(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Whether `Accept` names the type, in whole or in part; `*/*` names none.
pub fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get_all(header::ACCEPT).iter().any(|accepted| accepted.to_str().is_ok_and(|accepted| accepted.contains(kind)))
}
