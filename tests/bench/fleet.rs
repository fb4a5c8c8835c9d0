//! Many apps of one slug: each made through the API, with a release, a name and config of its own, and so with its own snapshot.
//!
//! Their code comes by one statement of SQL, which copies a pushed app's release: ten thousand pushes would take a day.
use futures::{StreamExt, stream};
use paas_api_types as types;
use paas_tests::Platform;
use reqwest::{Client, Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    ops::RangeInclusive,
    process::Command,
    time::{Duration, Instant},
};

/// Changes that are under way at the same time: the platform then answers by one table for all of them.
const AT_ONCE: usize = 16;
/// The embedded Postgres' own.
const DATABASE: &str = "paas";
/// Apps boot one after the other, in no order: the first that is waited for may be the last to boot.
const BOOT: Duration = Duration::from_secs(1);
const BEFORE_BOOTS: Duration = Duration::from_secs(180);

pub struct Fleet<'a> {
    platform: &'a Platform,
    client: Client,
}

impl<'a> Fleet<'a> {
    pub fn new(platform: &'a Platform) -> Self {
        Self { platform, client: Client::new() }
    }

    /// Makes `<prefix>1`, `<prefix>2`, … of the code that `source` runs, and waits until each has answered once. `Err`: what was said instead.
    pub async fn make(&self, source: &str, prefix: &str, numbers: RangeInclusive<usize>) -> Result<(), String> {
        let made = stream::iter(numbers.clone()).map(|number| async move {
            let name = format!("{prefix}{number}");
            self.post::<_, types::App>("/apps", &serde_json::json!({ "name": name })).await
        });
        let ended: Vec<Result<types::App, String>> = made.buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().try_for_each(|made| made.map(|_| ()))?;
        self.release_all(source, prefix)?;
        self.answered(prefix, numbers).await
    }

    /// The bulk way: one statement gives every app of the prefix that has no code a second release, with the source's code and the app's own config.
    fn release_all(&self, source: &str, prefix: &str) -> Result<(), String> {
        let pid_file = fs::read_to_string(self.platform.data().join("postgres/data/postmaster.pid")).map_err(|error| error.to_string())?;
        let socket = pid_file.lines().nth(4).ok_or("Postgres names no socket")?;
        let sql = format!(
            "with source as (select r.* from apps a join releases r on r.id = a.current_release where a.name = '{source}'),
             fresh as (select a.id as app, r.config_id from apps a join releases r on r.id = a.current_release where a.name ~ '^{prefix}[0-9]+$' and r.slug is null),
             made as (insert into releases select (jsonb_populate_record(null::releases, to_jsonb(source) || jsonb_build_object(
               'id', gen_random_uuid(), 'app_id', fresh.app, 'version', 2, 'config_id', fresh.config_id, 'build_id', null))).* from source, fresh returning id, app_id)
             update apps set current_release = made.id from made where made.app_id = apps.id;
             update routing set version = version + 1;"
        );
        let output = Command::new("psql").args(["-q", "-v", "ON_ERROR_STOP=1", "-U", "paas", "-h", socket, "-d", DATABASE, "-c", &sql]).output();
        let output = output.map_err(|error| format!("psql: {error}"))?;
        output.status.success().then_some(()).ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Until then an app may be told that its code is being prepared.
    async fn answered(&self, prefix: &str, numbers: RangeInclusive<usize>) -> Result<(), String> {
        let visitor = self.platform.visitor();
        let deadline = Instant::now() + BEFORE_BOOTS + BOOT * numbers.clone().count() as u32;
        for number in numbers {
            let app = format!("{prefix}{number}");
            loop {
                let said = match visitor.try_get(&app, "/").await {
                    Ok(reply) if reply.status.is_success() => break,
                    Ok(reply) => format!("{} {}", reply.status, reply.text),
                    Err(error) => error.to_string(),
                };
                if Instant::now() > deadline {
                    return Err(format!("{app} does not answer: {said}"));
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
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
