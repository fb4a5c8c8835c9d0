//! Requests that an app sends: none are allowed yet, and each refusal is in the app's log.
use crate::stdio::Log;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

type Io = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, Io), Error>> + Send>;

/// The answers of a guest wait in at most this many pieces of at most this many bytes until the visitor takes them.
const PIECES: usize = 8;
const PIECE_BYTES: usize = 64 << 10;

pub(crate) struct Outbound {
    log: Arc<Log>,
}

impl Outbound {
    pub(crate) fn new(log: Arc<Log>) -> Self {
        Self { log }
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(&mut self, request: http::Request<WasiBody>, _: Option<RequestOptions>, _: Io) -> Sent {
        let host = request.uri().authority().map_or("", |authority| authority.as_str());
        self.log.platform(&format!("W40 Capability denied host={host}"));
        Box::new(async { Err(Error::HttpRequestDenied) })
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
