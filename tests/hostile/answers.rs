//! Guests that answer badly, too much, or not at all.
use crate::{arena::Arena, wire};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub async fn g07_an_answer_without_end_waits_for_its_reader(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let mut idle = Vec::new();
    let pour = async || {
        for _ in 0..8 {
            let mut stream = wire::connect(port).await;
            stream.write_all(b"GET /e HTTP/1.1\r\nHost: guest.localhost\r\n\r\n").await.unwrap();
            idle.push(stream);
        }
        // One of them reads on for a while, and so takes more than any buffer between holds.
        let mut taken = vec![0; 32 << 20];
        idle[0].read_exact(&mut taken).await.unwrap();
    };
    let growth = arena.growth({ pour }()).await;
    assert!(growth < 64 << 20, "paasd took {} MB for answers that nobody reads", growth >> 20);
    drop(idle);
    let read_some = async |_: &Arena| {
        let mut stream = wire::connect(port).await;
        stream.write_all(b"GET /e HTTP/1.1\r\nHost: guest.localhost\r\n\r\n").await.unwrap();
        stream.read_exact(&mut vec![0; 4 << 20]).await.unwrap();
    };
    arena.beside(read_some).await;
}

pub async fn g08_a_body_that_nobody_reads_is_not_taken(arena: &mut Arena) {
    arena.limited_app("sleeper", "guest.wat", "cpu=300ms first-byte=600ms").await;
    let port = arena.platform.port;
    let upload = async || {
        let mut stream = wire::connect(port).await;
        stream.write_all(b"POST /s HTTP/1.1\r\nHost: sleeper.localhost\r\nContent-Length: 60000000\r\n\r\n").await.unwrap();
        let (mut reading, mut writing) = stream.split();
        let pour = async {
            let mut sent = 0;
            while let Ok(more) = writing.write(&[0; 64 << 10]).await {
                sent += more;
                assert!(sent < 32 << 20, "paasd took {sent} bytes that no guest read");
            }
        };
        let mut answer = [0; 12];
        tokio::select! {
            _ = pour => {}
            read = reading.read_exact(&mut answer) => assert_eq!(&answer[..read.unwrap()], b"HTTP/1.1 503"),
        }
    };
    let growth = arena.growth(async { drop(futures::future::join_all((0..16).map(|_| upload())).await) }).await;
    assert!(growth < 64 << 20, "paasd took {} MB for bodies that nobody reads", growth >> 20);
    arena.beside(async |_| upload().await).await;
    arena.logged("sleeper", "at=error code=H12 desc=\"Request timeout\" method=POST path=\"/s\"").await;
}

pub async fn g09_a_trap_after_the_head_is_seen_to_be_one(arena: &mut Arena) {
    arena.app("crasher", "guest.wat").await;
    let text = wire::exchange(arena.platform.port, "GET /x HTTP/1.1\r\nHost: crasher.localhost\r\n\r\n").await;
    assert_eq!(wire::statuses(&text), [200]);
    assert!(!text.ends_with("\r\n0\r\n\r\n"), "an answer that broke off must not look complete");
    arena.logged("crasher", "at=error code=").await;
    assert_eq!(arena.log("crasher").await.matches("wasm trap").count(), 1, "the crash is told once");
    let port = arena.platform.port;
    arena.beside(async |_| drop(wire::exchange(port, "GET /x HTTP/1.1\r\nHost: crasher.localhost\r\n\r\n").await)).await;
}

pub async fn g10_no_answer_is_an_error(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    arena.beside(async |arena| assert_eq!(arena.get("guest", "/n").await.status, StatusCode::SERVICE_UNAVAILABLE)).await;
    arena.logged("guest", "at=error code=H13 desc=\"Connection closed without response\" method=GET path=\"/n\"").await;
}
