//! The task that runs an instance, from its making to its end.
use super::{
    Entering, Inside, Life,
    inside::Panicked,
    ticket::{Member, Tail},
};
use crate::{
    Body,
    due::Due,
    instance::{self, State},
    proxy::{declined, incoming, outgoing},
};
use futures::{StreamExt, stream::FuturesUnordered};
use http::{Request, Response};
use http_body_util::BodyExt;
use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{sleep, timeout},
};
use wasmtime::{Store, component::Accessor};
use wasmtime_wasi_http::{
    WasiHttpView,
    p3::{
        self,
        bindings::{Service, ServicePre},
    },
};

type Received = std::pin::Pin<Box<dyn Future<Output = Result<(), wasmtime_wasi_http::Error>> + Send>>;

/// What a guest may still do when nobody waits for it any more and nobody else is let in.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// Runs the instance in `store`, and tells everybody inside when it ends.
pub(super) async fn run(
    pre: ServicePre<State>,
    mut store: Store<State>,
    inside: Arc<Inside>,
    first: Entering,
    mut entrance: UnboundedReceiver<Entering>,
    life: Life,
) {
    let ending = {
        let mut work = pin!(work(&pre, &mut store, &inside, first, &mut entrance, life));
        poll_fn(|cx| {
            let poll = AssertUnwindSafe(|| inside.life().meter(|| work.as_mut().poll(cx)));
            let poll = catch_unwind(poll).unwrap_or_else(|_| Poll::Ready(Err(Panicked.into())));
            inside.share();
            poll
        })
        .await
    };
    entrance.close();
    while let Ok(late) = entrance.try_recv() {
        inside.admit(&late.member);
    }
    // Before the store goes, and with it the writing ends of all bodies: a broken answer must not look like a short one.
    inside.end(ending);
}

async fn work(
    pre: &ServicePre<State>,
    store: &mut Store<State>,
    inside: &Inside,
    first: Entering,
    entrance: &mut UnboundedReceiver<Entering>,
    life: Life,
) -> wasmtime::Result<()> {
    inside.admit(&first.member);
    let began = Instant::now();
    let service = pre.instantiate_async(&mut *store).await?;
    first.member.record.instantiated(began);
    inside.started();
    store.run_concurrent(async |accessor| serve(accessor, &service, inside, first, entrance, life).await).await?
}

/// Lets requests in until the door is closed and everybody has left.
async fn serve(
    accessor: &Accessor<State>,
    service: &Service,
    inside: &Inside,
    first: Entering,
    entrance: &mut UnboundedReceiver<Entering>,
    life: Life,
) -> wasmtime::Result<()> {
    let mut calls = FuturesUnordered::new();
    calls.push(call(accessor, service, inside, first));
    let mut old = pin!(sleep(life.age));
    let (mut left, mut place, mut closed) = (life.requests - 1, None, false);
    while !closed || !calls.is_empty() || inside.present() > 0 {
        if left == 0 || inside.is_retired() {
            entrance.close();
        }
        if place.is_none() && calls.is_empty() && inside.present() == 0 {
            place = life.node.clone().try_acquire_owned().ok();
            if place.is_none() {
                entrance.close();
            }
            if poll_fn(|cx| Poll::Ready(accessor.poll_no_interesting_tasks(cx))).await.is_ready() {
                inside.forget_gone();
            }
        }
        tokio::select! {
            Some(ended) = calls.next() => ended?,
            next = entrance.recv(), if !closed => match next {
                Some(entering) => {
                    (left, place) = (left.saturating_sub(1), None);
                    calls.push(call(accessor, service, inside, entering));
                }
                None => closed = true,
            },
            () = &mut old, if !entrance.is_closed() => entrance.close(),
            () = inside.changed() => {}
        }
    }
    // Either way it is over: the guest ended, or its time did.
    let _over = timeout(AFTERWARDS, poll_fn(|cx| accessor.poll_no_interesting_tasks(cx))).await;
    Ok(())
}

/// One request, until its answer has begun.
async fn call(accessor: &Accessor<State>, service: &Service, inside: &Inside, entering: Entering) -> wasmtime::Result<()> {
    let Entering { request, answer, member } = entering;
    if member.is_gone() {
        return Ok(()); // at the door, already
    }
    let handle = service.wasi_http_handler().func_handle();
    let (call, received) = accessor.with(|mut access| {
        let hops = inside.admit(&member);
        instance::join(access.get(), &member.record, hops);
        let http = access.get().http();
        let (request, received) = p3::Request::from_http(http.hooks, Request::map(request, |body| body.map_err(incoming)));
        let received: Received = Box::pin(received);
        let request = http.table.push(request)?;
        let call = handle.start_call_concurrent(&mut access, (request,))?;
        inside.task_of(&member, call.task());
        wasmtime::error::Ok((call, received))
    })?;
    let result = match handle.finish_call_concurrent(accessor, call).await?.0 {
        Ok(response) => accessor.with(|mut access| {
            let response = access.get().http().table.delete(response)?;
            wasmtime::error::Ok(Ok(response.into_http(access, received)?))
        })?,
        Err(code) => Err(declined(&code)),
    };
    if result.is_ok() {
        member.record.answered();
    }
    inside.share();
    // If nobody waits any more, the visitor left.
    let _gone = answer.send(result.map(|response| ending(response.map(outgoing), &member)));
    Ok(())
}

fn ending(response: Response<Body>, member: &Arc<Member>) -> Response<Body> {
    let due = Due::of(response.status(), response.headers());
    response.map(|body| Tail { body, due, member: member.clone() }.boxed_unsync())
}
