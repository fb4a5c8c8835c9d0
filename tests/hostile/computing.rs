//! Guests that compute without end.
use crate::{arena::Arena, wire};
use nix::sys::signal::Signal;
use paas_tests::eventually;
use reqwest::StatusCode;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

/// What a request of these apps may compute, and how long it may take to answer.
const LIMITS: &str = "cpu=300ms first-byte=600ms";

pub async fn g01_an_endless_loop_is_ended(arena: &mut Arena) {
    arena.limited_app("looper", "guest.wat", LIMITS).await;
    arena.beside(async |arena| refused(arena, "looper", "/l", 3).await).await;
    arena.logged("looper", "Stopping process: it computed for").await;
    arena.logged("looper", "at=error code=H12 desc=\"Request timeout\" method=GET path=\"/l\"").await;
}

pub async fn g02_a_loop_before_the_first_answer_is_ended(arena: &mut Arena) {
    arena.limited_app("never-begins", "loop-at-start.wat", LIMITS).await;
    arena.beside(async |arena| refused(arena, "never-begins", "/", 3).await).await;
    arena.logged("never-begins", "at=error code=H12").await;
}

pub async fn g13_a_sleeper_is_woken_to_leave(arena: &mut Arena) {
    arena.limited_app("sleeper", "guest.wat", LIMITS).await;
    arena.beside(async |arena| refused(arena, "sleeper", "/s", 50).await).await;
    arena.logged("sleeper", "at=error code=H12 desc=\"Request timeout\" method=GET path=\"/s\"").await;
    eventually("no place is left taken", async || (arena.get("sleeper", "/").await.text == "hello\n").then_some(())).await;
}

/// The machine's lid was closed: a stopped process keeps its deadlines when it goes on.
pub async fn g23_a_deadline_holds_when_the_node_stood_still(arena: &mut Arena) {
    arena.limited_app("looper", "guest.wat", LIMITS).await;
    let mut stream = wire::connect(arena.platform.port).await;
    stream.write_all(b"GET /l HTTP/1.1\r\nHost: looper.localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    arena.platform.signal(Signal::SIGSTOP);
    tokio::time::sleep(Duration::from_secs(2)).await; // what is measured: longer than the deadline
    arena.platform.signal(Signal::SIGCONT);
    let resumed = Instant::now();
    assert_eq!(wire::statuses(&wire::rest(&mut stream).await), [503]);
    println!("ended {:.0?} after the node went on", resumed.elapsed());
    assert!(resumed.elapsed() < Duration::from_secs(5), "the deadline passed while the node stood still");
    arena.beside(async |arena| refused(arena, "looper", "/l", 2).await).await;
}

async fn refused(arena: &Arena, app: &str, path: &str, count: usize) {
    for reply in arena.crowd(app, path, count).await {
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.text);
    }
}

pub async fn g05_deep_recursion_is_a_trap(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    arena.beside(async |arena| refused(arena, "guest", "/r", 2).await).await;
    arena.logged("guest", "wasm trap: call stack exhausted").await;
    arena.logged("guest", "at=error code=H10 desc=\"App crashed\" method=GET path=\"/r\"").await;
}

pub async fn g06_recursion_through_the_host_is_a_trap(arena: &mut Arena) {
    arena.app("echo-chamber", "echo-chamber.wat").await;
    arena.beside(async |arena| refused(arena, "echo-chamber", "/", 2).await).await;
    arena.logged("echo-chamber", "cannot leave component instance").await;
    arena.logged("echo-chamber", "at=error code=H10").await;
}
