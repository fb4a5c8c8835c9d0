//! The only way out of a build: a proxy of ours, which connects to allowed hosts and says which others it was asked for.
//!
//! Every build has a network of its own with nothing in it. A job that may fetch starts with a program of ours ([`inside`]), which listens on the
//! loopback interface in there and hands this listener out to us; so nothing of us has to run inside, and when we drop it, the way is closed.

mod connect;
mod counted;
mod handed;
mod hosts;
mod inside;
mod proxy;
mod upstream;

pub use hosts::{Host, Trust, rule};
pub use inside::{ENTER, TUNNEL, main as inside_main};
pub use upstream::Upstream;

use paas_model::output::Output;
use std::{
    collections::BTreeSet,
    os::unix::net::UnixStream,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::Handle;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Where a job finds the proxy, on the loopback interface of its own network.
pub const PORT: u16 = 3128;
/// Connections of one job at a time; others wait.
const CONNECTIONS: usize = 64;

/// What one job may reach.
#[derive(Debug)]
pub struct Network {
    pub hosts: Vec<Host>,
    pub upstream: Upstream,
    /// Bytes it may fetch.
    pub bytes: u64,
    /// Where refusals are said.
    pub output: Said,
    /// What runs the proxy.
    pub handle: Handle,
}

/// Says each thing once.
pub struct Said {
    output: Output,
    before: Mutex<BTreeSet<String>>,
}

impl Said {
    pub fn new(output: Output) -> Self {
        Self { output, before: Mutex::default() }
    }

    fn say(&self, text: String) {
        if self.before.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone()) {
            self.output.warning(text);
        }
    }
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Said")
    }
}

/// Serves the listener that comes out of `socket`, until the answer is dropped: then every connection of the job is cut.
pub fn serve(network: &Arc<Network>, socket: UnixStream) -> DropGuard {
    let end = CancellationToken::new();
    let (network, token) = (network.clone(), end.clone());
    network.handle.clone().spawn(async move {
        let serving = async {
            match handed::receive(socket).await {
                Ok(Some(listener)) => proxy::accept(listener, network, token.clone()).await,
                // The sandbox did not come so far; its own error says why.
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a build's proxy got no listener"),
            }
        };
        token.run_until_cancelled(serving).await;
    });
    end.drop_guard()
}
