//! A visitor of an app: HTTP at the platform's port, told apart by host.
use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use std::{net::SocketAddr, time::Duration};

#[derive(Clone)]
pub struct Visitor {
    client: Client,
    port: u16,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Visitor {
    pub(crate) fn new(port: u16) -> Self {
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(90)).build().expect("a client needs nothing");
        Self { client, port }
    }

    /// `app` may also be `app--v2`.
    pub async fn get(&self, app: &str, path: &str) -> Reply {
        self.try_get(app, path).await.unwrap_or_else(|error| panic!("GET {path} of {app}: {error:?}"))
    }

    pub async fn try_get(&self, app: &str, path: &str) -> reqwest::Result<Reply> {
        Reply::read(self.request(Method::GET, app, path).send().await?).await
    }

    /// Sent to loopback with the app's host, so that it works where `*.localhost` does not resolve.
    pub fn request(&self, method: Method, app: &str, path: &str) -> reqwest::RequestBuilder {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        self.client.request(method, format!("http://{address}{path}")).header("host", format!("{app}.localhost:{}", self.port))
    }
}

impl Reply {
    pub async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Self { status, headers, text: response.text().await? })
    }
}
