//! Which other hosts an app may call. Without a rule: none.
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, net::Ipv4Addr, net::Ipv6Addr, str::FromStr};

/// An app has at most this many rules.
const MAX_RULES: usize = 100;

/// `api.example.com`, `*.example.com` (everything below it), `*`; in front `https://` or `http://`, behind `:8443`.
///
/// Without a port it is the scheme's own (443, 80); without a scheme, either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EgressRule {
    /// Lower case, with its `*.` if it has one; an IPv6 address in brackets.
    host: String,
    port: Option<u16>,
    https: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadEgress {
    #[error("`{0}` is no host. Write api.example.com, *.example.com, api.example.com:8443 or https://api.example.com.")]
    Rule(String),
    #[error("An app may have {} rules for other hosts. Use a wildcard: *.example.com.", MAX_RULES)]
    TooMany,
    #[error("`{0}` is not among the allowed hosts. `paas egress` lists them.")]
    NotThere(String),
}

impl EgressRule {
    /// Whether it allows a call; `host` is in lower case, without brackets.
    pub fn allows(&self, https: bool, host: &str, port: u16) -> bool {
        let default = if https { 443 } else { 80 };
        self.https.is_none_or(|only| only == https) && self.port.unwrap_or(default) == port && self.is_for(host)
    }

    fn is_for(&self, host: &str) -> bool {
        match (self.host.as_str(), self.host.strip_prefix("*.")) {
            ("*", _) => true,
            (_, Some(domain)) => host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            (only, None) => only.trim_matches(['[', ']']) == host,
        }
    }
}

impl FromStr for EgressRule {
    type Err = BadEgress;
    fn from_str(text: &str) -> Result<Self, BadEgress> {
        let bad = || BadEgress::Rule(text.chars().take(300).collect());
        let (https, rest) = match text.split_once("://") {
            Some(("https", rest)) => (Some(true), rest),
            Some(("http", rest)) => (Some(false), rest),
            Some(_) => return Err(bad()),
            None => (None, text),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']')) {
            Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0).ok_or_else(bad)?)),
            None => (rest, None),
        };
        Ok(Self { host: host_of(host).ok_or_else(bad)?, port, https })
    }
}

/// A host in the one form it is kept in.
fn host_of(text: &str) -> Option<String> {
    if let Some(address) = text.strip_prefix('[') {
        return Some(format!("[{}]", address.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?));
    }
    if text == "*" {
        return Some(text.into());
    }
    let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let name = text.strip_prefix("*.").unwrap_or(&text);
    let label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    // What a resolver would read as a number must be an address in its plain form.
    let last = name.rsplit('.').next()?;
    let number = last.starts_with(|first: char| first.is_ascii_digit());
    let plain = name.len() <= 253 && name.split('.').all(label) && (!number || text.parse::<Ipv4Addr>().is_ok());
    plain.then_some(text)
}

impl fmt::Display for EgressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.https {
            Some(true) => f.write_str("https://")?,
            Some(false) => f.write_str("http://")?,
            None => {}
        }
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
impl TryFrom<String> for EgressRule {
    type Error = BadEgress;
    fn try_from(text: String) -> Result<Self, BadEgress> {
        text.parse()
    }
}
impl From<EgressRule> for String {
    fn from(rule: EgressRule) -> Self {
        rule.to_string()
    }
}

/// All rules of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Egress(pub BTreeSet<EgressRule>);

