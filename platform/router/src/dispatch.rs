//! The life of a request: whose is it, may it run, who runs it, what is said of it.
use crate::{
    compress,
    connection::{Exchange, Patience},
    crowd::{Connections, Crowd},
    gate::Pass,
    headers::{self, Identity},
    length, page,
    request_log::{Counted, Record},
    sizes, stall,
    table::{Release, Route, Table},
    upload::{self, Stopped},
};
use arc_swap::ArcSwap;
use futures::future::join_all;
use http::{
    Method, Request, Response, StatusCode, Version,
    header::{CONTENT_LENGTH, UPGRADE},
    response,
};
use http_body::Body as _;
use http_body_util::{BodyExt, Empty};
use paas_logs::Logs;
use paas_metrics::Metrics;
use paas_model::{AppId, AppName, AppRoutes, Code, ConfigVars, Host, ReleaseVersion, limits::Limits};
use paas_runtime::{App, Body, Runtime};
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{Instant as Deadline, timeout, timeout_at};

/// How long a new table waits for its new releases' code.
const LOAD_WITHIN: Duration = Duration::from_secs(5);

/// Answers for all apps by the newest routing table.
pub struct Router {
    table: ArcSwap<Table>,
    runtime: Runtime,
    logs: Logs,
    metrics: Metrics,
    port: u16,
    patience: Patience,
    crowd: Crowd,
}

impl Router {
    /// `port`: where visitors reach it, for `X-Forwarded-Port`.
    pub fn new(runtime: Runtime, logs: Logs, metrics: Metrics, port: u16) -> Self {
        Self { table: ArcSwap::default(), runtime, logs, metrics, port, patience: Patience::default(), crowd: Crowd::new(Connections::default()) }
    }

    /// With other times than the usual ones.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// With room for so many connections.
    pub fn with_connections(self, connections: Connections) -> Self {
        Self { crowd: Crowd::new(connections), ..self }
    }

    pub(crate) fn crowd(&self) -> &Crowd {
        &self.crowd
    }

    pub(crate) fn patience(&self) -> Patience {
        self.patience
    }

    /// Swaps the table. Requests at work finish on the release they began with; new current releases are loaded before they
    /// are asked for, but nobody waits longer than a moment for a slow one.
    pub async fn publish(&self, apps: Vec<AppRoutes>) {
        let before = self.table.load_full();
        let next = Table::next(&before, apps, &self.runtime);
        let loads = next.newly_current(&before).into_iter().map(|app| tokio::spawn(load(app)));
        drop(timeout(LOAD_WITHIN, join_all(loads)).await); // what is not loaded by then goes on loading
        self.table.store(Arc::new(next));
    }

    /// The first table: nothing is loaded, so that a node with thousands of apps starts as one with few. Each app's first request loads it.
    pub fn begin(&self, apps: Vec<AppRoutes>) {
        let next = Table::default().next(apps, &self.runtime);
        self.table.store(Arc::new(next));
    }

    /// Answers a request to any host but the control plane's.
    pub async fn answer(&self, host: Host, host_text: String, mut request: Request<Body>, peer: SocketAddr, exchange: Exchange) -> Response<Body> {
        let asked = Asked::of(&request);
        let identity = headers::inbound(request.headers_mut(), asked.version, &host_text, peer, self.port);
        let Some((name, version)) = named(&host) else { return page::unknown_host(&identity.request_id, asked.json) };
        let found = {
            let table = self.table.load();
            table.app(name).map(|route| Found::new(route, version))
        };
        let Some(found) = found else { return page::unknown_host(&identity.request_id, asked.json) };
        let Ok(chosen) = found.chosen else { return page::unknown_release(&identity.request_id, asked.json) };
        let mut record = self.record(found.app, &request, host_text, identity, peer, exchange);
        if let Some(release) = &chosen {
            record.release = Some(release.app.target().version);
            record.meter = Some(release.meter(&self.metrics));
        }
        let config = chosen.as_ref().map(|release| release.app.target().env.clone());
        let app = match chosen {
            _ if found.maintenance => return refuse(Code::H80, record, &asked, config.as_deref()),
            None => return refuse(Code::H81, record, &asked, None),
            Some(_) if asked.other_protocol => return send(page::no_other_protocol(&record.identity.request_id, asked.json), record, &asked),
            Some(release) => release.app,
        };
        let limits = &app.target().limits;
        if let Some(status) = sizes::refusal(&request, limits) {
            return refuse_larger(status, record, &asked);
        }
        let (request, stopped) = upload::watched(request, self.patience.transfer);
        record.stopped = stopped;
        let deadline = Deadline::from_std(record.began) + limits.first_byte();
        match timeout_at(deadline, found.gate.enter()).await {
            Ok(Some(pass)) => self.run(&app, request, deadline, record, pass, &asked).await,
            Ok(None) => refuse(Code::H11, record, &asked, config.as_deref()),
            Err(_) => refuse(Code::H12, record, &asked, config.as_deref()),
        }
    }

