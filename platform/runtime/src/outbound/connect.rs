//! A connection to another host: its name is resolved once, every address checked, and one of exactly these connected to.
use super::Network;
use crate::RuntimeError;
use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use std::{
    io,
    net::{IpAddr, SocketAddr},
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::either::Either;

const RESOLVE: Duration = Duration::from_secs(5);
/// For each address of a host; one that drops packets leaves time for the next.
const CONNECT: Duration = Duration::from_secs(4);
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Turns names into addresses.
pub trait Resolve: Send + Sync {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// As this machine does it.
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}

/// Why there is no connection.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Unreachable {
    #[error("its address {0} is not public")]
    Private(IpAddr),
    #[error("its name is not known")]
    Name,
    #[error("its name was not resolved in time")]
    NameTimeout,
    #[error("it did not accept a connection in time")]
    Timeout,
    #[error("it refuses connections")]
    Refused,
    #[error("TLS failed: {0}")]
    Tls(String),
}

/// Whom we believe to be who they say.
pub(super) struct Trust(TlsConnector);

impl Trust {
    pub(super) fn new(authorities: Option<&Path>) -> Result<Self, RuntimeError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        if let Some(path) = authorities {
            let unreadable = |error: &dyn std::fmt::Display| RuntimeError::Authorities { path: path.into(), reason: error.to_string() };
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))? {
                roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("ring knows TLS 1.2 and 1.3");
        Ok(Self(TlsConnector::from(Arc::new(versions.with_root_certificates(roots).with_no_client_auth()))))
    }
}

/// Makes the connections of one app's pool.
#[derive(Clone)]
pub(super) struct Connector(pub(super) Arc<Network>);

impl Connector {
    async fn connect(self, uri: Uri) -> Result<Link, Unreachable> {
        let (https, host, port) = place(&uri).ok_or(Unreachable::Name)?;
        let stream = self.tcp(&host, port).await?;
        if !https {
            return Ok(Link(TokioIo::new(Either::Left(stream))));
        }
        let name = ServerName::try_from(host).map_err(|_| Unreachable::Name)?;
        match timeout(HANDSHAKE, self.0.trust.0.connect(name, stream)).await {
            Ok(Ok(stream)) => Ok(Link(TokioIo::new(Either::Right(stream)))),
            Ok(Err(error)) => Err(Unreachable::Tls(error.to_string())),
            Err(_) => Err(Unreachable::Timeout),
        }
    }

    async fn tcp(&self, host: &str, port: u16) -> Result<TcpStream, Unreachable> {
        let mut last = Unreachable::Name;
        for address in self.addresses(host, port).await? {
            match timeout(CONNECT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Without it small requests wait for each other; that it fails is no reason to fail.
                    drop(stream.set_nodelay(true));
                    return Ok(stream);
                }
                Ok(Err(_)) => last = Unreachable::Refused,
                Err(_) => last = Unreachable::Timeout,
            }
        }
        Err(last)
    }

    /// One that leads inside makes the whole name suspect.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Unreachable> {
        let addresses = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => timeout(RESOLVE, self.0.config.resolver.resolve(host, port))
                .await
                .map_err(|_| Unreachable::NameTimeout)?
                .map_err(|_| Unreachable::Name)?,
        };
        match addresses.iter().find(|address| !self.0.guard.allows(address.ip())) {
            Some(inside) => Err(Unreachable::Private(inside.ip())),
            None => Ok(addresses),
        }
    }
}

/// Scheme, host (lower case, no brackets, no last dot) and port that a URI names; `None` if it is none of ours.
pub(super) fn place(uri: &Uri) -> Option<(bool, String, u16)> {
    let https = match uri.scheme_str()? {
        "https" => true,
        "http" => false,
        _ => return None,
    };
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let host = authority.host().to_ascii_lowercase();
    let host = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
        None => host.strip_suffix('.').unwrap_or(&host).to_string(),
    };
    let port = match authority.port() {
        Some(port) => port.as_u16(),
        None if https => 443,
        None => 80,
    };
    (!host.is_empty()).then_some((https, host, port))
}

impl tower::Service<Uri> for Connector {
    type Response = Link;
    type Error = Unreachable;
    type Future = BoxFuture<'static, Result<Link, Unreachable>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

/// A connection as hyper wants it.
pub(super) struct Link(TokioIo<Either<TcpStream, TlsStream<TcpStream>>>);

impl Connection for Link {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
impl Read for Link {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}
impl Write for Link {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
