//! More visitors than an app can serve.
use crate::{arena::Arena, wire};
use reqwest::StatusCode;
use std::time::Instant;

pub async fn n10_an_upgrade_is_never_granted(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let upgrade = async |_: &Arena| {
        let socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
        let h2c = "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
        let requests = (0..4).map(|n| if n % 2 == 0 { socket } else { h2c }).map(|headers| async move {
            let text = wire::exchange(
                port,
                format!(
                    "GET /h HTTP/1.1\r\nHost: guest.localhost\r\n{headers}\r\nGET /h HTTP/1.1\r\nHost: guest.localhost\r\nConnection: close\r\n\r\n"
                ),
            )
            .await;
            assert!(!wire::statuses(&text).contains(&101), "{text}");
        });
        futures::future::join_all(requests).await;
        let tunnel = wire::exchange(port, "CONNECT guest.localhost:22 HTTP/1.1\r\nHost: guest.localhost:22\r\nConnection: close\r\n\r\n").await;
        assert_ne!(wire::statuses(&tunnel).first(), Some(&101), "{tunnel}");
    };
    arena.beside(upgrade).await;
}

pub async fn n17_ten_times_the_load_of_one_app_is_its_own_affair(arena: &mut Arena) {
    arena.limited_app("popular", "guest.wat", "concurrency=4 queue=4 first-byte=600ms").await;
    let load = async |arena: &Arena| {
        let began = Instant::now();
        let replies = arena.crowd("popular", "/s", 80).await;
        // As many as there are places, again whenever these have had their time.
        let let_in = 8 * (1 + began.elapsed().as_millis() as usize / 600);
        let turned_away: Vec<_> = replies.iter().filter(|reply| reply.headers.contains_key("retry-after")).collect();
        assert!(turned_away.len() + let_in >= 80, "{} of 80 were turned away, when {let_in} had a place", turned_away.len());
        assert!(replies.iter().all(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE));
    };
    arena.beside(load).await;
    arena.logged("popular", "at=error code=H11 desc=\"Backlog too deep\"").await;
}
