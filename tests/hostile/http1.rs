//! Visitors that send HTTP/1.1 of their own making, and guests that answer so.
use crate::{arena::Arena, wire};
use reqwest::StatusCode;

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: guest.localhost\r\n\r\n";

pub async fn n03_two_readings_of_one_request_are_refused(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let smuggle = async |_: &Arena| {
        for (what, headers) in [
            ("two lengths", "Content-Length: 5\r\nContent-Length: 50\r\n"),
            ("a list of lengths", "Content-Length: 5, 50\r\n"),
            ("a signed length", "Content-Length: +5\r\n"),
            ("a negative length", "Content-Length: -5\r\n"),
            ("an endless length", "Content-Length: 99999999999999999999999\r\n"),
            ("a folded line", "X-Folded: a\r\n b\r\n"),
            ("a space before the colon", "Transfer-Encoding : chunked\r\n"),
            ("chunked, not last", "Transfer-Encoding: chunked, identity\r\n"),
            ("not quite chunked", "Transfer-Encoding: xchunked\r\n"),
            ("a NUL", "X-Nul: a\0b\r\n"),
            ("a bare CR", "X-Cr: a\rTransfer-Encoding: chunked\r\n"),
            ("a line without a colon", "X-Nothing\r\n"),
        ] {
            let request = format!("POST /b HTTP/1.1\r\nHost: guest.localhost\r\n{headers}\r\n0\r\n\r\n{SMUGGLED}");
            let text = wire::exchange(port, request).await;
            assert_eq!(wire::statuses(&text), [400], "{what}: {text}");
        }
    };
    arena.beside(smuggle).await;
    assert!(!arena.log("guest").await.contains("/smuggled"), "what was smuggled must not arrive");
}

pub async fn n04_a_host_leads_to_one_place_or_none(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let status = async |line: &str, hosts: &str| {
        let text = wire::exchange(port, format!("GET {line} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")).await;
        wire::statuses(&text).first().copied().unwrap_or(0)
    };
    let forms = async |_: &Arena| {
        for (line, hosts, expected) in [
            ("/h", "Host: guest.localhost\r\n", 200),
            ("/h", "Host: GUEST.LocalHost\r\n", 200),
            ("/h", "Host: guest.localhost.\r\n", 200),
            ("/h", "Host: guest.localhost:9999\r\n", 200),
            ("http://guest.localhost/h", "Host: guest.localhost\r\n", 200),
            ("/h", "", 400),
            ("/h", "Host: guest.localhost\r\nHost: guest.localhost\r\n", 400),
            ("/h", "Host: guest.localhost\r\nHost: neighbour.localhost\r\n", 400),
            ("http://guest.localhost/h", "Host: neighbour.localhost\r\n", 400),
            ("/h", "Host: guest.localhost, neighbour.localhost\r\n", 404),
            ("/h", "Host: xn--gst-hoa.localhost\r\n", 404),
            ("/h", "Host: guest.localhost.example.com\r\n", 404),
            ("/h", "Host: a.guest.localhost\r\n", 404),
            ("/h", "Host: guest.localhost@neighbour.localhost\r\n", 404),
            ("/h", "Host: guest.localhost/../neighbour\r\n", 404),
            ("/h", "Host: guest.localhost:80:80\r\n", 404),
            ("/h", "Host: 0x7f000001\r\n", 404),
        ] {
            let status = status(line, hosts).await;
            assert_eq!(status, expected, "{line} {hosts}");
        }
    };
    arena.beside(forms).await;
}

pub async fn n05_a_visitor_cannot_forge_where_he_comes_from(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let forge = async |_: &Arena| {
        let forged = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 666\r\nForwarded: for=6.6.6.6;proto=https\r\nX-Real-IP: 6.6.6.6\r\n";
        let text = wire::exchange(port, format!("GET /a HTTP/1.1\r\nHost: guest.localhost\r\n{forged}Connection: close\r\n\r\n")).await;
        let seen = |line: &str| text.lines().any(|seen| seen.trim_end() == line);
        assert!(seen("REMOTE_ADDR=127.0.0.1"), "{text}");
        assert!(seen("HTTP_X_FORWARDED_FOR=6.6.6.6, 127.0.0.1"), "the last one is the one who was here: {text}");
        assert!(seen("HTTP_X_FORWARDED_PROTO=http") && seen(&format!("HTTP_X_FORWARDED_PORT={port}")), "{text}");
        assert!(!text.contains("HTTP_FORWARDED=") && !text.contains("HTTP_X_REAL_IP="), "{text}");
    };
    arena.beside(forge).await;
}

pub async fn n06_headers_of_a_connection_stay_on_it(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let both_ways = async |_: &Arena| {
        let hops = "Connection: close, X-Secret\r\nX-Secret: 1\r\nKeep-Alive: timeout=9\r\nTE: gzip\r\nProxy-Connection: keep-alive\r\nUpgrade: odd\r\nX-Kept: 1\r\n";
        let text = wire::exchange(port, format!("GET /a HTTP/1.1\r\nHost: guest.localhost\r\n{hops}\r\n")).await;
        assert!(text.contains("HTTP_X_KEPT=1"), "{text}");
        for dropped in ["X_SECRET", "KEEP_ALIVE", "HTTP_TE=", "HTTP_CONNECTION", "PROXY_CONNECTION", "UPGRADE"] {
            assert!(!text.contains(dropped), "{dropped} in {text}");
        }
        let text = wire::exchange(port, "GET /w HTTP/1.1\r\nHost: guest.localhost\r\nConnection: close\r\n\r\n").await.to_lowercase();
        assert!(text.contains("x-kept: 1"), "{text}");
        for dropped in ["x-secret", "keep-alive", "gzip", "upgrade"] {
            assert!(!text.contains(dropped), "{dropped} in {text}");
        }
    };
    arena.beside(both_ways).await;
}

pub async fn n07_too_many_headers_are_refused(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let flood = async |arena: &Arena| {
        let large = format!("GET /h HTTP/1.1\r\nHost: guest.localhost\r\nX-Large: {}\r\n\r\n", "a".repeat(100_000));
        let many = format!("GET /h HTTP/1.1\r\nHost: guest.localhost\r\n{}\r\n", "X-Many: a\r\n".repeat(1_000));
        for request in [large, many] {
            assert_eq!(wire::statuses(&wire::exchange(port, request).await), [431]);
        }
        assert_eq!(arena.get("guest", "/k").await.status, StatusCode::SERVICE_UNAVAILABLE, "100 KB of headers");
        assert_eq!(arena.get("guest", "/K").await.status, StatusCode::SERVICE_UNAVAILABLE, "2,000 headers");
    };
    arena.beside(flood).await;
    arena.logged("guest", "at=error code=H17").await;
}

pub async fn n08_a_guest_cannot_split_its_answer(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let split = async |_: &Arena| {
        let text = wire::exchange(port, "GET /q HTTP/1.1\r\nHost: guest.localhost\r\nConnection: close\r\n\r\n").await;
        assert_eq!(wire::statuses(&text), [503], "{text}");
        assert!(!text.to_lowercase().contains("set-cookie"), "{text}");
    };
    arena.beside(split).await;
    arena.logged("guest", "at=error code=H17 desc=\"Poorly formatted HTTP response\" method=GET path=\"/q\"").await;
}
