//! What HTTP/2 lets a visitor do without end, the router does not.
use crate::stage::{SOON, Stage};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113, 4.1: length, type, flags, stream.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// HPACK by hand: GET http / from the static table, and the host as it is.
fn get(app: &str) -> Vec<u8> {
    let host = format!("{app}.localhost");
    [&[0x82, 0x86, 0x84, 0x01, host.len() as u8], host.as_bytes()].concat()
}

/// Opens HTTP/2, sends these frames without reading (as far as the router takes them), then reads the frames that have come until the end.
async fn flood(stage: &Stage, frames: impl Iterator<Item = Vec<u8>>) -> Vec<(u8, Vec<u8>)> {
    let stream = TcpStream::connect(stage.address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let read = tokio::spawn(async move {
        let mut all = Vec::new();
        // However it ends: what counts is that it does.
        let _reset = reading.read_to_end(&mut all).await;
        all
    });
    let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    bytes.extend(frames.flatten());
    // The router may hang up in the middle.
    let _hung_up = writing.write_all(&bytes).await;
    let all = timeout(SOON, read).await.expect("the router hangs up").unwrap();
    frames_of(&all)
}

fn frames_of(mut bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while bytes.len() >= 9 {
        let length = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]) as usize;
        let kind = bytes[3];
        let Some(payload) = bytes.get(9..9 + length) else { break };
        frames.push((kind, payload.to_vec()));
        bytes = &bytes[9 + length..];
    }
    frames
}

async fn still_answers(stage: &Stage) {
    let answer = timeout(SOON, stage.get("hello", "")).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_begins_requests_only_to_reset_them_is_cut_off() {
    let stage = Stage::with(&[("hello", "hello", &[]), ("sleep", "sleep", &[])]).await;
    let streams = (0..2_000).map(|n| 2 * n + 1);
    flood(
        &stage,
        streams.flat_map(|stream| [frame(HEADERS, END_STREAM | END_HEADERS, stream, &get("sleep")), frame(RST_STREAM, 0, stream, &[0, 0, 0, 8])]),
    )
    .await;
    still_answers(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_a_little_before_each_reset_is_cut_off_too() {
    let stage = Stage::with(&[("hello", "hello", &[]), ("sleep", "sleep", &[])]).await;
    let mut stream = TcpStream::connect(stage.address).await.unwrap();
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
    let mut sent = 0;
    for id in (0..1_000).map(|n| 2 * n + 1) {
        let begun = stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, id, &get("sleep"))).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        let reset = stream.write_all(&frame(RST_STREAM, 0, id, &[0, 0, 0, 8])).await;
        if begun.and(reset).is_err() {
            break;
        }
        sent += 1;
    }
    assert!(sent < 1_000, "nobody hung up");
    still_answers(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_goes_on_for_ever_is_not_collected() {
    let stage = Stage::with(&[("hello", "hello", &[])]).await;
    let begun = std::iter::once(frame(HEADERS, END_STREAM, 1, &get("hello")));
    // Each says: a header x of 1,000 letters.
    let field = [&[0x00, 0x01, b'x', 0x7f, 0xe9, 0x06], [b'a'; 1_000].as_slice()].concat();
    let on = (0..5_000).map(|_| frame(CONTINUATION, 0, 1, &field));
    let seen = flood(&stage, begun.chain(on)).await;
    assert!(seen.iter().any(|(kind, _)| *kind == GOAWAY), "{seen:?}");
    still_answers(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_and_settings_in_masses_are_answered_no_faster_than_they_are_read() {
    let stage = Stage::with(&[("hello", "hello", &[])]).await;
    for (kind, payload) in [(PING, &[0; 8][..]), (SETTINGS, &[])] {
        let mut stream = TcpStream::connect(stage.address).await.unwrap();
        stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await.unwrap();
        let masses = frame(kind, 0, 0, payload).repeat(10_000);
        // Nobody reads the answers, so the router stops reading once they fill the way back: then this cannot end.
        let mut sent = 0;
        while let Ok(Ok(())) = timeout(Duration::from_millis(500), stream.write_all(&masses)).await {
            sent += 1;
            assert!(sent < 10_000, "the router takes without end what it cannot answer");
        }
        still_answers(&stage).await;
    }
}
