//! The door to the control plane: the API's router, as the visitors' door calls it.
use axum::extract::ConnectInfo;
use futures::{FutureExt, StreamExt};
use http::Response;
use http_body_util::{BodyExt, BodyStream, StreamBody};
use paas_router::Control;
use paas_runtime::Body;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// `stopping` ends the streams that would never end by themselves (live logs), so that a shutdown need not wait for them.
pub fn control(api: axum::Router, stopping: CancellationToken) -> Control {
    Arc::new(move |mut request, peer| {
        let (api, stopping) = (api.clone(), stopping.clone());
        let endless = request.uri().path().starts_with("/logs/");
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            let response = api.oneshot(request.map(axum::body::Body::new)).await.unwrap_or_else(|never| match never {});
            let response = response.map(|body| body.map_err(Into::into).boxed_unsync());
            if endless { until(response, stopping) } else { response }
        }
        .boxed()
    })
}

fn until(response: Response<Body>, stopping: CancellationToken) -> Response<Body> {
    response.map(|body| StreamBody::new(BodyStream::new(body).take_until(stopping.cancelled_owned())).boxed_unsync())
}
