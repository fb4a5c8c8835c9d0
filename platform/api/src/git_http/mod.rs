//! Git over smart HTTP: the three requests that git sends, handed to the receiver.
use crate::{
    api::Api,
    auth::{Caller, OwnApp},
    error::{self, ApiError},
};
use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, Request, State},
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt};
use http::{HeaderMap, StatusCode, header};
use judge::PushJudge;
use paas_receiver::Service;
use std::{io, sync::Arc};
use tower_http::decompression::RequestDecompressionLayer;
use utoipa_axum::router::UtoipaMethodRouter;

mod judge;

/// A refusal, as plain text that git shows to its user.
pub struct GitError(ApiError);

type Result<T> = std::result::Result<T, GitError>;

impl<E: Into<ApiError>> From<E> for GitError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for GitError {
    fn into_response(self) -> Response {
        self.0.for_git()
    }
}

/// Which refs there are: the first request of every fetch and push.
#[utoipa::path(get, path = "/{repository}/info/refs", operation_id = "gitInfoRefs", tag = "git",
    params(("service" = String, Query, description = "`git-upload-pack` or `git-receive-pack`.")),
    responses((status = 200, description = "Git's advertisement.", body = String, content_type = "application/x-git-receive-pack-advertisement")))]
pub async fn info_refs(State(api): State<Api>, OwnApp(app): OwnApp, RawQuery(query): RawQuery, headers: HeaderMap) -> Result<Response> {
    let dumb = || ApiError::forbidden("This server speaks git's smart HTTP protocol only. Use a current git.");
    let service = query.as_deref().and_then(service).ok_or_else(dumb)?;
    let refs = api.receiver.advertise(app.id, service, protocol(&headers)).await?;
    Ok(answer(service, "advertisement", refs.into()))
}

/// A fetch or a clone.
#[utoipa::path(post, path = "/{repository}/git-upload-pack", operation_id = "gitUploadPack", tag = "git",
    request_body(content = String, content_type = "application/x-git-upload-pack-request"),
    responses((status = 200, description = "Git's answer.", body = String, content_type = "application/x-git-upload-pack-result")))]
pub async fn upload_pack(State(api): State<Api>, OwnApp(app): OwnApp, request: Request) -> Result<Response> {
    let service = Service::UploadPack;
    check_kind(service, request.headers())?;
    let protocol = protocol(request.headers()).map(String::from);
    let pieces = api.receiver.upload_pack(app.id, pieces(request), protocol).await?;
    Ok(answer(service, "result", Body::from_stream(pieces)))
}

/// A push. Its answer ends when the new release answers requests, or with the reason why there is none.
#[utoipa::path(post, path = "/{repository}/git-receive-pack", operation_id = "gitReceivePack", tag = "git",
    request_body(content = String, content_type = "application/x-git-receive-pack-request"),
    responses((status = 200, description = "Git's answer.", body = String, content_type = "application/x-git-receive-pack-result")))]
pub async fn receive_pack(State(api): State<Api>, OwnApp(app): OwnApp, Caller(account): Caller, request: Request) -> Result<Response> {
    let service = Service::ReceivePack;
    check_kind(service, request.headers())?;
    let judge = Arc::new(PushJudge::new(api.clone(), app.clone(), account));
    let pieces = api.receiver.receive_pack(app.id, pieces(request), judge).await?;
    Ok(answer(service, "result", Body::from_stream(pieces)))
}

/// The value of `service=` in a query.
fn service(query: &str) -> Option<Service> {
    query.split('&').find_map(|pair| pair.strip_prefix("service=")).and_then(Service::parse)
}

fn protocol(headers: &HeaderMap) -> Option<&str> {
    headers.get("git-protocol")?.to_str().ok()
}

/// What git sends, and nothing that a page of another site could.
fn check_kind(service: Service, headers: &HeaderMap) -> error::Result<()> {
    let kind = format!("application/x-{}-request", service.as_str());
    if headers.get(header::CONTENT_TYPE).is_some_and(|sent| sent.as_bytes() == kind.as_bytes()) {
        return Ok(());
    }
    let message = format!("This address takes {kind}, which git sends. Use `git push`.");
    Err(ApiError::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
}

/// The same route for bodies that git has gzipped. The receiver caps how many unpacked bytes it takes.
pub fn unpacked((schemas, paths, handlers): UtoipaMethodRouter<Api>) -> UtoipaMethodRouter<Api> {
    (schemas, paths, handlers.route_layer(RequestDecompressionLayer::new()))
}

fn pieces(request: Request) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    request.into_body().into_data_stream().map(|piece| piece.map_err(io::Error::other))
}

/// Git reads nothing from caches, so none may keep anything; these are the headers that git's own server sends.
fn answer(service: Service, part: &str, body: Body) -> Response {
    let kind = format!("application/x-{}-{part}", service.as_str());
    let headers = [
        (header::CONTENT_TYPE, kind.as_str()),
        (header::CACHE_CONTROL, "no-cache, max-age=0, must-revalidate"),
        (header::PRAGMA, "no-cache"),
        (header::EXPIRES, "Fri, 01 Jan 1980 00:00:00 GMT"),
    ];
    (headers, body).into_response()
}
