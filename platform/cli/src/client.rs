//! HTTP with the public API: requests with the key, answers as api-types, refusals as `Failure`.
use crate::failure::{Failure, Result};
use crate::origin::{Origin, is_loopback};
use crate::session::Session;
use paas_api_types::{Error, MEDIA_TYPE};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use ureq::http::{Method, Request, Response, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Body};

/// The server answers a config change once the new release serves requests, which may take a boot.
const ANSWER_WITHIN: Duration = Duration::from_secs(300);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const MAX_ERROR_BYTES: u64 = 64 * 1024;

pub struct Client {
    agent: Agent,
    session: Session,
}

impl Client {
    /// A client of the server and key that this command line means; refuses without a key.
    pub fn open() -> Result<Self> {
        let session = Session::current()?;
        session.key()?;
        Ok(Self::of(session))
    }

    pub fn of(session: Session) -> Self {
        let agent = agent(&session.server);
        Self { agent, session }
    }

    pub fn server(&self) -> &Origin {
        &self.session.server
    }

    pub fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.call(Method::GET, path, None, &())
    }

    /// The newest `count` by version, newest first, should the server page its lists.
    pub fn newest<T: DeserializeOwned>(&self, path: &str, count: u32) -> Result<Vec<T>> {
        self.call(Method::GET, path, Some(format!("version ..; max={count}, order=desc")), &())
    }

    pub fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(Method::POST, path, None, body)
    }

    pub fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(Method::PATCH, path, None, body)
    }

    pub fn put<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T> {
        self.call(Method::PUT, path, None, body)
    }

    pub fn delete(&self, path: &str) -> Result<()> {
        self.send(self.request(Method::DELETE, path, None)?, &()).map(drop)
    }

    /// As [`Client::delete`], for what the server shows once more.
    pub fn take<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.call(Method::DELETE, path, None, &())
    }

    /// Plain text below the server, as it comes.
    pub fn stream(&self, path: &str) -> Result<impl BufRead + use<>> {
        let mut request = self.request(Method::GET, path, None)?;
        request.headers_mut().insert("accept", "text/plain".parse().expect("a constant"));
        Ok(BufReader::new(self.send(request, &())?.into_body().into_reader()))
    }

    /// Plain text at an address the server gave out; the key stays at home.
    pub fn stream_elsewhere(&self, url: &str) -> Result<impl BufRead + use<>> {
        let request = Request::get(url).header("accept", "text/plain").body(()).map_err(|error| bad_address(self.server(), &error))?;
        Ok(BufReader::new(self.send(request, &())?.into_body().into_reader()))
    }

    /// Sends a file to an address the server gave out; the key stays at home.
    pub fn send_elsewhere(&self, url: &str, file: &File) -> Result<()> {
        let length = file.metadata().map_err(|error| Failure::local("measure the archive", error))?.len();
        let request = Request::put(url).header("content-type", "application/gzip").header("content-length", length);
        let request = request.body(file).map_err(|error| bad_address(self.server(), &error))?;
        let answer = self.agent.run(request).map_err(|error| unreachable(self.server(), &error))?;
        match answer.status().is_success() {
            true => Ok(()),
            false => Err(self.refusal(answer)),
        }
    }

    fn call<T: DeserializeOwned>(&self, method: Method, path: &str, range: Option<String>, body: &impl Serialize) -> Result<T> {
        let answer = self.send(self.request(method, path, range)?, body)?;
        serde_json::from_reader(answer.into_body().into_reader())
            .map_err(|error| Failure::Refused(format!("{} did not answer as a paas server does ({error}). Check PAAS_URL.", self.server())))
    }

    fn request(&self, method: Method, path: &str, range: Option<String>) -> Result<Request<()>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server()))
            .header("accept", MEDIA_TYPE)
            .header("authorization", format!("Bearer {}", self.session.key()?));
        if let Some(range) = range {
            request = request.header("range", range);
        }
        request.body(()).map_err(|error| Failure::Refused(format!("Could not make a request of this: {error}. Check the names given.")))
    }

    fn send(&self, request: Request<()>, body: &impl Serialize) -> Result<Response<Body>> {
        let answer = match request.method() {
            &Method::POST | &Method::PATCH | &Method::PUT => self.agent.run(with_json(request, body)?),
            _ => self.agent.run(request),
        };
        let answer = answer.map_err(|error| unreachable(self.server(), &error))?;
        match answer.status().is_success() {
            true => Ok(answer),
            false => Err(self.refusal(answer)),
        }
    }

    fn refusal(&self, answer: Response<Body>) -> Failure {
        let status = answer.status().as_u16();
        let request_id = answer.headers().get("request-id").and_then(|id| id.to_str().ok()).unwrap_or("unknown").to_owned();
        let body = answer.into_body().into_reader().take(MAX_ERROR_BYTES);
        let message = serde_json::from_reader::<_, Error>(body).map(|error| error.message);
        match (status, message) {
            (401, _) => self.session.refused(),
            (502..=504, message) => Failure::Unreachable(
                message.unwrap_or_else(|_| format!("{} is not available now (it answered {status}). Try again in a moment.", self.server())),
            ),
            (404, Ok(message)) => Failure::NotFound(message),
            (500.., Ok(message)) => Failure::Refused(format!("{message} (request {request_id} in the server's log)")),
            (_, Ok(message)) => Failure::Refused(message),
            (_, Err(_)) => Failure::Refused(format!(
                "{} answered {status} in no form that a paas server uses (request {request_id}). Check PAAS_URL, then the server's log.",
                self.server()
            )),
        }
    }
}

fn bad_address(server: &Origin, error: &ureq::http::Error) -> Failure {
    Failure::Refused(format!("{server} gave out an address that is none: {error}. Is it a paas server?"))
}

fn with_json(request: Request<()>, body: &impl Serialize) -> Result<Request<Vec<u8>>> {
    let body = serde_json::to_vec(body).map_err(|error| Failure::local("write JSON", error))?;
    let mut request = request.map(|()| body);
    request.headers_mut().insert("content-type", "application/json".parse().expect("a constant"));
    Ok(request)
}

fn unreachable(server: &Origin, cause: &ureq::Error) -> Failure {
    let next = match server.is_loopback() {
        true => "Start the platform with `paasd`, or name another server with PAAS_URL or `paas login URL`.",
        false => "Check the address (PAAS_URL, or `paas login URL`) and your network.",
    };
    let cause = match cause {
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    Failure::Unreachable(format!("Could not reach {server}: {cause}.\n{next}"))
}

fn agent(server: &Origin) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("paas/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity") // a compressed stream would hold lines back
        .timeout_connect(Some(CONNECT_WITHIN))
        .timeout_recv_response(Some(ANSWER_WITHIN));
    if server.is_loopback() {
        config = config.proxy(None);
    }
    Agent::with_parts(config.build(), DefaultConnector::default(), LoopbackResolver::default())
}

/// Knows `*.localhost` by itself: not every system's resolver does (RFC 6761 asks it to).
#[derive(Debug, Default)]
struct LoopbackResolver(DefaultResolver);

impl Resolver for LoopbackResolver {
    fn resolve(&self, uri: &Uri, config: &ureq::config::Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let name = uri.host().filter(|host| host.ends_with("localhost") && is_loopback(host));
        let Some(_) = name else { return self.0.resolve(uri, config, timeout) };
        let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
        let port = uri.port_u16().unwrap_or(default);
        let mut addresses = self.empty();
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        addresses.push(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
        Ok(addresses)
    }
}
