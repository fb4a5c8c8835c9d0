//! The operator's own proxy, if the machine reaches the internet only through one.
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{env, io};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What paasd's environment says about proxies, as curl and others read it.
#[derive(Clone, Debug, Default)]
pub struct Upstream {
    http: Option<Proxy>,
    https: Option<Proxy>,
    /// Hosts, or ends of their names, that are reached directly.
    direct: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// `host:port`
    address: String,
    /// Value of `Proxy-Authorization`. Builds do not see it.
    authorization: Option<String>,
}

/// A connection that leads to a host, or to a proxy that was told to.
pub struct Way {
    pub stream: TcpStream,
    /// The request names its host, and says this to the operator's proxy.
    pub proxy: Option<Proxy>,
}

impl Way {
    pub fn direct(stream: TcpStream) -> Self {
        Self { stream, proxy: None }
    }
}

impl Proxy {
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// `http://user:password@host:port`; other kinds of proxies are not spoken to.
    fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://").or_else(|| (!url.contains("://")).then_some(url))?;
        let rest = rest.split('/').next().filter(|rest| !rest.is_empty())?;
        let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
        let port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if port { host.to_string() } else { format!("{host}:80") };
        Some(Self { address, authorization: user.map(|user| format!("Basic {}", STANDARD.encode(user))) })
    }
}

impl Upstream {
    pub fn from_env() -> Self {
        let find = |names: &[&str]| names.iter().find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
        let direct = find(&["no_proxy", "NO_PROXY"]).unwrap_or_default();
        Self {
            http: find(&["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]).as_deref().and_then(Proxy::parse),
            https: find(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]).as_deref().and_then(Proxy::parse),
            direct: direct.split(',').map(|host| host.trim().trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase()).collect(),
        }
    }

    /// The proxy that leads to a host; tunnels are for https.
    pub fn of(&self, tunnel: bool, host: &str) -> Option<&Proxy> {
        let near =
            |end: &String| end == "*" || host == end || (!end.is_empty() && host.strip_suffix(end.as_str()).is_some_and(|rest| rest.ends_with('.')));
        let proxy = if tunnel { &self.https } else { &self.http };
        proxy.as_ref().filter(|_| !self.direct.iter().any(near))
    }
}

/// Goes through the operator's proxy, which resolves the name.
pub async fn through(proxy: &Proxy, host: &str, port: u16, tunnel: bool) -> io::Result<Way> {
    let mut stream = TcpStream::connect(&proxy.address).await?;
    if !tunnel {
        return Ok(Way { stream, proxy: Some(proxy.clone()) });
    }
    let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let authorization = proxy.authorization().map_or(String::new(), |value| format!("Proxy-Authorization: {value}\r\n"));
    stream.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n").as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        head.push(stream.read_u8().await?);
    }
    match head.split(|byte| *byte == b' ').nth(1) {
        Some(b"200") => Ok(Way::direct(stream)),
        status => Err(io::Error::other(format!("the operator's proxy answers {}", String::from_utf8_lossy(status.unwrap_or_default())))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_proxy_is_used_but_for_what_is_near() {
        let proxy = Proxy::parse("http://me:secret@proxy.example:3128/");
        let upstream = Upstream { https: proxy.clone(), direct: vec!["example.org".into()], ..Upstream::default() };
        assert_eq!(proxy.unwrap(), Proxy { address: "proxy.example:3128".into(), authorization: Some("Basic bWU6c2VjcmV0".into()) });
        assert!(upstream.of(true, "registry.example").is_some());
        assert!(upstream.of(true, "npm.example.org").is_none());
        assert!(upstream.of(true, "notexample.org").is_some());
        assert!(upstream.of(false, "registry.example").is_none());
    }
}
