//! A request in a Python instance.
use super::exchange::Exchange;
use crate::{
    Body, Failure,
    guest::{Head, Run},
    held::Held,
    instance::{Record, State},
    reuse::Room,
};
use http::{Request, Response};
use std::{sync::Arc, time::Instant};
use tokio::sync::oneshot;
use wasmtime::component::{ComponentExportIndex, InstancePre, TypedFunc};

/// The engine's function that answers a request.
const SERVE: &str = "serve";

/// An instance's function that answers.
pub(crate) type Served = TypedFunc<(), ()>;

/// A Python app: its engine, linked to its memory.
pub(crate) struct Program {
    pre: InstancePre<State>,
    serve: ComponentExportIndex,
}

impl Program {
    /// `Err`: an engine of earlier slugs, which speaks wasi:http.
    pub(super) fn new(pre: InstancePre<State>) -> Result<Self, InstancePre<State>> {
        match pre.component().get_export_index(None, SERVE) {
            Some(serve) => Ok(Self { pre, serve }),
            None => Err(pre),
        }
    }

    /// An instance about to answer `request`; it runs when polled.
    pub(crate) fn start(self: &Arc<Self>, room: Room<Served>, request: Request<Body>, record: Arc<Record>) -> (Run, Head) {
        let Room { store, ready, home } = room;
        let mut store = Held::new(store, &record);
        let (answer, head) = oneshot::channel();
        store.data_mut().take_on(Exchange::new(request, Answering { answer, record: record.clone() }));
        let program = self.clone();
        let run = Box::pin(async move {
            let serve = match ready {
                Some(serve) => serve,
                None => {
                    let began = Instant::now();
                    let instance = program.pre.instantiate_async(&mut *store).await?;
                    record.instantiated(began);
                    instance.get_typed_func(&mut *store, program.serve)?
                }
            };
            serve.call_async(&mut *store, ()).await?;
            store.data_mut().let_go();
            Ok(home.keep(store, serve, &record))
        });
        (run, head)
    }
}

/// Whoever waits for the answer.
pub(super) struct Answering {
    answer: oneshot::Sender<Result<Response<Body>, Failure>>,
    record: Arc<Record>,
}

impl Answering {
    pub(super) fn answer(self, response: Result<Response<Body>, Failure>) {
        self.record.answered();
        // Nobody waits any more: the visitor left.
        let _gone = self.answer.send(response);
    }
}
