//! One app's client: its rules, its connections, its calls in flight.
use super::{
    Io, Network, Origin,
    answer::Answer,
    connect::{Connector, Unreachable, place},
};
use crate::stdio::Log;
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper_util::{
    client::legacy::{self, Error as Failed},
    rt::{TokioExecutor, TokioTimer},
};
use paas_model::{AppName, Egress, Target};
use std::{
    error::Error as _,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// The head of an answer, and what is read at once.
const BUFFER_BYTES: usize = 64 << 10;
const IDLE: Duration = Duration::from_secs(30);
const IDLE_PER_HOST: usize = 8;

type Pool = legacy::Client<Connector, WasiBody>;

pub(crate) struct Client {
    network: Arc<Network>,
    app: AppName,
    egress: Egress,
    /// Calls that may be in flight.
    places: Arc<Semaphore>,
    /// Made by the first call: most apps make none.
    pool: OnceLock<Pool>,
}

/// A call, as its line in the log will tell it.
pub(super) struct Call {
    log: Arc<Log>,
    origin: Origin,
    method: Method,
    host: String,
    began: Instant,
}

impl Call {
    pub(super) fn new(request: &Request<WasiBody>, log: Arc<Log>, origin: Origin) -> Self {
        let host = request.uri().authority().map_or("", |authority| authority.as_str());
        Self { log, origin, method: request.method().clone(), host: host.chars().take(255).collect(), began: Instant::now() }
    }

    fn answered(&self, response: &Response<hyper::body::Incoming>) {
        self.line("info", &format!("status={}", response.status().as_u16()));
    }

    fn failed(&self, why: &str) {
        self.line("error", &format!("error={why:?} status="));
    }

    fn line(&self, level: &str, outcome: &str) {
        let Self { method, host, origin, began, .. } = self;
        let (service, id) = (began.elapsed().as_millis(), &origin.request_id);
        self.log.outbound(&format!("at={level} method={method} host={host} {outcome} service={service}ms request_id={id}"));
    }

    fn denied(&self, hint: &str) {
        let Self { method, host, origin, .. } = self;
        self.log.outbound(&format!("W40 Capability denied host={host} method={method} request_id={} {hint}", origin.request_id));
    }
}

impl Client {
    pub(crate) fn new(network: Arc<Network>, target: &Target) -> Arc<Self> {
        let places = Arc::new(Semaphore::new(target.limits.outbound as usize));
        Arc::new(Self { network, app: target.app_name.clone(), egress: target.egress.clone(), places, pool: OnceLock::new() })
    }

    pub(super) async fn send(
        self: Arc<Self>,
        call: Call,
        request: Request<WasiBody>,
        options: RequestOptions,
    ) -> Result<(Response<WasiBody>, Io), Error> {
        match self.exchange(&call, request, options).await {
            Ok(response) => Ok((response, Box::new(async { Ok(()) }))),
            Err(Error::DestinationIpProhibited) => Err(Error::DestinationIpProhibited), // told already
            Err(error) => {
                call.failed(&error.to_string());
                Err(error)
            }
        }
    }

    /// What can be said without asking anybody.
    pub(super) fn check(&self, call: &Call, request: &Request<WasiBody>) -> Result<(), Error> {
        if request.method() == Method::CONNECT {
            call.failed("CONNECT is not offered");
            return Err(Error::HttpRequestMethodInvalid);
        }
        let Some((https, host, port)) = place(request.uri()) else {
            call.failed("the URI names no host");
            return Err(Error::HttpRequestUriInvalid);
        };
        if !self.egress.allows(https, &host, port) {
            call.denied(&format!("(allow it: paas egress:allow {} -a {})", rule(https, &host, port), self.app));
            return Err(Error::HttpRequestDenied);
        }
        Ok(())
    }

    async fn exchange(&self, call: &Call, mut request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        let most = &self.network.config;
        let at_most = |chosen: Option<Duration>, most: Duration| chosen.map_or(most, |chosen| chosen.min(most));
        let connect = at_most(options.connect_timeout, most.connect);
        let first_byte = at_most(options.first_byte_timeout, most.first_byte);
        let between = at_most(options.between_bytes_timeout, most.between_bytes);
        let place = self.place(connect).await?;
        call.origin.mark(request.headers_mut());
        let response = match timeout(connect + first_byte, self.pool().request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(failed)) => return Err(self.explained(call, &failed)),
            Err(_) => return Err(Error::HttpResponseTimeout),
        };
        call.answered(&response);
        if let Some(size) = http_body::Body::size_hint(response.body()).exact().filter(|size| *size > most.answer_bytes) {
            return Err(Error::HttpResponseBodySize(Some(size)));
        }
        Ok(response.map(|body| Answer::new(body, most.answer_bytes, between, place).boxed_unsync()))
    }

    async fn place(&self, wait: Duration) -> Result<OwnedSemaphorePermit, Error> {
        let place = timeout(wait, self.places.clone().acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or(Error::ConnectionLimitReached)
    }

    fn pool(&self) -> &Pool {
        self.pool.get_or_init(|| {
            legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .http1_max_buf_size(BUFFER_BYTES)
                .build(Connector(self.network.clone()))
        })
    }

    /// What the guest is told of a failure; a forbidden address is also a refusal in the log.
    fn explained(&self, call: &Call, failed: &Failed) -> Error {
        match cause(failed) {
            Some(Unreachable::Private(address)) => {
                call.denied(&format!("address={address} (not public; an operator allows such with PAAS_EGRESS_ALLOW_PRIVATE)"));
                Error::DestinationIpProhibited
            }
            Some(Unreachable::Name) => Error::DestinationNotFound,
            Some(Unreachable::NameTimeout) => Error::DnsTimeout,
            Some(Unreachable::Timeout) => Error::ConnectionTimeout,
            Some(Unreachable::Refused) => Error::ConnectionRefused,
            Some(Unreachable::Tls(reason)) => Error::Tls(std::io::Error::other(reason)),
            None if failed.source().is_some_and(|source| source.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)) => {
                Error::HttpProtocolError
            }
            None => Error::ConnectionTerminated,
        }
    }
}

fn cause(failed: &Failed) -> Option<Unreachable> {
    let mut error = failed.source();
    while let Some(inner) = error {
        if let Some(unreachable) = inner.downcast_ref::<Unreachable>() {
            return Some(unreachable.clone());
        }
        error = inner.source();
    }
    None
}

/// The rule that would allow it.
fn rule(https: bool, host: &str, port: u16) -> String {
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_string() };
    match (https, port) {
        (true, 443) | (false, 80) => host,
        (_, port) => format!("{host}:{port}"),
    }
}
