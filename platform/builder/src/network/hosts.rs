//! Who may be reached.
use paas_model::EgressRule;

/// A rule for hosts, and whose word it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    pub rule: EgressRule,
    pub trust: Trust,
}

/// Where a host's name may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The operator said so, in the settings of a package client or of the platform: also into private networks, as to a mirror.
    Operator,
    /// The app's owner said so: to public addresses that are not this machine's.
    App,
}

impl Host {
    /// `host` is in lower case, without brackets. In a tunnel, nobody knows what is spoken.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        [true, false].into_iter().any(|https| self.rule.allows(https, host, port))
    }
}

/// The host of a URL as package clients write it: `sparse+https://user@host:8443/path`; or of a plain `host:port`.
pub fn rule(url: &str) -> Option<EgressRule> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let scheme = match scheme.rsplit('+').next() {
        Some("https") => "https://",
        Some("http") => "http://",
        _ => "",
    };
    let port = if url.starts_with("git://") && !host.ends_with(|last: char| last.is_ascii_digit()) { ":9418" } else { "" };
    format!("{scheme}{host}{port}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_clients_setting_is_found() {
        for (text, expected) in [
            ("https://registry.example/npm/", "https://registry.example"),
            ("sparse+https://index.example:8443/", "https://index.example:8443"),
            ("http://user:secret@10.0.0.1:4873/", "http://10.0.0.1:4873"),
            ("files.example", "files.example"),
            ("*.crates.example", "*.crates.example"),
            ("git://git.example/a.git", "git.example:9418"),
            ("git://127.0.0.1:1234/a", "127.0.0.1:1234"),
        ] {
            assert_eq!(rule(text).unwrap().to_string(), expected);
        }
        assert_eq!(rule("/opt/wheels"), None);
        assert_eq!(rule("file:///opt/wheels"), None);
    }

    #[test]
    fn a_host_is_allowed_at_its_own_ports_only() {
        let host = |text| Host { rule: rule(text).unwrap(), trust: Trust::Operator };
        assert!(host("https://registry.example/").allows("registry.example", 443));
        assert!(!host("https://registry.example/").allows("registry.example", 22));
        assert!(host("files.example").allows("files.example", 80));
        assert!(!host("files.example").allows("evil.files.example", 80));
    }
}
