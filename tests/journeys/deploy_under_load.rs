//! Deploys are atomic: under steady traffic none of the requests fails, and each answer is wholly old or wholly new.
use futures::future::join_all;
use paas_tests::Platform;
use reqwest::StatusCode;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_a_second_and_ten_deploys_and_none_fails() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    let page = |number: u32| format!("<!doctype html><title>page {number}</title>");
    repository.write("index.html", &page(0));
    repository.commit("Page 0").await;
    repository.push().await.ok();

    let stop = Arc::new(AtomicBool::new(false));
    let traffic = tokio::spawn(traffic(platform.visitor(), stop.clone()));
    for number in 1..=10 {
        repository.write("index.html", &page(number));
        repository.commit(&format!("Page {number}")).await;
        repository.push().await.ok();
        let now = platform.visitor().get("site", "/").await.text;
        assert_eq!(now, page(number), "when the push returns, the new release answers");
    }
    stop.store(true, Ordering::Relaxed);
    let answers = traffic.await.unwrap();
    let wrong: Vec<_> =
        answers.iter().filter(|(status, text)| *status != StatusCode::OK || !text.starts_with("<!doctype html><title>page ")).collect();
    assert!(wrong.is_empty(), "{} of {} went wrong, such as {:?}", wrong.len(), answers.len(), wrong[0]);
    assert!(answers.len() > 30, "only {} requests", answers.len());
}

/// 50 requests a second until told to stop.
async fn traffic(visitor: paas_tests::Visitor, stop: Arc<AtomicBool>) -> Vec<(StatusCode, String)> {
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    let mut requests = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        tick.tick().await;
        let visitor = visitor.clone();
        requests.push(tokio::spawn(async move {
            match visitor.try_get("site", "/").await {
                Ok(reply) => (reply.status, reply.text),
                Err(error) => (StatusCode::IM_A_TEAPOT, format!("{error:?}")),
            }
        }));
    }
    join_all(requests).await.into_iter().map(|answer| answer.unwrap()).collect()
}
