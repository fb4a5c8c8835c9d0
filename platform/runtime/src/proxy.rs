//! `wasi:http/incoming-handler@0.2`: a call with a request and a place for the answer.
use crate::{
    Body, Failure,
    guest::{Head, Run},
    held::Held,
    instance::{Record, State},
    reuse::Room,
};
use http::Request;
use http_body_util::BodyExt;
use paas_model::Code;
use std::{sync::Arc, time::Instant};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    Error, WasiHttpView,
    p2::bindings::{Proxy, ProxyPre, http::types::Scheme},
};

/// A guest about to answer `request`; it runs when polled.
pub(crate) fn start(pre: &ProxyPre<State>, room: Room<Proxy>, request: Request<Body>, record: Arc<Record>) -> Result<(Run, Head), Failure> {
    let Room { store, ready, home } = room;
    let mut store = Held::new(store, &record);
    let (answer, head) = oneshot::channel();
    let scheme = if request.uri().scheme_str() == Some("https") { Scheme::Https } else { Scheme::Http };
    let request = request.map(|body| body.map_err(incoming));
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(scheme, request).map_err(platform)?;
    let answering = record.clone();
    let out = http.new_response_outparam_from_callback(move |result| {
        let response = match result {
            Ok(response) => {
                answering.answered();
                Ok(response.map(outgoing))
            }
            Err(code) => Err(declined(&code)),
        };
        // Nobody waits any more: the visitor left.
        let _gone = answer.send(response);
    });
    let out = out.map_err(platform)?;
    let pre = pre.clone();
    let run = Box::pin(async move {
        let proxy = match ready {
            Some(proxy) => proxy,
            None => {
                let began = Instant::now();
                let proxy = pre.instantiate_async(&mut *store).await?;
                record.instantiated(began);
                proxy
            }
        };
        proxy.wasi_http_incoming_handler().call_handle(&mut *store, request, out).await?;
        Ok(home.keep(store, proxy, &record))
    });
    Ok((run, head))
}

/// A body on its way into a guest.
pub(crate) fn incoming(error: crate::BoxError) -> Error {
    tracing::debug!(%error, "A request's body broke off.");
    Error::ConnectionTerminated
}

/// A body on its way out of a guest.
pub(crate) fn outgoing<B>(body: B) -> Body
where
    B: http_body::Body<Data = bytes::Bytes, Error = Error> + Send + 'static,
{
    body.map_err(|error| format!("the app broke off its answer: {error:?}").into()).boxed_unsync()
}

/// The app answered with an error code instead of a response.
pub(crate) fn declined(code: &dyn std::fmt::Debug) -> Failure {
    Failure::new(Code::H13, format!("the app answered with the error {code:?}"))
}

pub(crate) fn platform(error: wasmtime::Error) -> Failure {
    Failure::new(Code::H99, format!("{error:#}"))
}
