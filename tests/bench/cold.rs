//! The first request to an app that is not in memory: as a client sees it, and in process, by the router's own account.
use crate::{fleet::Fleet, subject::quantile};
use paas_api_types::{Metrics, ReleaseMetrics};
use paas_tests::{Platform, Visitor, eventually};
use reqwest::Method;
use std::time::Instant;

/// An app of which `apps` copies are asked once each after a restart, in each round.
pub struct Cold {
    pub name: &'static str,
    pub apps: usize,
    pub client: Figure,
    /// From the request's head to the answer's last byte: load, link, instantiate, answer.
    pub process: Figure,
    /// Of that, making the instance.
    pub instantiate_p50_ms: f64,
}

impl Cold {
    fn of(kind: &Kind, times: &Times) -> Self {
        Self {
            name: kind.name,
            apps: kind.apps,
            client: Figure::of(&times.client, kind.client_goal_ms),
            process: Figure::of(&times.process, kind.process_goal_ms),
            instantiate_p50_ms: middle(&times.instantiate),
        }
    }
}

/// The middle of the rounds, of which each says what half and what all but one in a hundred of its requests took.
pub struct Figure {
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The 99th percentile of the best round and of the worst.
    pub p99_range_ms: [f64; 2],
    pub goal_ms: f64,
}

impl Figure {
    fn of(rounds: &[Vec<f64>], goal_ms: f64) -> Self {
        let p99: Vec<f64> = rounds.iter().map(|times| quantile(times, 0.99)).collect();
        Self { p50_ms: middle(rounds), p99_ms: quantile(&p99, 0.5), p99_range_ms: [0.0, 1.0].map(|end| quantile(&p99, end)), goal_ms }
    }
}

/// The median of the middle round.
fn middle(rounds: &[Vec<f64>]) -> f64 {
    quantile(&rounds.iter().map(|times| quantile(times, 0.5)).collect::<Vec<_>>(), 0.5)
}

/// Apps of one source, and the goals of the slowest of a hundred.
struct Kind {
    name: &'static str,
    source: &'static str,
    apps: usize,
    client_goal_ms: f64,
    process_goal_ms: f64,
}

/// Every app of a language boots first, and one of Python's takes tens of megabytes; of the others no more than have room for whole snapshots.
const KINDS: [Kind; 3] = [
    Kind { name: "tiny", source: "tiny", apps: 600, client_goal_ms: 2.0, process_goal_ms: 0.3 },
    Kind { name: "JavaScript", source: "javascript", apps: 150, client_goal_ms: 5.0, process_goal_ms: 3.0 },
    Kind { name: "Python", source: "python", apps: 100, client_goal_ms: 12.0, process_goal_ms: 8.0 },
];

impl Kind {
    /// What the names of its apps begin with.
    fn prefix(&self) -> String {
        format!("cold-{}-", self.source)
    }
}

/// What the rounds told of one kind of app, in milliseconds: a list for each round.
#[derive(Default)]
struct Times {
    client: Vec<Vec<f64>>,
    process: Vec<Vec<f64>>,
    instantiate: Vec<Vec<f64>>,
}

/// Makes the apps, `most` of each kind. In each round it starts the platform anew, and asks each of them once.
pub async fn run(platform: &mut Platform, most: usize, rounds: usize) -> Vec<Cold> {
    let mut made = Vec::new();
    for mut kind in KINDS {
        kind.apps = kind.apps.min(most);
        if Fleet::new(platform).make(kind.source, &kind.prefix(), 1..=kind.apps).await.is_ok() {
            made.push((kind, Times::default()));
        }
    }
    for _ in 0..rounds {
        platform.stop().await;
        platform.run().await;
        for (kind, times) in &mut made {
            once(platform, &kind.prefix(), kind.apps, times).await;
        }
    }
    made.iter().map(|(kind, times)| Cold::of(kind, times)).collect()
}

/// Asks each of the apps once, and then the router what it took.
async fn once(platform: &Platform, prefix: &str, apps: usize, times: &mut Times) {
    times.client.push(first_requests(platform, prefix, apps).await);
    let (mut whole, mut instantiate) = (Vec::new(), Vec::new());
    for number in 1..=apps {
        let seen = account(platform, &format!("{prefix}{number}")).await;
        whole.extend(seen.service_ms.map(|quantiles| quantiles.max));
        instantiate.extend(seen.instantiate_ms.map(|quantiles| quantiles.max));
    }
    times.process.push(whole);
    times.instantiate.push(instantiate);
}

/// What the router counted of an app that was asked once: with one request, the most is exact.
async fn account(platform: &Platform, app: &str) -> ReleaseMetrics {
    let visitor = platform.visitor();
    let seen = eventually(&format!("the request of {app} is counted"), async || {
        let request = visitor.request(Method::GET, "paas", &format!("/apps/{app}/metrics")).bearer_auth(platform.key());
        let reply = request.header("accept", "application/vnd.heroku+json; version=3").send().await.ok()?;
        reply.json::<Metrics>().await.ok()?.total
    })
    .await;
    assert_eq!((seen.requests, seen.cold), (1, 1), "{app} was asked once, and cold");
    seen
}

/// Milliseconds of the first request to each of `<prefix>1..=count`, over a connection that is open.
pub async fn first_requests(platform: &Platform, prefix: &str, count: usize) -> Vec<f64> {
    let visitor: Visitor = platform.visitor();
    // Opens the connection; no such app is fine.
    visitor.get("nobody", "/").await;
    let mut times = Vec::with_capacity(count);
    for number in 1..=count {
        let began = Instant::now();
        let reply = visitor.get(&format!("{prefix}{number}"), "/").await;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        assert!(reply.status.is_success(), "{prefix}{number}: {} {}", reply.status, reply.text);
    }
    times
}
