//! The proxy itself: `CONNECT` for what is encrypted, whole requests for plain http (RFC 9110, 9.3.6 and 7.6).
use super::{
    CONNECTIONS, Network,
    connect::Refusal,
    counted::{Counted, Left},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{self, HeaderName, HeaderValue},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io, sync::Arc};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

type Body = BoxBody<Bytes, hyper::Error>;

/// Fields that speak of one connection only, or to a proxy (RFC 9110, 7.6.1).
const OF_A_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::UPGRADE,
    HeaderName::from_static("proxy-connection"),
];

#[derive(Clone)]
struct Proxy {
    network: Arc<Network>,
    left: Arc<Left>,
    /// Ends everything that was begun for the job.
    end: CancellationToken,
}

/// Answers all connections of a job.
pub async fn accept(listener: TcpListener, network: Arc<Network>, end: CancellationToken) {
    let proxy = Proxy { left: Left::all(network.clone()), network, end };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(place) = places.clone().acquire_owned().await {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => return tracing::debug!(%error, "a build's listener ended"),
        };
        let proxy = proxy.clone();
        tokio::spawn(async move {
            proxy.end.clone().run_until_cancelled(proxy.serve(stream)).await;
            drop(place);
        });
    }
}

impl Proxy {
    async fn serve(&self, stream: TcpStream) {
        let service = service_fn(|request| async { Ok::<_, Infallible>(self.answer(request).await) });
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a build's connection ended");
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let tunnel = request.method() == Method::CONNECT;
        let plain = request.uri().scheme_str() == Some("http");
        let Some(authority) = request.uri().authority().cloned().filter(|_| tunnel || plain) else {
            return said(StatusCode::BAD_REQUEST, "This is a proxy for package clients.");
        };
        let port = authority.port_u16().unwrap_or(if tunnel { 443 } else { 80 });
        let way = match self.network.connect(authority.host(), port, tunnel).await {
            Ok(way) => way,
            Err(refusal) => return self.refused(refusal),
        };
        let upstream = Counted { stream: way.stream, left: self.left.clone() };
        if tunnel {
            let proxy = self.clone();
            tokio::spawn(async move { proxy.end.run_until_cancelled(carry(request, upstream)).await });
            return Response::new(empty());
        }
        let authorization = way.proxy.as_ref().map(|proxy| proxy.authorization().and_then(|value| HeaderValue::from_str(value).ok()));
        match self.forward(request, upstream, authorization).await {
            Ok(response) => response,
            Err(error) => {
                self.refused(Refusal::Unreachable(format!("{authority} did not answer ({error}). Push again; if it stays, tell the operator.")))
            }
        }
    }

    fn refused(&self, refusal: Refusal) -> Response<Body> {
        let (status, text) = match refusal {
            Refusal::Not(text) => (StatusCode::FORBIDDEN, text),
            Refusal::Unreachable(text) => (StatusCode::BAD_GATEWAY, text),
        };
        let response = said(status, &text);
        self.network.output.say(text);
        response
    }

    /// A request of its own connection; `via` is there when that leads to the operator's proxy, with what it wants to see.
    async fn forward(
        &self,
        request: Request<Incoming>,
        upstream: Counted<TcpStream>,
        via: Option<Option<HeaderValue>>,
    ) -> Result<Response<Body>, hyper::Error> {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(upstream)).await?;
        let end = self.end.clone();
        tokio::spawn(async move {
            if let Some(Err(error)) = end.run_until_cancelled(connection).await {
                tracing::debug!(%error, "a host's connection ended");
            }
        });
        let response = sender.send_request(rewritten(request, via)).await?;
        let (mut parts, body) = response.into_parts();
        OF_A_CONNECTION.iter().for_each(|name| drop(parts.headers.remove(name)));
        Ok(Response::from_parts(parts, body.boxed()))
    }
}

/// Bytes in both directions, until one side has enough.
async fn carry(request: Request<Incoming>, mut upstream: Counted<TcpStream>) {
    let carried = match hyper::upgrade::on(request).await {
        Ok(client) => tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut upstream).await,
        Err(error) => Err(io::Error::other(error)),
    };
    if let Err(error) = carried {
        tracing::debug!(%error, "a build's tunnel ended");
    }
}

/// As the host itself, or the operator's proxy, is asked.
fn rewritten(request: Request<Incoming>, via: Option<Option<HeaderValue>>) -> Request<Incoming> {
    let (mut parts, body) = request.into_parts();
    OF_A_CONNECTION.iter().for_each(|name| drop(parts.headers.remove(name)));
    // The host that was checked, whatever the client calls it.
    let host = parts.uri.authority().map(|it| it.port().map_or_else(|| it.host().into(), |port| format!("{}:{port}", it.host())));
    if let Some(host) = host.and_then(|host| HeaderValue::try_from(host).ok()) {
        parts.headers.insert(header::HOST, host);
    }
    match via {
        Some(authorization) => drop(authorization.map(|value| parts.headers.insert(header::PROXY_AUTHORIZATION, value))),
        None => parts.uri = parts.uri.path_and_query().cloned().map_or_else(Uri::default, Uri::from),
    }
    Request::from_parts(parts, body)
}

fn empty() -> Body {
    Full::default().map_err(|never: Infallible| match never {}).boxed()
}

fn said(status: StatusCode, text: &str) -> Response<Body> {
    let mut response = Response::new(Full::from(format!("{text}\n")).map_err(|never: Infallible| match never {}).boxed());
    *response.status_mut() = status;
    response
}
