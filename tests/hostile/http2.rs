//! Visitors that speak HTTP/2 as nobody should.
use crate::{arena::Arena, wire};
use tokio::io::AsyncWriteExt;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

pub async fn n09_floods_of_http_2_end_their_connection(arena: &mut Arena) {
    arena.limited_app("sleeper", "guest.wat", "cpu=300ms first-byte=600ms").await;
    let port = arena.platform.port;
    let resets: Vec<u8> = (0..5_000u32).flat_map(|n| reset(2 * n + 1)).collect();
    let endless: Vec<u8> = [frame(HEADERS, END_STREAM, 1, &get()), frame(CONTINUATION, 0, 1, &field()).repeat(3_000)].concat();
    let floods = async |arena: &Arena| {
        for (what, frames) in [("rapid reset", &resets), ("endless head", &endless)] {
            let growth = arena.growth(flood(port, frames)).await;
            assert!(growth < 64 << 20, "{what}: paasd took {} MB", growth >> 20);
        }
        pings(port).await;
    };
    arena.beside(floods).await;
}

/// The router hangs up, in the middle or after everything.
async fn flood(port: u16, frames: &[u8]) {
    let mut stream = wire::connect(port).await;
    let _hung_up = stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[]), frames].concat()).await;
    wire::rest(&mut stream).await;
}

/// Nobody reads the answers, so the router must stop reading the questions.
async fn pings(port: u16) {
    let mut stream = wire::connect(port).await;
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    let many = frame(PING, 0, 0, &[0; 8]).repeat(10_000);
    for _ in 0..1_000 {
        let sent = tokio::time::timeout(std::time::Duration::from_millis(200), stream.write_all(&many)).await;
        if !matches!(sent, Ok(Ok(()))) {
            return;
        }
    }
    panic!("paasd took ten million pings whose answers nobody reads");
}

/// RFC 9113, 4.1: length, type, flags, stream.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&(payload.len() as u32).to_be_bytes()[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn reset(stream: u32) -> Vec<u8> {
    [frame(HEADERS, END_STREAM | END_HEADERS, stream, &get()), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])].concat()
}

/// HPACK by hand: GET http /s from the static table, path and host as they are.
fn get() -> Vec<u8> {
    [&[0x82, 0x86, 0x04, 2], b"/s".as_slice(), &[0x01, 17], b"sleeper.localhost"].concat()
}

/// A header `x` of 1,000 letters.
fn field() -> Vec<u8> {
    [&[0x00, 0x01, b'x', 0x7f, 0xe9, 0x06], [b'a'; 1_000].as_slice()].concat()
}