impl Egress {
    pub fn allows(&self, https: bool, host: &str, port: u16) -> bool {
        self.0.iter().any(|rule| rule.allows(https, host, port))
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// As they are written.
    pub fn hosts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
    /// With these rules too.
    pub fn with(mut self, rules: impl IntoIterator<Item = EgressRule>) -> Result<Self, BadEgress> {
        self.0.extend(rules);
        if self.0.len() <= MAX_RULES { Ok(self) } else { Err(BadEgress::TooMany) }
    }
    /// What is denied goes first, then what is allowed comes.
    pub fn patched(&self, patch: &EgressPatch) -> Result<Self, BadEgress> {
        if let Some(unknown) = patch.deny.iter().find(|rule| !self.0.contains(rule)) {
            return Err(BadEgress::NotThere(unknown.to_string()));
        }
        let kept = self.0.iter().filter(|rule| !patch.deny.contains(rule)).cloned();
        Self(kept.collect()).with(patch.allow.iter().cloned())
    }
}

/// A change of an app's rules.
#[derive(Clone, Debug, Default)]
pub struct EgressPatch {
    pub allow: Vec<EgressRule>,
    pub deny: Vec<EgressRule>,
}

/// The description of the release that a patch makes: `Allow api.example.com`, `Deny api.example.com`.
pub fn describe(patch: &EgressPatch) -> String {
    let list = |rules: &[EgressRule]| rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (list(&patch.allow), list(&patch.deny)) {
        (allow, deny) if deny.is_empty() => format!("Allow {allow}"),
        (allow, deny) if allow.is_empty() => format!("Deny {deny}"),
        (allow, deny) => format!("Allow {allow} and deny {deny}"),
    }
}

/// `api.example.com, *.example.org:8443`
impl fmt::Display for Egress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hosts().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rule: &str, url: &str) -> bool {
        let (scheme, rest) = url.split_once("://").unwrap();
        let https = scheme == "https";
        let (host, port) = rest.rsplit_once(':').unwrap_or((rest, if https { "443" } else { "80" }));
        rule.parse::<EgressRule>().unwrap().allows(https, host, port.parse().unwrap())
    }

    #[test]
    fn a_rule_allows_its_host_at_its_ports_and_nothing_else() {
        for (rule, url) in [
            ("api.example.com", "https://api.example.com"),
            ("api.example.com", "http://api.example.com:80"),
            ("API.Example.com.", "https://api.example.com"),
            ("api.example.com:8443", "https://api.example.com:8443"),
            ("api.example.com:8443", "http://api.example.com:8443"),
            ("https://api.example.com", "https://api.example.com"),
            ("http://api.example.com:8080/", "http://api.example.com:8080"),
            ("*.example.com", "https://a.b.example.com"),
            ("*", "https://anything.test"),
            ("192.0.2.1", "http://192.0.2.1"),
            ("localhost:3000", "http://localhost:3000"),
        ] {
            assert!(allows(rule, url), "{rule} {url}");
        }
        for (rule, url) in [
            ("api.example.com", "https://example.com"),
            ("api.example.com", "https://evil-api.example.com"),
            ("api.example.com", "https://api.example.com.evil.test"),
            ("api.example.com", "https://api.example.com:8443"),
            ("api.example.com", "http://api.example.com:443"),
            ("api.example.com:8443", "https://api.example.com"),
            ("https://api.example.com", "http://api.example.com"),
            ("*.example.com", "https://example.com"),
            ("*.example.com", "https://.example.com"),
            ("*.example.com", "https://notexample.com"),
            ("*", "https://anything.test:8443"),
        ] {
            assert!(!allows(rule, url), "{rule} {url}");
        }
        assert!("[2001:DB8::1]:8080".parse::<EgressRule>().unwrap().allows(false, "2001:db8::1", 8080));
    }

    #[test]
    fn rules_are_written_in_one_way_and_nonsense_is_refused() {
        for (text, kept) in
            [("HTTPS.test", "https.test"), ("https://A.test:8443/", "https://a.test:8443"), ("[0:0::1]", "[::1]"), ("a.test.", "a.test")]
        {
            assert_eq!(text.parse::<EgressRule>().unwrap().to_string(), kept);
        }
        for bad in [
            "",
            "*.",
            "a b",
            "a/b",
            "ftp://a.test",
            "a.test:0",
            "a.test:x",
            "a.test:99999",
            "*a.test",
            "a.*.test",
            "a..test",
            "user@a.test",
            "0x7f.1",
            "2130706433",
            "127.1",
            "0177.0.0.1",
            "::1",
            "[fe80::1%eth0]",
            "https://",
            "a.test/path",
            "*.127.0.0.1",
            "1.2.3.04",
        ] {
            assert!(bad.parse::<EgressRule>().is_err(), "{bad:?}");
        }
    }
}
