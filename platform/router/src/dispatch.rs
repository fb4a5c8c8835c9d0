//! The life of a request: whose is it, may it run, who runs it, what is said of it.
use crate::{
    gate::Pass,
    headers::{self, Identity},
    page,
    request_log::{Counted, Record},
    table::{Release, Route, Table},
};
use arc_swap::ArcSwap;
use futures::future::join_all;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use paas_logs::Logs;
use paas_metrics::Metrics;
use paas_model::{AppId, AppName, AppRoutes, Code, Host, ReleaseVersion, limits::Limits};
use paas_runtime::{App, Body, Runtime};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// How long a new table waits for its new releases' code.
const LOAD_WITHIN: Duration = Duration::from_secs(5);

/// Answers for all apps by the newest routing table.
pub struct Router {
    table: ArcSwap<Table>,
    runtime: Runtime,
    logs: Logs,
    metrics: Metrics,
    port: u16,
}

impl Router {
    /// `port`: where visitors reach it, for `X-Forwarded-Port`.
    pub fn new(runtime: Runtime, logs: Logs, metrics: Metrics, port: u16) -> Self {
        Self { table: ArcSwap::default(), runtime, logs, metrics, port }
    }

    /// Swaps the table. Requests at work finish on the release they began with; new current releases are loaded before they
    /// are asked for, at a start too, but nobody waits longer than a moment for a slow one.
    pub async fn publish(&self, apps: Vec<AppRoutes>) {
        let before = self.table.load_full();
        let next = Table::next(&before, apps, &self.runtime);
        let loads = next.newly_current(&before).into_iter().map(|app| tokio::spawn(load(app)));
        drop(timeout(LOAD_WITHIN, join_all(loads)).await); // what is not loaded by then goes on loading
        self.table.store(Arc::new(next));
    }

    /// Answers a request to any host but the control plane's.
    pub async fn answer(&self, host: Host, host_text: String, mut request: Request<Body>, peer: SocketAddr) -> Response<Body> {
        let identity = headers::inbound(request.headers_mut(), &host_text, peer, self.port);
        let accept = accept_only(request.headers());
        let Some((name, version)) = named(&host) else { return page::unknown_host(&identity.request_id, &accept) };
        let found = {
            let table = self.table.load();
            table.app(name).map(|route| Found::new(route, version))
        };
        let Some(found) = found else { return page::unknown_host(&identity.request_id, &accept) };
        let Ok(chosen) = found.chosen else { return page::unknown_release(&identity.request_id, &accept) };
        let mut record = self.record(found.app, &request, host_text, identity, peer);
        if let Some(release) = &chosen {
            record.release = Some(release.app.target().version);
            record.meter = Some(release.meter(&self.metrics));
        }
        let app = match chosen {
            _ if found.maintenance => return refuse(Code::H80, record, &accept),
            None => return refuse(Code::H81, record, &accept),
            Some(release) => release.app,
        };
        match timeout(app.target().limits.first_byte(), found.gate.enter()).await {
            Ok(Some(pass)) => run(&app, request, record, pass, &accept).await,
            Ok(None) => refuse(Code::H11, record, &accept),
            Err(_) => refuse(Code::H12, record, &accept),
        }
    }

    fn record(&self, app: AppId, request: &Request<Body>, host: String, identity: Identity, peer: SocketAddr) -> Record {
        Record {
            logs: self.logs.clone(),
            app,
            method: request.method().clone(),
            path: request.uri().path_and_query().map_or_else(|| "/".into(), ToString::to_string),
            host,
            identity,
            peer: peer.ip(),
            release: None,
            meter: None,
            began: Instant::now(),
            cold: false,
            usage: None,
            status: None,
            code: None,
            bytes: 0,
        }
    }
}

/// What a lookup takes out of the table, so that the table is not held while the app runs.
struct Found {
    app: AppId,
    maintenance: bool,
    gate: Arc<crate::gate::Gate>,
    /// `Err`: no such release. `Ok(None)`: no code yet.
    chosen: Result<Option<Release>, ()>,
}

impl Found {
    fn new(route: &Route, version: Option<ReleaseVersion>) -> Self {
        let chosen = match version {
            None => Ok(route.current.clone()),
            Some(version) => route.release(version).map(Some).ok_or(()),
        };
        Self { app: route.id, maintenance: route.maintenance, gate: route.gate.clone(), chosen }
    }
}

fn named(host: &Host) -> Option<(&AppName, Option<ReleaseVersion>)> {
    match host {
        Host::App(name) => Some((name, None)),
        Host::Release(name, version) => Some((name, Some(*version))),
        Host::Control | Host::Unknown => None,
    }
}

async fn load(app: Arc<App>) {
    if let Err(refusal) = app.load().await {
        tracing::error!(%refusal, app.name = %app.target().app_name, release.version = %app.target().version, "a release does not load");
    }
}

async fn run(app: &App, request: Request<Body>, mut record: Record, pass: Pass, accept: &HeaderMap) -> Response<Body> {
    let answer = app.handle(request).await;
    (record.cold, record.usage) = (answer.cold, Some(answer.usage));
    match answer.result {
        Err(failure) => refuse(failure.code, record, accept),
        Ok(response) => {
            record.status = Some(response.status());
            let (mut parts, body) = response.into_parts();
            headers::outbound(&mut parts.headers, &record.identity.request_id);
            // The place at the gate is held until the last byte is sent.
            let body = Counted::new(body, app.target().limits.idle(), record).map_frame(move |frame| {
                let _ = &pass;
                frame
            });
            Response::from_parts(parts, body.boxed_unsync())
        }
    }
}

fn refuse(code: Code, mut record: Record, accept: &HeaderMap) -> Response<Body> {
    let response = page::of_code(code, &record.identity.request_id, accept);
    record.code = Some(code);
    record.status = Some(response.status());
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Counted::new(body, Limits::default().idle(), record).boxed_unsync())
}

/// The one header that an error page looks at, kept from a request that is given away.
fn accept_only(headers: &HeaderMap) -> HeaderMap {
    let accept = headers.get(http::header::ACCEPT).cloned();
    accept.map(|value| (http::header::ACCEPT, value)).into_iter().collect()
}

/// Shown by the server for a request without a usable host.
pub(crate) fn bad_host() -> Response<Body> {
    let mut response = page::unknown_host("-", &HeaderMap::new());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
