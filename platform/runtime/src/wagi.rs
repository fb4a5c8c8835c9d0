//! Commands in CGI form: a program that starts, reads the request and prints the answer.
use crate::{
    Body, Failure, cgi,
    guest::{Head, Run},
    held::Held,
    instance::{self, Record, State},
    modules::Modules,
    outbound::Calls,
    pipe::{Stdin, Stdout},
    proxy,
    world::World,
};
use http::Request;
use paas_model::Target;
use std::{sync::Arc, time::Instant};
use tokio::sync::oneshot;
use wasmtime_wasi::{I32Exit, WasiCtxBuilder, p2::bindings::CommandPre};

/// A component's `wasi:cli/run`.
pub(crate) fn command(
    pre: &CommandPre<State>,
    target: &Target,
    world: &Arc<World>,
    request: Request<Body>,
    record: Arc<Record>,
) -> Result<(Run, Head), Failure> {
    let (wasi, head) = wasi(target, world, request, &record).map_err(proxy::platform)?;
    let mut store = Held::new(instance::store(pre.engine(), target, world, wasi, &record), &record);
    let pre = pre.clone();
    let run = Box::pin(async move {
        let began = Instant::now();
        let command = pre.instantiate_async(&mut *store).await?;
        record.instantiated(began);
        command.wasi_cli_run().call_run(&mut *store).await?.map_err(|()| I32Exit(1))?;
        Ok(None)
    });
    Ok((run, head))
}

/// The `_start` of core modules, or the `_resume` of some that have started.
pub(crate) fn modules(
    all: &Arc<Modules>,
    target: &Target,
    world: &Arc<World>,
    request: Request<Body>,
    record: Arc<Record>,
) -> Result<(Run, Head), Failure> {
    let (wasi, head) = wasi(target, world, request, &record).map_err(proxy::platform)?;
    let mut store = Held::new(instance::core_store(all.engine(), target, wasi, &record), &record);
    let calls = Calls::new(world.client.clone(), record.log.clone(), record.origin.clone());
    let all = all.clone();
    let run = Box::pin(calls.of(async move {
        let began = Instant::now();
        let instance = all.instantiate(&mut store).await?;
        record.instantiated(began);
        let start = instance.get_typed_func::<(), ()>(&mut *store, all.entry())?;
        start.call_async(&mut *store, ()).await?;
        Ok(None)
    }));
    Ok((run, head))
}

/// stdout is the answer here, so only stderr is the log.
fn wasi(target: &Target, world: &World, request: Request<Body>, record: &Record) -> wasmtime::Result<(WasiCtxBuilder, Head)> {
    let (answer, head) = oneshot::channel();
    let (request, body) = request.into_parts();
    let mut wasi = instance::wasi_without_env(world, record)?;
    let mut env = cgi::environment(&request, &target.env);
    if world.files.is_some() {
        // Where Go, for one, looks for the working folder.
        env.entry("PWD".into()).or_insert_with(|| world.files_at.into());
    }
    for (key, value) in env {
        wasi.env(key, value);
    }
    wasi.stdin(Stdin::new(body)).stdout(Stdout::new(answer));
    Ok((wasi, head))
}
