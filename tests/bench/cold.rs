//! The first request to an app that is not in memory, as a client sees it.
use crate::{fleet::Fleet, subject::quantile};
use paas_tests::{Platform, Visitor};
use std::time::Instant;

/// An app of which `apps` copies are asked once each, after a restart.
pub struct Cold {
    pub name: &'static str,
    pub apps: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub goal_ms: f64,
}

const KINDS: [(&str, &str, f64); 3] = [("tiny", "tiny", 2.0), ("JavaScript", "javascript", 5.0), ("Python", "python", 12.0)];

/// Makes the apps, starts the platform anew, and asks each of them once.
pub async fn run(platform: &mut Platform, apps: usize) -> Vec<Cold> {
    let mut made = Vec::new();
    for (name, source, goal_ms) in KINDS {
        if Fleet::new(platform).make(source, &format!("cold-{source}-"), 1..=apps).await.is_ok() {
            made.push((name, source, goal_ms));
        }
    }
    platform.stop().await;
    platform.run().await;
    let mut all = Vec::new();
    for (name, source, goal_ms) in made {
        let times = first_requests(platform, &format!("cold-{source}-"), apps).await;
        all.push(Cold { name, apps, p50_ms: quantile(&times, 0.5), p99_ms: quantile(&times, 0.99), goal_ms });
    }
    all
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
