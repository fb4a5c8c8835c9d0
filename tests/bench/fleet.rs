//! Many apps of one slug, made through the API: each a release of its own, with its own name and config, and so with its own snapshot.
use futures::{StreamExt, stream};
use paas_api_types as types;
use paas_tests::Platform;
use reqwest::{Client, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::ops::RangeInclusive;

/// Changes that are under way at the same time: the platform then answers by one table for all of them.
const AT_ONCE: usize = 16;

pub struct Fleet<'a> {
    platform: &'a Platform,
    client: Client,
}

impl<'a> Fleet<'a> {
    pub fn new(platform: &'a Platform) -> Self {
        Self { platform, client: Client::new() }
    }

    /// Makes `<prefix>1`, `<prefix>2`, … of the code that `source` runs. `Err`: what the platform said.
    pub async fn make(&self, source: &str, prefix: &str, numbers: RangeInclusive<usize>) -> Result<(), String> {
        let slug = self.slug_of(source).await?;
        let made = stream::iter(numbers).map(|number| {
            let (name, slug) = (format!("{prefix}{number}"), slug.clone());
            async move {
                self.post::<_, types::App>("/apps", &serde_json::json!({ "name": name })).await?;
                self.post::<_, types::Release>(&format!("/apps/{name}/releases"), &serde_json::json!({ "slug": slug })).await
            }
        });
        let ended: Vec<Result<types::Release, String>> = made.buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().try_for_each(|made| made.map(|_| ()))
    }

    async fn slug_of(&self, app: &str) -> Result<String, String> {
        let request = self.request(Method::GET, &format!("/apps/{app}/releases"));
        let releases: Vec<types::Release> = answer(request).await?;
        let newest = releases.into_iter().filter(|release| release.current).find_map(|release| release.slug);
        newest.map(|slug| slug.id).ok_or_else(|| format!("{app} has no code"))
    }

    async fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, String> {
        answer(self.request(Method::POST, path).json(body)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("http://127.0.0.1:{}{path}", self.platform.port);
        self.client.request(method, url).bearer_auth(self.platform.key()).header("accept", "application/vnd.heroku+json; version=3")
    }
}

async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, String> {
    let reply = request.send().await.map_err(|error| error.to_string())?;
    match reply.status() {
        StatusCode::OK | StatusCode::CREATED | StatusCode::PARTIAL_CONTENT => reply.json().await.map_err(|error| error.to_string()),
        status => Err(format!("{status}: {}", reply.text().await.unwrap_or_default())),
    }
}
