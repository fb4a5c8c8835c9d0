//! `wasi:http/handler@0.3`: an async call that returns the answer, whose body the guest writes on.
use crate::{
    Body,
    guest::{Head, Run},
    held::Held,
    instance::{Record, State},
    proxy::{declined, incoming, outgoing},
    reuse::Room,
};
use http::Request;
use http_body_util::BodyExt;
use std::{future::poll_fn, sync::Arc, time::Instant};
use tokio::sync::oneshot;
use wasmtime_wasi_http::{
    WasiHttpView,
    p3::{
        self,
        bindings::{Service, ServicePre},
    },
};

/// A guest about to answer `request`; it runs when polled.
pub(crate) fn start(pre: &ServicePre<State>, room: Room<Service>, request: Request<Body>, record: Arc<Record>) -> (Run, Head) {
    let Room { store, ready, home } = room;
    let mut store = Held::new(store, &record);
    let (answer, head) = oneshot::channel();
    let (request, received) = p3::Request::from_http(store.data_mut().http().hooks, request.map(|body| body.map_err(incoming)));
    let pre = pre.clone();
    let run = Box::pin(async move {
        let service = match ready {
            Some(service) => service,
            None => {
                let began = Instant::now();
                let service = pre.instantiate_async(&mut *store).await?;
                record.instantiated(began);
                service
            }
        };
        let call = async |accessor: &wasmtime::component::Accessor<State>| {
            let response = match service.handle(accessor, request).await? {
                Ok(response) => accessor.with(|store| response.into_http(store, received))?.map(outgoing),
                Err(code) => {
                    let _gone = answer.send(Err(declined(&code)));
                    return Ok(());
                }
            };
            record.answered();
            // If nobody waits any more, the visitor left, and this future is dropped next.
            let _gone = answer.send(Ok(response));
            poll_fn(|cx| accessor.poll_no_interesting_tasks(cx)).await;
            Ok(())
        };
        let ending: wasmtime::Result<()> = store.run_concurrent(call).await?;
        ending?;
        Ok(home.keep(store, service, &record))
    });
    (run, head)
}
