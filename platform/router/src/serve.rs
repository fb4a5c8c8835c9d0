//! Takes connections and tells the two doors apart: the control plane's and the visitors'.
use crate::dispatch::{Router, bad_host};
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use paas_model::Host;
use paas_runtime::Body;
use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::{TcpListener, TcpStream};

/// Answers requests to the control host; given by the process, which alone knows the API.
pub type Control = Arc<dyn Fn(Request<Incoming>, SocketAddr) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// A visitor gets this long to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// Request line and headers together.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// After an error of `accept`, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` resolves, then lets requests at work finish for as long as it said. Returns whether all did.
pub async fn serve(listener: TcpListener, router: Arc<Router>, domain: String, control: Control, shutdown: impl Future<Output = Duration>) -> bool {
    let door = Arc::new(Door { router, domain, control });
    let connections = GracefulShutdown::new();
    tokio::pin!(shutdown);
    let patience = loop {
        tokio::select! {
            patience = &mut shutdown => break patience,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => door.clone().connect(stream, peer, &connections),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    };
    drop(listener);
    tokio::time::timeout(patience, connections.shutdown()).await.is_ok()
}

struct Door {
    router: Arc<Router>,
    domain: String,
    control: Control,
}

impl Door {
    fn connect(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, connections: &GracefulShutdown) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let service = service_fn(move |request| {
            let door = self.clone();
            async move { Ok::<_, Infallible>(door.answer(request, peer).await) }
        });
        let mut server = auto::Builder::new(TokioExecutor::new());
        server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD_BYTES);
        server.http2().timer(TokioTimer::new()).max_header_list_size(MAX_HEAD_BYTES as u32).max_concurrent_streams(200);
        let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection ended early");
            }
        });
    }

    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let Some(text) = host_of(&request) else { return bad_host() };
        match Host::parse(&text, &self.domain) {
            Host::Control => (self.control)(request, peer).await,
            host => self.router.answer(host, text, request.map(|body| body.map_err(Into::into).boxed_unsync()), peer).await,
        }
    }
}

/// The one host a request names; `None` when it names none, two, or different ones.
fn host_of<B>(request: &Request<B>) -> Option<String> {
    let mut headers = request.headers().get_all(http::header::HOST).iter();
    let header = headers.next().map(|value| value.to_str()).transpose().ok()?;
    let in_line = request.uri().authority().map(|authority| authority.as_str());
    match (in_line, header, headers.next()) {
        (_, _, Some(_)) => None,
        (Some(line), Some(header), None) if !line.eq_ignore_ascii_case(header) => None,
        (line, header, None) => line.or(header).map(String::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, hosts: &[&str]) -> Request<()> {
        let builder = Request::builder().uri(uri);
        hosts.iter().fold(builder, |builder, host| builder.header("host", *host)).body(()).unwrap()
    }

    #[test]
    fn a_request_names_exactly_one_host() {
        assert_eq!(host_of(&request("/", &["a.localhost"])).as_deref(), Some("a.localhost"));
        assert_eq!(host_of(&request("http://a.localhost/", &["A.localhost"])).as_deref(), Some("a.localhost"));
        assert_eq!(host_of(&request("http://a.localhost/", &["b.localhost"])), None);
        assert_eq!(host_of(&request("/", &["a.localhost", "b.localhost"])), None);
        assert_eq!(host_of(&request("/", &[])), None);
    }
}
