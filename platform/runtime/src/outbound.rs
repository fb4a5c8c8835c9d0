//! Requests that an app sends to other hosts: allowed by its rules, to addresses that are nobody's inside, within limits, and told in its log.
mod address;
mod answer;
mod calls;
mod client;
mod connect;
mod origin;

pub(crate) use calls::{Calls, MODULE as CALLS_MODULE, link};
pub(crate) use client::Client;
pub use connect::{Resolve, SystemResolver};
pub(crate) use origin::{MAX_HOPS, Origin};

use crate::{RuntimeError, stdio::Log};
use client::Call;
use connect::Trust;
use ipnet::IpNet;
use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Io), Error>> + Send>;

/// The answers of a guest wait in at most this many pieces of at most this many bytes until the visitor takes them.
const PIECES: usize = 8;
const PIECE_BYTES: usize = 64 << 10;

/// How apps reach other hosts from this node.
#[derive(Clone)]
pub struct NetworkConfig {
    /// Private addresses that apps may be allowed to reach all the same.
    pub allow_private: Vec<IpNet>,
    /// Addresses of the platform's own, beside this machine's: never reached.
    pub refused: Vec<IpAddr>,
    /// Certificate authorities (PEM) that are trusted beside the public ones.
    pub authorities: Option<PathBuf>,
    pub resolver: Arc<dyn Resolve>,
    /// At most, whatever a guest asks for: until there is a connection, until the head of the answer, between two pieces of its body.
    pub connect: Duration,
    pub first_byte: Duration,
    pub between_bytes: Duration,
    /// The body of an answer; what the node holds of it at a time is far less.
    pub answer_bytes: u64,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            allow_private: vec![],
            refused: vec![],
            authorities: None,
            resolver: Arc::new(SystemResolver),
            connect: Duration::from_secs(20),
            first_byte: Duration::from_secs(30),
            between_bytes: Duration::from_secs(30),
            answer_bytes: 64 << 20,
        }
    }
}

/// What all apps of a node share of their way out. Connections are each app's own.
pub(crate) struct Network {
    guard: address::Guard,
    trust: Trust,
    config: NetworkConfig,
}

impl Network {
    pub(crate) fn new(config: NetworkConfig) -> Result<Arc<Self>, RuntimeError> {
        let trust = Trust::new(config.authorities.as_deref())?;
        let guard = address::Guard::new(config.allow_private.clone(), &config.refused);
        Ok(Arc::new(Self { guard, trust, config }))
    }
}

/// One instance's way out.
pub(crate) struct Outbound {
    client: Arc<Client>,
    log: Arc<Log>,
    origin: Origin,
}

impl Outbound {
    pub(crate) fn new(client: Arc<Client>, log: Arc<Log>, origin: Origin) -> Self {
        Self { client, log, origin }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(&mut self, request: http::Request<WasiBody>, options: Option<RequestOptions>, _: Io) -> Sent {
        let call = Call::new(&request, self.log.clone(), self.origin.clone());
        // At once: a guest that does not wait for its answer is refused, and told so, all the same.
        match self.client.check(&call, &request) {
            Ok(()) => Box::new(self.client.clone().send(call, request, options.unwrap_or_default())),
            Err(error) => Box::new(async { Err(error) }),
        }
    }
    fn p2_outgoing_body_buffer_chunks(&mut self) -> usize {
        PIECES
    }
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        PIECE_BYTES
    }
    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        PIECE_BYTES
    }
}
