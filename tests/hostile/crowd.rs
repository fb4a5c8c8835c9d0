//! Who would take all connections.
use crate::{arena::Arena, wire};
use futures::{StreamExt, stream::FuturesUnordered};
use paas_tests::eventually;
use std::net::SocketAddr;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

/// What one address may have in the arena: more than any other row takes.
pub const PER_ADDRESS: usize = 256;
const EXCESS: usize = 32;
const REQUEST: &[u8] = b"GET /h HTTP/1.1\r\nHost: guest.localhost\r\nConnection: close\r\n\r\n";

pub async fn n01_one_address_cannot_take_all_connections(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let growth = arena.growth(flood(port)).await;
    assert!(growth < 64 << 20, "paasd took {} MB for connections that say nothing", growth >> 20);
    arena.beside(async |_| flood(port).await).await;
    arena.logged_by_paasd("connections are turned away").await;
    eventually("the address is served again", async || {
        let mut stream = from_afar(port).await;
        drop(stream.write_all(REQUEST).await);
        (wire::statuses(&wire::rest(&mut stream).await) == [200]).then_some(())
    })
    .await;
}

/// As many connections as one address may have, and some more: these are turned away, with a word.
async fn flood(port: u16) {
    let crowd = (0..PER_ADDRESS + EXCESS).map(|_| async move { wire::rest(&mut from_afar(port).await).await });
    let turned_away: Vec<_> = crowd.collect::<FuturesUnordered<_>>().take(EXCESS).collect().await;
    assert!(turned_away.iter().all(|said| said.starts_with("HTTP/1.1 503 ") && said.contains("Retry-After: ")), "{turned_away:?}");
}

/// A connection from another address than everybody else's.
async fn from_afar(port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("the machine has sockets");
    socket.bind(SocketAddr::from(([127, 0, 0, 9], 0))).expect("all of 127/8 is this machine's");
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.expect("paasd listens")
}
