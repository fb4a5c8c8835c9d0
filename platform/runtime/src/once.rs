//! A process that runs once, to its end: the release phase of a deploy.
//!
//! A command (a module with `_start`, a component with `wasi:cli/run`) ends with its exit status. What answers requests instead, as the bundles of
//! interpreted languages do, gets one: `POST /`. Its answer says how it went: a program of theirs names the status that it exited with in [`EXIT`].
use crate::{
    Body, Refusal, Runtime, RuntimeError,
    app::{App, Loaded},
    crash,
    guest::Run,
    instance::{self, CoreState, Record, State},
    log_rate::LogRate,
    modules::Modules,
    outbound::Origin,
    program::Program,
    stdio::Log,
};
use http::Request;
use http_body_util::{BodyExt, Empty};
use paas_model::{
    AppId, Manifest, Target,
    log::{Line, Sink},
    output::Output,
};
use std::{future::poll_fn, sync::Arc, time::Duration};
use tokio::time::timeout;
use wasmtime::Store;
use wasmtime_wasi::{I32Exit, p2::bindings::CommandPre};

/// From its start to its end.
const WITHIN: Duration = Duration::from_secs(10 * 60);
/// A header of the answer that a program of an interpreted language gives when it has ended.
const EXIT: &str = "paas-exit";
const LOG_BYTES: u64 = 4 << 20;

impl Runtime {
    /// Runs the process type `name` of the target's slug with the release's environment. Its lines go to `output` and to the app's log.
    /// Anything but success is a refusal in words for the developer.
    pub async fn run_once(&self, target: &Target, name: &str, output: &Output) -> Result<(), Refusal> {
        let target = as_web(target, name)?;
        self.prepare(&target).await?;
        let sink = Arc::new(Tee { output: output.clone(), log: self.0.sink.clone(), process: format!("{name}.1") });
        let log = Log::new(target.app, sink.clone(), &target.limits, LogRate::new(&target.limits));
        let record = Record::new(log, Origin::default());
        let app = self.app(target.clone());
        let loaded = app.program().await?;
        let Loaded { program, world, .. } = &*loaded;
        let wasi = || instance::wasi(&target, world, &record).map_err(RuntimeError::Load);
        let failed = match program {
            Program::Command(pre) => end(component(pre, instance::store(pre.engine(), &target, world, wasi()?, &record)), &record).await,
            Program::Modules(all) => end(modules(all, instance::core_store(all.engine(), &target, wasi()?, &record)), &record).await,
            Program::Site(_) => return Err(Refusal::app(format!("The process type {name} is a static site, which cannot be run."))),
            _ => asked(&app, sink).await,
        };
        record.log.flush();
        failed.map_or(Ok(()), |why| Err(Refusal::App(why)))
    }
}

/// The target with `name` in the place of `web`, and with time enough.
fn as_web(target: &Target, name: &str) -> Result<Target, Refusal> {
    let manifest = &*target.manifest;
    let launch = manifest.processes.get(name).ok_or_else(|| Refusal::app(format!("This app has no process type {name}.")))?;
    let processes = [("web".to_string(), launch.clone())].into();
    let mut target = Target { manifest: Arc::new(Manifest { processes, ..manifest.clone() }), ..target.clone() };
    let within = WITHIN.as_millis() as u64;
    target.limits.first_byte_ms = within;
    target.limits.cpu_ms = within;
    target.limits.log_bytes = LOG_BYTES;
    target.limits.reuse = 1; // what the app chose for its web process
    Ok(target)
}

fn component(pre: &CommandPre<State>, mut store: Store<State>) -> Run {
    let pre = pre.clone();
    Box::pin(async move {
        let command = pre.instantiate_async(&mut store).await?;
        command.wasi_cli_run().call_run(&mut store).await?.map_err(|()| I32Exit(1))?;
        Ok(None)
    })
}

fn modules(all: &Arc<Modules>, mut store: Store<CoreState>) -> Run {
    let all = all.clone();
    Box::pin(async move {
        let instance = all.instantiate(&mut store).await?;
        let start = instance.get_typed_func::<(), ()>(&mut store, all.entry())?;
        start.call_async(&mut store, ()).await?;
        Ok(None)
    })
}

/// `None` if it ended well, else why not.
async fn end(mut run: Run, record: &Arc<Record>) -> Option<String> {
    let ending = timeout(WITHIN, poll_fn(|cx| record.meter(|| run.as_mut().poll(cx)))).await;
    let Ok(ending) = ending else { return Some(format!("It ran for more than {} minutes.", WITHIN.as_secs() / 60)) };
    crash::judge(ending.map(drop), record).map(|failure| failure.detail)
}

async fn asked(app: &App, sink: Arc<dyn Sink>) -> Option<String> {
    let body: Body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let request = Request::post("/").body(body).expect("a request of constants");
    let response = match app.handle_with(request, sink).await.result {
        Ok(response) => response,
        Err(failure) => return Some(failure.detail),
    };
    if let Some(exit) = response.headers().get(EXIT).and_then(|exit| exit.to_str().ok()) {
        return (exit != "0").then(|| format!("exited with status {exit}"));
    }
    let status = response.status();
    match response.into_body().collect().await {
        Ok(_) if status.is_success() => None,
        Ok(body) => Some(format!("It answered {status}: {}", String::from_utf8_lossy(&body.to_bytes()).chars().take(1000).collect::<String>())),
        Err(error) => Some(format!("It ended in the middle of its answer: {error}")),
    }
}

/// Shows the process' lines to the pusher too.
struct Tee {
    output: Output,
    log: Arc<dyn Sink>,
    process: String,
}

impl Sink for Tee {
    fn write(&self, app: AppId, line: Line) {
        self.output.detail(&line.text);
        self.log.write(app, Line { process: self.process.clone().into(), ..line });
    }
}
