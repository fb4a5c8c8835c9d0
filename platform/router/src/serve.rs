//! Takes connections and tells the two doors apart: the control plane's and the visitors'.
use crate::{
    connection::{self, Connection, Exchange},
    crowd::Place,
    dispatch::{Router, bad_host},
    page,
    threads::Threads,
    wire::Wire,
};
use futures::future::BoxFuture;
use http::{HeaderValue, Request, Response, Version, header::CONNECTION};
use http_body_util::BodyExt;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use paas_model::Host;
use paas_runtime::Body;
use std::{convert::Infallible, future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
};
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

/// Answers requests to the control host; given by the process, which alone knows the API.
pub type Control = Arc<dyn Fn(Request<Incoming>, SocketAddr) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// Request line and headers together.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// To a visitor for whom there is no place.
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
/// After an error of `accept`, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// HTTP/2: requests of one connection at the same time; and what is held for each that its visitor does not take.
const STREAMS: u32 = 200;
const STREAM_BYTES: usize = 64 << 10;
/// HTTP/2: streams reset by either side that are remembered for it. Whoever causes more is cut off.
const RESET_STREAMS: usize = 50;
/// HTTP/2: a visitor who does not answer a ping within the first is gone; asked when nothing was heard for the second.
const PING_ANSWERED: Duration = Duration::from_secs(20);
const PING_EVERY: Duration = Duration::from_secs(30);

/// Serves until `shutdown` resolves, then lets requests at work finish for as long as it said. Returns whether all did; an error without threads to serve on.
pub async fn serve(
    listener: TcpListener,
    router: Arc<Router>,
    domain: String,
    control: Control,
    shutdown: impl Future<Output = Duration>,
) -> io::Result<bool> {
    let threads = Threads::start()?;
    let door = Arc::new(Door { router, domain, control, office: Handle::current() });
    let (connections, stopping) = (TaskTracker::new(), CancellationToken::new());
    tokio::pin!(shutdown);
    let patience = loop {
        tokio::select! {
            patience = &mut shutdown => break patience,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => match door.router.crowd().enter(peer.ip()) {
                    Some(place) => match stream.into_std() {
                        Ok(stream) => threads.spawn(connections.track_future(door.clone().connect(stream, peer, place, stopping.clone()))),
                        Err(error) => tracing::warn!(%error, "a connection could not be handed to its thread"),
                    },
                    None => turn_away(&stream),
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    };
    drop(listener);
    stopping.cancel();
    connections.close();
    Ok(tokio::time::timeout(patience, connections.wait()).await.is_ok())
}

/// Says so, if the visitor takes it at once; nobody waits for him.
fn turn_away(stream: &TcpStream) {
    if let Err(error) = stream.try_write(TURNED_AWAY) {
        tracing::debug!(%error, "a visitor was turned away without a word");
    }
}

struct Door {
    router: Arc<Router>,
    domain: String,
    control: Control,
    /// Where the control plane works: none of it is done on the visitors' threads.
    office: Handle,
}

impl Door {
    async fn connect(self: Arc<Self>, stream: std::net::TcpStream, peer: SocketAddr, _place: Place, stopping: CancellationToken) {
        let stream = match TcpStream::from_std(stream) {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!(%error, "a connection could not be served"),
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let (patience, connection) = (self.router.patience(), Arc::new(Connection::default()));
        let wire = TokioIo::new(Wire::new(stream, connection.clone(), patience.transfer));
        let its = connection.clone();
        let service = service_fn(move |request| {
            let (door, exchange) = (self.clone(), its.begin(&patience));
            async move { Ok::<_, Infallible>(door.answer(request, peer, exchange).await) }
        });
        let served = protocols(patience.head).serve_connection(wire, service).into_owned();
        connection::run(served, connection, patience, stopping).await;
    }

    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr, exchange: Exchange) -> Response<Body> {
        let closes = exchange.last && request.version() < Version::HTTP_2;
        let mut response = self.answer_either(request, peer, exchange).await;
        if closes {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn answer_either(&self, request: Request<Incoming>, peer: SocketAddr, exchange: Exchange) -> Response<Body> {
        let Some(text) = host_of(&request) else { return bad_host() };
        match Host::parse(&text, &self.domain) {
            Host::Control => {
                let response = self.at_the_office(request, peer).await;
                // The connection is not idle before the last byte.
                let held = move |frame| {
                    let _ = &exchange;
                    frame
                };
                response.map(|body| body.map_frame(held).boxed_unsync())
            }
            host => self.router.answer(host, text, request.map(|body| body.map_err(Into::into).boxed_unsync()), peer, exchange).await,
        }
    }

    /// The control plane's answer; a visitor who leaves ends the work on it.
    async fn at_the_office(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let work = AbortOnDropHandle::new(self.office.spawn((self.control)(request, peer)));
        match work.await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(%error, "the control plane gave no answer");
                page::fault()
            }
        }
    }
}

/// HTTP/1.1 and HTTP/2, told apart by their first bytes.
fn protocols(head: Duration) -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(MAX_HEAD_BYTES);
    let mut http2 = server.http2();
    http2.timer(TokioTimer::new()).max_header_list_size(MAX_HEAD_BYTES as u32).max_concurrent_streams(STREAMS).max_send_buf_size(STREAM_BYTES);
    http2.max_pending_accept_reset_streams(RESET_STREAMS).max_local_error_reset_streams(RESET_STREAMS);
    http2.keep_alive_interval(PING_EVERY).keep_alive_timeout(PING_ANSWERED);
    server
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
