//! Figures, not promises: `cargo test -p paas-runtime --test runtime -- --ignored --nocapture`.
use crate::stage::{Stage, request, text};
use paas_model::limits::Limits;
use std::time::{Duration, Instant};

const REQUESTS: usize = 20_000;

fn at(sorted: &[Duration], share: f64) -> Duration {
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

#[tokio::test]
#[ignore = "measures, checks nothing"]
async fn how_long_a_warm_request_takes() {
    let stage = Stage::new();
    for guest in ["hello", "proxy", "service", "command"] {
        let app = stage.app(guest).await;
        let (mut instantiate, mut whole) = (Vec::new(), Vec::new());
        for _ in 0..REQUESTS {
            let began = Instant::now();
            let answer = app.handle(request("/hello")).await;
            instantiate.push(answer.usage.instantiate());
            let answer = answer.result.unwrap_or_else(|failure| panic!("{guest}: {failure} {:#?}", stage.log.all()));
            text(answer).await;
            whole.push(began.elapsed());
        }
        instantiate.sort();
        whole.sort();
        println!(
            "{guest:8} instantiate p50 {:?} p99 {:?}, request p50 {:?} p99 {:?}",
            at(&instantiate, 0.5),
            at(&instantiate, 0.99),
            at(&whole, 0.5),
            at(&whole, 0.99)
        );
    }
    for guest in ["proxy", "service"] {
        let app = stage.app_with(guest, Limits { reuse: 1_000, ..Limits::default() }, &[]).await;
        let mut whole = Vec::new();
        for _ in 0..REQUESTS {
            let began = Instant::now();
            text(app.handle(request("/hello")).await.result.unwrap()).await;
            whole.push(began.elapsed());
        }
        whole.sort();
        println!("{guest:8} reused: request p50 {:?} p99 {:?}", at(&whole, 0.5), at(&whole, 0.99));
    }
    let mut cold = Vec::new();
    for _ in 0..200 {
        let app = stage.runtime.app(stage.target(stage.guest_manifest("proxy"), Default::default(), &[]));
        let began = Instant::now();
        text(app.handle(request("/hello")).await.result.unwrap()).await;
        cold.push(began.elapsed());
    }
    cold.sort();
    println!("proxy    cold request p50 {:?} p99 {:?}", at(&cold, 0.5), at(&cold, 0.99));
}
