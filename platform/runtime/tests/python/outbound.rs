//! Calls to other hosts, by the clients that people use.
use crate::app::{App, Node};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread,
};

/// Another host: answers with the request's first line, one header and its body; to `/pieces` without a length, to `/broken` with less than it promises.
pub fn host() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || while serve(&stream).is_some() {});
        }
    });
    port
}

fn serve(mut stream: &std::net::TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length, mut chunked, mut mark) = (String::new(), 0, false, String::new());
    if reader.read_line(&mut first).ok()? == 0 {
        return None;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = value == "chunked",
            "x-mark" => mark = value.into(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut piece = vec![0; size + 2];
        reader.read_exact(&mut piece).ok()?;
        body.extend(&piece[..size]);
        chunked = size > 0;
    }
    let said = format!("{} {mark} {}", first.trim().trim_end_matches(" HTTP/1.1"), String::from_utf8_lossy(&body));
    let answer = match first.split(' ').nth(1)? {
        "/pieces" => "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n".into(),
        "/broken" => "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".into(),
        "/moved" => "HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n".into(),
        "/lost" => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into(),
        _ => format!("HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: {}\r\n\r\n{said}", said.len()),
    };
    let broken = answer.contains("half");
    stream.write_all(answer.as_bytes()).ok()?;
    (!broken).then_some(())
}

const CLIENTS: &str = r#"
import asyncio, http.client, json, os, urllib.error, urllib.request

import httpx
import requests

HOST = os.environ["HOST"]
URL = f"http://{HOST}"

def by_urllib():
    request = urllib.request.Request(f"{URL}/a?b=c", data=b"body", headers={"X-Mark": "mark"})
    yield urllib.request.urlopen(request, timeout=30).read().decode()
    yield urllib.request.urlopen(f"{URL}/moved").read().decode()
    yield urllib.request.urlopen(f"{URL}/pieces").read().decode()
    try:
        urllib.request.urlopen(f"{URL}/lost")
    except urllib.error.HTTPError as error:
        yield f"{error.code} {error.reason}"

def by_http_client():
    connection = http.client.HTTPConnection(HOST)
    connection.request("PUT", "/up", body=iter([b"in ", b"pieces"]), headers={"Transfer-Encoding": "chunked"}, encode_chunked=True)
    yield connection.getresponse().read().decode()
    connection.request("HEAD", "/head")
    answer = connection.getresponse()
    yield f"{answer.status} {answer.read()}"
    try:
        connection.request("GET", "/broken")
        connection.getresponse().read()
    except (http.client.IncompleteRead, OSError) as error:
        yield "broken"

def by_requests():
    with requests.Session() as session:
        for number in range(2):
            answer = session.post(f"{URL}/form", data={"n": number}, timeout=30)
        yield f"{answer.text} {session.cookies['a']}"
        yield session.get(f"{URL}/pieces", stream=True).content.decode()

async def by_httpx():
    with httpx.Client() as client:
        first = client.get(f"{URL}/sync").text
    async with httpx.AsyncClient() as client:
        answers = await asyncio.gather(*[client.post(f"{URL}/{n}", content="x" * n) for n in range(3)])
        secure = await asyncio.gather(client.get("https://secure.example"), return_exceptions=True)
    return [first, *[answer.text for answer in answers], str(isinstance(secure[0], httpx.TransportError))]

def app(environ, start_response):
    found = [*by_urllib(), *by_http_client(), *by_requests(), *asyncio.run(by_httpx())]
    start_response("200 OK", [])
    return [json.dumps(found).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_clients_reach_hosts_that_the_app_may_call() {
    let node = Node::shared();
    let there = format!("127.0.0.1:{}", host());
    let files = [("app.py", CLIENTS), ("requirements.txt", "requests==2.32.3\nhttpx==0.28.1\n")];
    let mut release = App::build(node, &files).release(&[("HOST", &there)]);
    release.egress.0.insert(there.parse().unwrap());
    let expected = serde_json::json!([
        "POST /a?b=c mark body",
        "GET /there  ",
        "onetwo",
        "404 Not Found",
        "PUT /up  in pieces",
        "200 b''",
        "broken",
        "POST /form  n=1 b",
        "onetwo",
        "GET /sync  ",
        "POST /0  ",
        "POST /1  x",
        "POST /2  xx",
        "True",
    ]);
    let answer = node.get(&release, "/").await;
    assert_eq!(answer.status, 200, "{:?}", node.logged(&release));
    assert_eq!(answer.json(), expected);
}

const REFUSED: &str = r#"
import json, socket, urllib.error, urllib.request

def failure(call):
    try:
        call()
    except OSError as error:
        reason = getattr(error, "reason", error)
        return f"{type(reason).__name__}: {reason}"

def database():
    connection = socket.create_connection(("db.example", 5432))
    connection.sendall(b"\x00\x00\x00\x08\x04\xd2\x16\x2f")

def app(environ, start_response):
    found = [failure(lambda: urllib.request.urlopen(url)) for url in ("http://api.example/x", "https://api.example/x", "https://api.example:8443/")]
    found += [failure(database), failure(lambda: socket.socket().bind(("0.0.0.0", 80)))]
    start_response("200 OK", [])
    return [json.dumps(found).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_may_not_call_raises_and_names_the_host() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", REFUSED)]).release(&[]);
    let found = node.get(&release, "/").await.json();
    for (at, words) in [
        (0, "PermissionError: [Errno 2] api.example is not among the hosts that this app may call. Allow it: paas egress:allow api.example"),
        (1, "PermissionError: [Errno 2] api.example is not"),
        (2, "paas egress:allow api.example:8443"),
        (3, "an app may call other hosts by HTTP only, and what it says to db.example is something else"),
        (4, "an app has no ports here"),
    ] {
        assert!(found[at].as_str().is_some_and(|text| text.contains(words)), "{at}: {found}");
    }
    let log = node.logged(&release).join("\n");
    assert!(log.contains("W40 Capability denied host=api.example method=GET"), "{log}");
}
