//! The platform's public addresses: what is printed, and what visitors type.
use crate::{AppName, ReleaseVersion};

/// Where this platform is reached. All apps live below one domain and answer at one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `http` or `https`
    pub scheme: String,
    pub domain: String,
    pub port: u16,
}

impl Address {
    /// API, git and dashboard, without a slash at the end. Plain `localhost` on one machine, since not every resolver knows `*.localhost`.
    pub fn control(&self) -> String {
        match self.domain.as_str() {
            "localhost" => self.url("localhost"),
            domain => self.url(&format!("paas.{domain}")),
        }
    }
    /// `http://localhost:8080/hello.git`
    pub fn git(&self, app: &AppName) -> String {
        format!("{}/{app}.git", self.control())
    }
    /// `http://hello.localhost:8080/`
    pub fn app(&self, app: &AppName) -> String {
        self.url(&format!("{app}.{}", self.domain)) + "/"
    }
    /// `http://hello--v3.localhost:8080/`
    pub fn release(&self, app: &AppName, version: ReleaseVersion) -> String {
        self.url(&format!("{app}--{version}.{}", self.domain)) + "/"
    }

    fn url(&self, host: &str) -> String {
        match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => format!("{}://{host}", self.scheme),
            (scheme, port) => format!("{scheme}://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_left_out_where_it_goes_without_saying() {
        let app: AppName = "hello".parse().unwrap();
        let local = Address { scheme: "http".into(), domain: "localhost".into(), port: 8080 };
        assert_eq!(local.app(&app), "http://hello.localhost:8080/");
        assert_eq!(local.release(&app, ReleaseVersion::FIRST), "http://hello--v1.localhost:8080/");
        assert_eq!(local.git(&app), "http://localhost:8080/hello.git");
        let public = Address { scheme: "https".into(), domain: "example.org".into(), port: 443 };
        assert_eq!(public.control(), "https://paas.example.org");
    }
}
