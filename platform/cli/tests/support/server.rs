//! A scripted server: answers what a test tells it to, and remembers what it was asked.
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Clone, Debug)]
pub struct Asked {
    /// `GET /apps`
    pub what: String,
    /// As sent, in lower case.
    pub headers: String,
    pub body: String,
}

pub struct Answer {
    pub status: u16,
    pub body: String,
}

pub fn ok(body: Value) -> Answer {
    Answer { status: 200, body: body.to_string() }
}

pub fn text(body: &str) -> Answer {
    Answer { status: 200, body: body.to_owned() }
}

pub fn refusal(status: u16, id: &str, message: &str) -> Answer {
    Answer { status, body: json!({ "id": id, "message": message }).to_string() }
}

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// `answer` gets the server's own address and the request.
    pub fn start(answer: impl Fn(&str, &Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (own, log) = (url.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &own, &log, &answer);
            }
        });
        Self { url, asked }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, own: &str, log: &Mutex<Vec<Asked>>, answer: &impl Fn(&str, &Asked) -> Answer) {
    let Some(asked) = read(&mut BufReader::new(stream.try_clone().unwrap())) else { return };
    log.lock().unwrap().push(asked.clone());
    let Answer { status, body } = answer(own, &asked);
    let length = body.len();
    // A client that has what it wants may be gone.
    write!(stream, "HTTP/1.1 {status} X\r\nrequest-id: r-1\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").ok();
}

fn read(stream: &mut impl BufRead) -> Option<Asked> {
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        if stream.read_line(&mut headers).ok()? == 0 {
            return None;
        }
    }
    let what = headers.split(" HTTP/").next()?.to_owned();
    let headers = headers.to_lowercase();
    let length = headers.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(Asked { what, headers, body: String::from_utf8(body).ok()? })
}

const ID: &str = "0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11";
const WHEN: &str = "2015-11-17T17:37:41Z";

pub fn account() -> Answer {
    ok(json!({
        "id": ID, "email": "ann@example.com", "name": null, "beta": false, "verified": true,
        "two_factor_authentication": false, "created_at": WHEN, "updated_at": WHEN
    }))
}

pub fn app(own: &str, name: &str) -> Value {
    let port = own.rsplit(':').next().unwrap();
    let named = |name: &str| json!({ "id": ID, "name": name });
    json!({
        "id": ID, "name": name, "web_url": format!("http://{name}.localhost:{port}/"), "git_url": format!("http://paas.localhost:{port}/{name}.git"),
        "owner": { "id": ID, "email": "ann@example.com" }, "region": named("local"), "stack": named("wasm"), "build_stack": named("wasm"),
        "maintenance": false, "create_status": "complete", "buildpack_provided_description": null, "slug_size": 1_250_000, "repo_size": null, "acm": false,
        "archived_at": null, "created_at": WHEN, "updated_at": WHEN, "released_at": WHEN, "current_release": 3, "released_by": null
    })
}

pub fn release(version: u32, current: bool, description: &str) -> Value {
    json!({
        "id": ID, "app": { "id": ID, "name": "hello" }, "version": version, "status": "succeeded", "current": current,
        "description": description, "user": { "id": ID, "email": "ann@example.com" }, "slug": { "id": "abc" }, "addon_plan_names": [],
        "output_stream_url": null, "eligible_for_rollback": true, "created_at": WHEN, "updated_at": WHEN,
        "web_url": "http://hello--v3.localhost/", "commit": null, "build": null
    })
}

pub fn metrics() -> Value {
    let service = json!({ "p50": 3.2, "p95": 12.4, "p99": 2_000.0, "max": 2_100.0 });
    let busy = |version: Option<u32>, requests: u64| {
        json!({
            "version": version, "requests": requests, "cold": 1, "status": { "2xx": requests - 3, "5xx": 3 }, "codes": { "H10": 2 }, "service_ms": service,
            "instantiate_ms": { "p50": 0.041, "p95": 0.09, "p99": 0.12, "max": 1 }, "cpu_ms": { "p50": 1.8, "p95": 2.5, "p99": 9, "max": 9.5 },
            "memory_bytes": { "p50": 2_100_000, "p95": 2_100_000, "p99": 4_200_000, "max": 4_200_000 }
        })
    };
    let site = json!({ "version": 2, "requests": 7, "cold": 0, "status": { "2xx": 7 }, "codes": {}, "service_ms": service });
    json!({ "app": { "id": "0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11", "name": "hello" }, "total": busy(None, 127), "releases": [busy(Some(3), 120), site], "minutes": [] })
}
