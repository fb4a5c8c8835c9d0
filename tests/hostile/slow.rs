//! Visitors, and guests, that take their time on purpose.
use crate::{arena::Arena, wire};
use futures::future::join_all;
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::interval};

pub async fn n01_a_head_that_comes_letter_by_letter_is_not_waited_for(arena: &mut Arena) {
    let port = arena.platform.port;
    let slow = tokio::spawn(join_all((0..200).map(|_| dribble(port, "GET /h HTTP/1.1\r\nHost: neighbour.localhost\r\nX-Slow: "))));
    let growth = arena.growth(arena.neighbour.answers(100)).await;
    assert!(growth < 32 << 20, "paasd took {} MB for 200 slow visitors", growth >> 20);
    arena.beside(async |arena| arena.neighbour.answers(100).await).await;
    println!("the slowest of 200 was let go after {:.0?}", slow.await.expect("nobody panics").into_iter().max().unwrap_or_default());
}

/// Sends a letter a second until the other side hangs up; how long that took.
async fn dribble(port: u16, begun: &str) -> Duration {
    let began = tokio::time::Instant::now();
    let mut stream = wire::connect(port).await;
    stream.write_all(begun.as_bytes()).await.expect("the beginning is taken");
    let mut second = interval(Duration::from_secs(1));
    while began.elapsed() < Duration::from_secs(50) {
        second.tick().await;
        if stream.write_all(b"x").await.is_err() || closed(&mut stream) {
            return began.elapsed();
        }
    }
    panic!("a head that never ends was waited for");
}

fn closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    loop {
        match stream.try_read(&mut byte) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

pub async fn n02_a_body_that_comes_letter_by_letter_is_not_waited_for(arena: &mut Arena) {
    arena.limited_app("slow", "guest.wat", "first-byte=600ms").await;
    arena.limited_app("standstill", "guest.wat", "idle=600ms").await;
    let port = arena.platform.port;
    let slow = async |_: &Arena| {
        let upload = async {
            let mut stream = wire::connect(port).await;
            stream.write_all(b"POST /b HTTP/1.1\r\nHost: slow.localhost\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n").await.unwrap();
            let (mut reading, mut writing) = stream.into_split();
            let dribble = async {
                let mut pause = interval(Duration::from_millis(50));
                while writing.write_all(b"x").await.is_ok() {
                    pause.tick().await;
                }
            };
            tokio::select! {
                text = wire::rest_of(&mut reading) => assert_eq!(wire::statuses(&text), [503], "{text}"),
                _ = dribble => {}
            }
        };
        let download = async {
            let text = wire::exchange(port, "GET /d HTTP/1.1\r\nHost: standstill.localhost\r\nConnection: close\r\n\r\n").await;
            assert!(wire::statuses(&text) == [200] && !text.ends_with("0\r\n\r\n"), "an answer that stands still is broken off: {text}");
        };
        tokio::join!(upload, download);
    };
    arena.beside(slow).await;
    arena.logged("slow", "at=error code=H12 desc=\"Request timeout\" method=POST").await;
    arena.logged("standstill", "at=error code=H15 desc=\"Idle connection\" method=GET path=\"/d\"").await;
}
