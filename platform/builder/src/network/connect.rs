//! From a host's name to a connection: is it allowed, where does it lead, may that be reached.
use super::{
    Network,
    hosts::Trust,
    upstream::{Way, through},
};
use paas_model::is_public;
use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// What a host may take to answer a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no connection; the text is for the push.
#[derive(Debug)]
pub enum Refusal {
    /// The developer, or the operator, acts.
    Not(String),
    /// Nobody answers there; the client may try again.
    Unreachable(String),
}

impl Network {
    /// Connects to a host that the job may reach; `host` as it was written.
    pub async fn connect(&self, host: &str, port: u16, tunnel: bool) -> Result<Way, Refusal> {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        let known = self.hosts.iter().filter(|known| known.allows(&host, port));
        let trust = known.map(|known| known.trust).min_by_key(|trust| *trust == Trust::App).ok_or_else(|| not_allowed(&host, port))?;
        if let Some(address) = host.parse().ok().filter(|address| !reachable(trust, *address)) {
            return Err(not_there(&host, address));
        }
        if let Some(proxy) = self.upstream.of(tunnel, &host) {
            return through(proxy, &host, port, tunnel).await.map_err(|error| unreachable(&host, port, &error));
        }
        let found = timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), port))).await;
        let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(|error| unreachable(&host, port, &error))?;
        let (open, closed): (Vec<SocketAddr>, Vec<SocketAddr>) = found.partition(|address| reachable(trust, address.ip()));
        match (open.as_slice(), closed.first()) {
            ([], Some(address)) => Err(not_there(&host, address.ip())),
            (open, _) => first(open).await.map(Way::direct).map_err(|error| unreachable(&host, port, &error)),
        }
    }
}

/// Connects to exactly these, one after the other: nothing is resolved a second time.
async fn first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut error = io::ErrorKind::NotFound.into();
    for address in addresses {
        match timeout(PATIENCE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(why)) => error = why,
            Err(_) => error = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(error)
}

fn reachable(trust: Trust, address: IpAddr) -> bool {
    let address = address.to_canonical();
    match trust {
        Trust::App => is_public(address) && UdpSocket::bind((address, 0)).is_err(),
        // A mirror may be anywhere, but no registry is where clouds keep their machines' secrets.
        Trust::Operator => !link_local(address) && !address.is_unspecified() && !address.is_multicast(),
    }
}

fn link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local() || address.segments()[..2] == [0xfd00, 0xec2],
    }
}

fn not_allowed(host: &str, port: u16) -> Refusal {
    let to = if [80, 443].contains(&port) { host.to_string() } else { format!("{host}:{port}") };
    Refusal::Not(format!(
        "{to} was not reached: builds reach the package registries that this platform is set up for, and nothing else.\n\
         Commit what is fetched from there, or ask the operator to add {to} to PAAS_BUILD_HOSTS. Then push again."
    ))
}

fn not_there(host: &str, address: IpAddr) -> Refusal {
    Refusal::Not(format!(
        "{host} was not reached: it leads to {address}, which no build may reach. Use a host on the public internet, and push again."
    ))
}

fn unreachable(host: &str, port: u16, error: &io::Error) -> Refusal {
    Refusal::Unreachable(format!("{host}:{port} could not be reached from this platform ({error}). Push again; if it stays, tell the operator."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(trust: Trust, address: &str) -> bool {
        reachable(trust, address.parse().unwrap())
    }

    #[test]
    fn what_an_app_names_is_public_or_not_reached() {
        for inside in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1", "0.0.0.0"] {
            assert!(!may(Trust::App, inside), "{inside}");
        }
        assert!(may(Trust::App, "1.1.1.1"));
    }

    #[test]
    fn an_operators_mirror_may_be_near_but_never_the_metadata_service() {
        for near in ["127.0.0.1", "10.0.0.1", "fd00::1", "1.1.1.1"] {
            assert!(may(Trust::Operator, near), "{near}");
        }
        for never in ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "0.0.0.0", "::", "224.0.0.1"] {
            assert!(!may(Trust::Operator, never), "{never}");
        }
    }
}