    async fn run(&self, app: &App, request: Request<Body>, deadline: Deadline, mut record: Record, pass: Pass, asked: &Asked) -> Response<Body> {
        let limits = &app.target().limits;
        let (head, body) = request.into_parts();
        let (body, exceeded) = sizes::bounded(body, limits.request_body_bytes);
        let answer = app.handle_by(Request::from_parts(head, body), deadline).await;
        (record.cold, record.usage) = (answer.cold, Some(answer.usage));
        let config = &*app.target().env;
        let response = match answer.result {
            _ if exceeded.is_some_and(|exceeded| exceeded.is_set()) => return refuse_larger(StatusCode::PAYLOAD_TOO_LARGE, record, asked),
            Ok(response) if sizes::announced(response.body(), limits.response_bytes) => {
                record.answer_is_too_large();
                return refuse(Code::H18, record, asked, Some(config));
            }
            Ok(response) => response,
            Err(failure) => return refuse(record.stopped.code().unwrap_or(failure.code), record, asked, Some(config)),
        };
        record.status = Some(response.status());
        let (mut head, body) = response.into_parts();
        headers::outbound(&mut head.headers, &record.identity.request_id);
        let body = match asked.has_body(head.status) {
            true => length::held(&head.headers, body),
            false => Ok(without_body(&mut head, &body)),
        };
        let body = body.map(|body| sizes::bounded(body, limits.response_bytes).0);
        let Ok(body) = body else { return refuse(Code::H17, record, asked, Some(config)) };
        let body = compress::answer(&mut head, body, asked.gzip);
        let streams = body.size_hint().exact().is_none();
        let body = Counted::new(body, limits.idle(), record, Some(pass), asked.version);
        let body = if streams && asked.version == Version::HTTP_2 { stall::watched(body, self.patience.transfer) } else { body.boxed_unsync() };
        Response::from_parts(head, body)
    }

    fn record(&self, app: AppId, request: &Request<Body>, host: String, identity: Identity, peer: SocketAddr, exchange: Exchange) -> Record {
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
            stopped: Stopped::default(),
            exchange,
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

/// What is kept of a request that is given away.
struct Asked {
    version: Version,
    head: bool,
    json: bool,
    gzip: bool,
    /// WebSocket, or a tunnel.
    other_protocol: bool,
}

impl Asked {
    fn of(request: &Request<Body>) -> Self {
        let headers = request.headers();
        let upgrade = headers.get(UPGRADE).is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket"));
        Self {
            version: request.version(),
            head: request.method() == Method::HEAD,
            json: page::wants_json(headers),
            gzip: compress::accepts_gzip(headers),
            other_protocol: upgrade || request.method() == Method::CONNECT,
        }
    }

    fn has_body(&self, status: StatusCode) -> bool {
        !self.head && status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED
    }
}

/// An answer that is its head alone still says how long its body would be, if that is known.
fn without_body(head: &mut response::Parts, body: &Body) -> Body {
    if head.status == StatusCode::NO_CONTENT {
        head.headers.remove(CONTENT_LENGTH);
    } else if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        head.headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// The request is larger than the app takes: 413 or 431.
fn refuse_larger(status: StatusCode, mut record: Record, asked: &Asked) -> Response<Body> {
    record.code = Some(Code::H26);
    let response = page::too_large(status, &record.identity.request_id, asked.json);
    send(response, record, asked)
}

fn refuse(code: Code, mut record: Record, asked: &Asked, config: Option<&ConfigVars>) -> Response<Body> {
    record.code = Some(code);
    let response = page::of_code(code, &record.identity.request_id, asked.json, config);
    send(response, record, asked)
}

/// An answer of the router's own.
fn send(response: Response<Body>, mut record: Record, asked: &Asked) -> Response<Body> {
    record.status = Some(response.status());
    let (mut head, body) = response.into_parts();
    let body = if asked.has_body(head.status) { body } else { without_body(&mut head, &body) };
    Response::from_parts(head, Counted::new(body, Limits::default().idle(), record, None, asked.version).boxed_unsync())
}

/// Shown by the server for a request without a usable host.
pub(crate) fn bad_host() -> Response<Body> {
    let mut response = page::unknown_host("-", false);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}
