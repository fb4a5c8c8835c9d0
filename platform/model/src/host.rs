//! Which door a request's host name leads to.
use crate::{AppName, ReleaseVersion};

/// A parsed `Host` (or `:authority`), under the platform's base domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// API, git and dashboard: `paas.<domain>`, `localhost`, or an IP address.
    Control,
    /// `<app>.<domain>`
    App(AppName),
    /// `<app>--v12.<domain>`
    Release(AppName, ReleaseVersion),
    /// Anything else.
    Unknown,
}

impl Host {
    /// Reads a host as sent, port and a trailing dot allowed, case ignored.
    pub fn parse(text: &str, domain: &str) -> Self {
        let name = without_port(text).trim_end_matches('.').to_ascii_lowercase();
        if name == "localhost" || name.parse::<std::net::IpAddr>().is_ok() || is_bracketed_v6(&name) {
            return Self::Control;
        }
        match name.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')) {
            Some("paas") => Self::Control,
            Some(label) => Self::of_label(label),
            None => Self::Unknown,
        }
    }

    fn of_label(label: &str) -> Self {
        let app = |text: &str| text.parse::<AppName>().ok();
        match label.rsplit_once("--") {
            None => app(label).map_or(Self::Unknown, Self::App),
            Some((name, version)) if version.starts_with('v') => match (app(name), version.parse()) {
                (Some(name), Ok(version)) => Self::Release(name, version),
                _ => Self::Unknown,
            },
            Some(_) => Self::Unknown,
        }
    }
}

fn without_port(text: &str) -> &str {
    match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => text,
    }
}

fn is_bracketed_v6(name: &str) -> bool {
    let inner = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text, "localhost")
    }

    #[test]
    fn the_control_plane_has_three_names() {
        for text in ["paas.localhost:8080", "localhost", "LOCALHOST:80", "127.0.0.1:8080", "[::1]:8080", "paas.localhost."] {
            assert_eq!(host(text), Host::Control, "{text}");
        }
    }

    #[test]
    fn an_app_and_its_releases_have_their_hosts() {
        let name: AppName = "hello".parse().unwrap();
        assert_eq!(host("Hello.localhost:8080"), Host::App(name.clone()));
        assert_eq!(host("hello--v12.localhost"), Host::Release(name, "v12".parse().unwrap()));
    }

    #[test]
    fn anything_else_is_unknown() {
        for text in
            ["", "example.com", "a.b.localhost", "hello--12.localhost", "hello--v0.localhost", "--v1.localhost", "hellolocalhost", ":80", "a:b:c"]
        {
            assert_eq!(host(text), Host::Unknown, "{text:?}");
        }
    }
}
