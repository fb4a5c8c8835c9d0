//! Scheme, host and port of a server: what decides whose key goes where.
use crate::failure::{Failure, Result};
use std::fmt;
use ureq::http::Uri;

/// `http://localhost:8080`: lower case, no path, no user, no default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// Parses what people type; without a scheme it is http on this machine and https elsewhere.
    pub fn of_server(text: &str) -> Result<Self> {
        let text = text.trim();
        let full = match text.contains("://") {
            true => text.to_owned(),
            false if is_loopback(host_of(text)) => format!("http://{text}"),
            false => format!("https://{text}"),
        };
        match Self::split(&full) {
            Some((origin, "" | "/")) => Ok(origin),
            _ => Err(Failure::Usage(format!(
                "'{text}' is not the address of a server. Give one such as http://localhost:8080 or https://paas.example.com."
            ))),
        }
    }

    /// Splits an http(s) URL into its origin and the path with its slash. A user name in it is dropped.
    pub fn split(url: &str) -> Option<(Self, &str)> {
        let (_, rest) = url.split_once("://")?;
        let path = rest.find('/').map_or("", |at| &rest[at..]);
        let uri: Uri = url.parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        let host = uri.host()?.to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(default);
        Some((Self { scheme, host, port }, path))
    }

    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether a key sent there can be read on the way.
    pub fn is_open_to_listeners(&self) -> bool {
        self.scheme == "http" && !self.is_loopback()
    }

    /// The same control plane: on one machine it answers to several names.
    pub fn same_server(&self, other: &Self) -> bool {
        let names = |host: &str| is_loopback_address(host) || host == "paas.localhost";
        self == other || (self.scheme == other.scheme && self.port == other.port && names(&self.host) && names(&other.host))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

/// `localhost` and everything below it never leave this machine (RFC 6761).
pub fn is_loopback(host: &str) -> bool {
    is_loopback_address(host) || host.ends_with(".localhost")
}

fn is_loopback_address(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
}

fn host_of(authority: &str) -> &str {
    let end = authority.find('/').unwrap_or(authority.len());
    let authority = &authority[..end];
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => &authority[..colon],
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(text: &str) -> String {
        Origin::of_server(text).unwrap().to_string()
    }

    #[test]
    fn servers_are_understood_as_people_type_them() {
        assert_eq!(server("http://localhost:8080/"), "http://localhost:8080");
        assert_eq!(server("localhost:8080"), "http://localhost:8080");
        assert_eq!(server("[::1]:8080"), "http://[::1]:8080");
        assert_eq!(server("Paas.Example.com"), "https://paas.example.com");
        assert_eq!(server("https://paas.example.com:443"), "https://paas.example.com");
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in ["", "ftp://host", "http://host/path", "http://", "two words"] {
            assert!(Origin::of_server(text).is_err(), "{text:?} was taken");
        }
    }

    #[test]
    fn the_names_of_the_control_plane_are_one_server_but_apps_are_not() {
        let of = |text| Origin::of_server(text).unwrap();
        assert!(of("http://localhost:8080").same_server(&of("http://paas.localhost:8080")));
        assert!(of("http://127.0.0.1:8080").same_server(&of("http://localhost:8080")));
        assert!(!of("http://localhost:8080").same_server(&of("http://hello.localhost:8080")));
        assert!(!of("http://localhost:8080").same_server(&of("http://localhost:9090")));
        assert!(!of("http://localhost.example.com").is_loopback());
    }
}
