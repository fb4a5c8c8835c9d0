//! Waiting for a condition, never for a length of time.
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Asks again until the answer is `Some`; panics with `what` after three minutes.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        sleep(Duration::from_millis(50)).await;
    }
}
