//! Guests that call where they should not, and hosts that answer too much, too late, or with the way back.
use crate::{arena::Arena, elsewhere::OPEN};
use reqwest::StatusCode;
use std::net::UdpSocket;

/// Calls the host of its config vars and reads the answer to its end.
const FETCH: &str = "../../../platform/runtime/tests/guests/fetch.wat";

pub async fn n11_no_address_inside_is_reached(arena: &mut Arena) {
    arena.caller("caller").await;
    let own = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect("192.0.2.1:9").and(socket.local_addr()));
    let own = own.map_or("127.0.0.3".into(), |address| address.ip().to_string());
    let v4 = ["127.0.0.1", "127.0.0.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "localhost", &own];
    let v6 = ["[::1]", "[::]", "[fd00::1]", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"];
    let look = async |arena: &Arena| refused(arena, &[&v4[..], &v6].concat()).await;
    arena.beside(look).await;
    let paasd = format!("http://127.0.0.1:{}/", arena.platform.port);
    assert_eq!(arena.call("caller", &paasd).await.status, StatusCode::BAD_GATEWAY, "nor is the platform itself");
    assert_eq!(arena.elsewhere.asked(), Vec::<String>::new(), "refused before a connection is made");
    arena.logged("caller", "W40 Capability denied host=169.254.169.254").await;
    assert_eq!(arena.call("caller", &arena.elsewhere.url("/")).await.text, "200, 5 bytes", "what is open is reached");
}

pub async fn n13_a_redirect_leads_nowhere_inside(arena: &mut Arena) {
    arena.caller("caller").await;
    let follow = async |arena: &Arena| {
        assert_eq!(arena.call("caller", &arena.elsewhere.url("/inside")).await.status, StatusCode::BAD_GATEWAY);
    };
    arena.beside(follow).await;
    let asked = arena.elsewhere.asked();
    assert!(!asked.is_empty() && asked.iter().all(|path| path == "/inside"), "the next hop is checked again: {asked:?}");
}

pub async fn n14_a_disguised_address_is_the_same_address(arena: &mut Arena) {
    arena.caller("caller").await;
    let numbers = ["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "%31%32%37.0.0.1", "127%E3%80%820.0.1"];
    let v6 = ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[fe80::1%25lo]"];
    let others = ["user:password@127.0.0.1", "LOCALHOST", "localhost."];
    let look = async |arena: &Arena| refused(arena, &[&numbers[..], &v6, &others].concat()).await;
    arena.beside(look).await;
    assert_eq!(arena.elsewhere.asked(), Vec::<String>::new());
}

pub async fn n15_an_answer_without_end_is_cut(arena: &mut Arena) {
    arena.app("drinker", FETCH).await;
    let (authority, developer) = (format!("{OPEN}:{}", arena.elsewhere.port), &arena.developer);
    developer.run(&format!("egress:allow {authority} -a drinker")).await.ok();
    developer.run(&format!("config:set SCHEME=http AUTHORITY={authority} PATH=/endless -a drinker")).await.ok();
    let drink = async |arena: &Arena| {
        let said = arena.get("drinker", "/").await.text;
        assert!(said.starts_with("200 xxx") && said.ends_with("x!"), "the guest sees that it was cut: {said}");
    };
    let growth = arena.growth(drink(arena)).await;
    assert!(growth < 64 << 20, "paasd took {} MB for an answer without end", growth >> 20);
    arena.beside(drink).await;
}

pub async fn n15_a_packed_answer_stays_packed(arena: &mut Arena) {
    arena.caller("caller").await;
    let packed = format!("200, {} bytes", arena.elsewhere.bomb_bytes());
    let unpack = async |arena: &Arena| assert_eq!(arena.call("caller", &arena.elsewhere.url("/bomb")).await.text, packed);
    arena.beside(unpack).await;
}

pub async fn n15_a_host_that_is_silent_holds_nobody(arena: &mut Arena) {
    arena.caller("waiting").await;
    arena.developer.run("limits:set first-byte=600ms -a waiting").await.ok();
    let silent = arena.elsewhere.url("/silent");
    let wait = async |arena: &Arena| {
        let replies = futures::future::join_all((0..8).map(|_| arena.call("waiting", &silent))).await;
        assert!(replies.iter().all(|reply| reply.status == StatusCode::SERVICE_UNAVAILABLE));
    };
    arena.beside(wait).await;
    arena.logged("waiting", "at=error code=H12 desc=\"Request timeout\"").await;
}

pub async fn n16_an_app_that_calls_itself_is_stopped(arena: &mut Arena) {
    arena.caller("circle").await;
    arena.call("circle", &arena.elsewhere.url("/again")).await;
    let hops = arena.elsewhere.asked().len();
    assert!((2..=16).contains(&hops), "it went around {hops} times");
    arena.beside(async |arena| drop(arena.call("circle", &arena.elsewhere.url("/again")).await)).await;
    arena.logged("circle", "status=508").await;
}

async fn refused(arena: &Arena, hosts: &[&str]) {
    for host in hosts {
        let reply = arena.call("caller", &format!("http://{host}:{}/", arena.elsewhere.port)).await;
        assert_eq!(reply.status, StatusCode::BAD_GATEWAY, "{host}: {}", reply.text);
    }
}
