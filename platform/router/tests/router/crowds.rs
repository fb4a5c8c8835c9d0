//! How many visitors there is room for.
use crate::stage::{SOON, Stage, Visitor};
use paas_router::Connections;
use std::time::Instant;
use tokio::net::TcpSocket;

#[tokio::test]
async fn who_takes_all_connections_leaves_places_to_others() {
    let stage = Stage::of(&[("hello", "hello", &[])], false, |router| router.with_connections(Connections::new(8, Some(4)))).await;
    let mut greedy = Vec::new();
    for _ in 0..4 {
        let mut held = stage.connect().await;
        held.send("GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n").await;
        held.until("404 Not Found").await;
        greedy.push(held);
    }
    let turned_away = stage.connect().await.rest().await;
    assert!(turned_away.starts_with("HTTP/1.1 503 ") && turned_away.contains("Retry-After: "), "{turned_away}");
    let from_elsewhere = TcpSocket::new_v4().unwrap();
    from_elsewhere.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = Visitor(from_elsewhere.connect(stage.address).await.unwrap());
    other.send("GET / HTTP/1.1\r\nHost: hello.localhost\r\nConnection: close\r\n\r\n").await;
    assert!(other.rest().await.contains("Hello from wasm!"));
    drop(greedy);
    let deadline = Instant::now() + SOON;
    while !stage.get("hello", "").await.contains("Hello from wasm!") {
        assert!(Instant::now() < deadline, "a place is free again when its connection has gone");
    }
}
