//! What two programs could read in two ways is read by nobody.
use crate::stage::Stage;

const NEXT: &str = "GET /smuggled HTTP/1.1\r\nHost: echo.localhost\r\n\r\n";

#[tokio::test]
async fn ambiguous_requests_are_refused_and_end_their_connection() {
    let stage = Stage::with(&[("echo", "echo", &[])]).await;
    let cases = [
        ("CL.TE", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("TE.CL", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nZ\r\n0\r\n\r\n"),
        ("TE twice", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
        ("TE odd", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        ("TE and a space", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        ("TE of 1.0", "POST / HTTP/1.0\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("CL twice", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
        ("CL in a list", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 5, 5\r\n\r\nhello"),
        ("CL with a sign", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: +5\r\n\r\nhello"),
        ("folded line", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
        ("folded TE", "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
        ("bare LF", "GET / HTTP/1.1\r\nHost: echo.localhost\nX-A: b\r\n\r\n"),
        ("bare LF first", "GET / HTTP/1.1\nHost: echo.localhost\r\n\r\n"),
        ("bare LF last", "GET / HTTP/1.1\r\nHost: echo.localhost\r\n\n"),
        ("bare CR", "GET / HTTP/1.1\r\nHost: echo.localhost\r\nX-A: a\rX-B: b\r\n\r\n"),
        ("two hosts", "GET / HTTP/1.1\r\nHost: echo.localhost\r\nHost: other.localhost\r\n\r\n"),
    ];
    for (what, request) in cases {
        let answers = stage.ask(&format!("{request}{}", "GET /last HTTP/1.1\r\nHost: echo.localhost\r\nConnection: close\r\n\r\n")).await;
        assert!(answers.starts_with("HTTP/1.1 400 "), "{what}: {answers}");
        if what != "two hosts" {
            assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{what}: the connection ends: {answers}");
        }
    }
}

#[tokio::test]
async fn a_broken_chunk_ends_the_request_and_starts_no_other() {
    let stage = Stage::with(&[("echo", "echo", &[])]).await;
    let head = "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    for chunk in
        ["5\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "3\r\nhello\r\n0\r\n\r\n", "fffffffffffffffff\r\n", "-5\r\n", "5\r\nhelloX\n0\r\n\r\n"]
    {
        let answers = stage.ask(&format!("{head}{chunk}{NEXT}")).await;
        assert!(answers.matches("HTTP/1.1 200").count() <= 1 && !answers.ends_with("0\r\n\r\n"), "{chunk:?}: {answers}");
    }
    let lines = stage.lines("echo", "paas[router]").await;
    assert!(!lines.iter().any(|line| line.contains("/smuggled")), "{lines:#?}");
}

#[tokio::test]
async fn honest_requests_in_one_go_are_all_answered() {
    let stage = Stage::with(&[("echo", "echo", &[])]).await;
    let chunked = "POST / HTTP/1.1\r\nHost: echo.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\na\nb\nc\r\n0\r\n\r\n";
    let sized = "POST / HTTP/1.1\r\nHost: echo.localhost\r\nContent-Length: 3\r\n\r\n\n\n\n";
    let last = "GET / HTTP/1.1\r\nHost: echo.localhost\r\nConnection: close\r\n\r\n";
    let answers = stage.ask(&format!("{chunked}{sized}\r\n{chunked}{last}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 4, "{answers}");
}
