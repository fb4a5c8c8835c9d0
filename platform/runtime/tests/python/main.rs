//! Python apps on the real engine, through the buildpack that ships with the platform.
//!
//! The first run installs the buildpack's toolchain (PyPI) and compiles the engine into `<target>/python-tests`; later runs find them there.
#![allow(clippy::unwrap_used)]
mod app;
mod bytecode;
mod engine;
mod exchange;
mod lasting;
mod late;
mod library;
mod outbound;
mod passwords;
mod programs;
mod project;
mod reuse;

use app::{App, Node};
use http::Request;
use std::time::Instant;

const GREETING: &str = r#"
import json, os, random, secrets, sys

GREETING = os.environ.get("GREETING")
BORN = random.random()

def app(environ, start_response):
    body = environ["wsgi.input"].read().decode()
    answer = {"greeting": GREETING, "path": environ["PATH_INFO"], "query": environ["QUERY_STRING"], "method": environ["REQUEST_METHOD"],
              "scheme": environ["wsgi.url_scheme"], "host": environ["HTTP_HOST"], "body": body, "born": BORN, "random": random.random(), "id": secrets.token_hex(8)}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn top_level_code_sees_the_config_of_its_release() {
    let node = Node::shared();
    let app = App::build(node, &[("app.py", GREETING)]);
    for greeting in ["hello", "bonjour"] {
        let release = app.release(&[("GREETING", greeting)]);
        node.runtime.prepare(&release).await.unwrap();
        let request = Request::post("/a%20b?c=d").header("x-forwarded-proto", "https");
        let answer = node.send(&release, request, "some body").await.json();
        assert_eq!(answer["greeting"], greeting);
        assert_eq!(answer["path"], "/a b");
        assert_eq!(answer["query"], "c=d");
        assert_eq!(answer["method"], "POST");
        assert_eq!(answer["scheme"], "https");
        assert_eq!(answer["host"], "app.test");
        assert_eq!(answer["body"], "some body");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_of_one_snapshot_differ_in_their_randomness() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", GREETING)]).release(&[]);
    let (first, second) = (node.get(&release, "/").await.json(), node.get(&release, "/").await.json());
    assert_eq!(first["born"], second["born"], "top-level code ran once");
    assert_ne!(first["random"], second["random"]);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_raises_at_its_top_level_is_refused_with_its_traceback() {
    let node = Node::shared();
    let source = "import os\n\ndef connect():\n    raise RuntimeError(f\"no database {os.environ['NAME']}\")\n\nconnect()\napp = None\n";
    let release = App::build(node, &[("app.py", source)]).release(&[("NAME", "main")]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err().to_string();
    assert!(refusal.contains("RuntimeError: no database main"), "{refusal}");
    assert!(refusal.contains("File \"app.py\", line 4, in connect"), "{refusal}");
    assert!(!refusal.contains("_paas"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_at_the_top_level_is_ended_with_a_reason() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", "print('starting')\nwhile True: pass\napp = None\n")]).release(&[]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err();
    assert!(!refusal.is_fault());
    assert!(refusal.to_string().contains("ran longer than allowed"), "{refusal}");
    assert!(refusal.to_string().contains("starting"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_at_boot_and_in_requests_is_in_the_log() {
    let node = Node::shared();
    let source = "import sys\nprint('ready')\n\ndef app(environ, start_response):\n    print('asked')\n    print('grumble', file=sys.stderr)\n    start_response('204 No Content', [])\n    return []\n";
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.get(&release, "/").await.status, 204);
    assert_eq!(node.logged(&release), ["ready", "asked", "grumble"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_raises_answers_500_and_logs_its_traceback() {
    let node = Node::shared();
    let source = "def app(environ, start_response):\n    raise ValueError('boom')\n";
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.get(&release, "/").await.status, 500);
    let log = node.logged(&release).join("\n");
    assert!(log.contains("File \"app.py\", line 2, in app") && log.contains("ValueError: boom"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_late_imports_are_there_at_request_time() {
    let node = Node::shared();
    let source = r#"
import os

def app(environ, start_response):
    import helper, json.tool, xml.dom.pulldom
    with open("data/greeting.txt") as file:
        text = file.read()
    try:
        open("data/new", "w")
    except OSError as error:
        text += f" {type(error).__name__} {sorted(os.listdir('/app'))}"
    start_response("200 OK", [])
    return [helper.shout(text).encode()]
"#;
    let files = [("app.py", source), ("helper.py", "def shout(text): return text.upper()\n"), ("data/greeting.txt", "hi")];
    let release = App::build(node, &files).release(&[]);
    assert_eq!(node.get(&release, "/").await.text(), "HI PERMISSIONERROR ['APP.PY', 'DATA', 'HELPER.PY']");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asgi_app_runs_with_its_lifespan() {
    let node = Node::shared();
    let source = r#"
import asyncio

ready = []

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        ready.append("started")
        await send({"type": "lifespan.startup.complete"})
        await receive()
    first, second = await asyncio.gather(asyncio.sleep(0.01, "slept"), asyncio.to_thread(str.upper, "thread"))
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for word in (*ready, first, second):
        await send({"type": "http.response.body", "body": word.encode() + b" ", "more_body": True})
    await send({"type": "http.response.body", "body": message["body"]})
"#;
    let release = App::build(node, &[("main.py", source)]).release(&[]);
    assert_eq!(node.send(&release, Request::post("/"), "body").await.text(), "started slept THREAD body");
}

#[tokio::test(flavor = "multi_thread")]
async fn flask_runs_unchanged_behind_a_procfile_of_gunicorns() {
    let node = Node::shared();
    let source = r#"
from flask import Flask, redirect, render_template, request, session

app = Flask(__name__)
app.secret_key = "x"

@app.post("/login")
def login():
    session["name"] = request.form["name"]
    return redirect("/")

@app.get("/")
def index():
    return render_template("index.html", name=session.get("name", "you"))
"#;
    let files = [
        ("app.py", source),
        ("templates/index.html", "<h1>Hello {{ name }}</h1>"),
        ("requirements.txt", "flask==3.1.2\n"),
        ("Procfile", "web: gunicorn app:app --log-file - -w 4\n"),
    ];
    let (app, told) = App::try_build(node, &files).unwrap();
    assert!(told.contains("--log-file, -w mean nothing here"), "{told}");
    let release = app.release(&[]);
    let form = Request::post("/login").header("content-type", "application/x-www-form-urlencoded");
    let answer = node.send(&release, form, "name=Ada").await;
    assert_eq!((answer.status, &answer.headers["location"]), (302, &http::HeaderValue::from_static("/")));
    let cookie = answer.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap();
    assert_eq!(node.send(&release, Request::get("/").header("cookie", cookie), "").await.text(), "<h1>Hello Ada</h1>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_extension_is_named_when_the_app_needs_it() {
    let node = Node::shared();
    let files = [("app.py", "import psycopg2\napp = None\n"), ("requirements.txt", "psycopg2-binary==2.9.11\n")];
    let (app, told) = App::try_build(node, &files).unwrap();
    assert!(told.contains("Without their native code: psycopg2-binary"), "{told}");
    let refusal = node.runtime.prepare(&app.release(&[])).await.unwrap_err().to_string();
    assert!(refusal.contains("psycopg2-binary needs its native extension psycopg2._psycopg"), "{refusal}");
}

#[test]
fn a_source_without_an_app_is_told_how_to_name_one() {
    let node = Node::shared();
    let told = App::try_build(node, &[("main.py", "print('hello')\n")]).err().unwrap();
    assert!(told.contains("Found no app to start. Name it in a Procfile: `web: gunicorn app:app`"), "{told}");
}

/// `cargo test --workspace --test python -- --ignored --nocapture`
#[tokio::test]
#[ignore = "prints figures"]
async fn figures() {
    let node = Node::shared();
    let app = App::build(node, &[("app.py", GREETING)]);
    node.runtime.prepare(&app.release(&[])).await.unwrap();
    for round in 0..3 {
        let release = app.release(&[("ROUND", &round.to_string())]);
        let (start, before) = (Instant::now(), app::processor_time());
        node.runtime.prepare(&release).await.unwrap();
        let (wall, [own, worker]) = (start.elapsed(), app::processor_time());
        eprintln!("prepare: {wall:?}; processor: server {:?}, worker {:?}", own - before[0], worker - before[1]);
        let again = node.runtime.app(release.clone());
        let start = Instant::now();
        again.load().await.unwrap();
        eprintln!("load: {:?}", start.elapsed());
        let mut times = vec![];
        let before = app::processor_time();
        for _ in 0..300 {
            let start = Instant::now();
            let answer = node.answer(&again, Request::get("/"), "").await;
            times.push((start.elapsed(), answer.instantiate));
        }
        let processor = (app::processor_time()[0] - before[0]) / 300;
        times.sort();
        eprintln!("request: p50 {:?}, p99 {:?}; instantiate {:?}; processor {processor:?}", times[150].0, times[297].0, times[150].1);
    }
}

/// `cargo test -p paas-runtime --release --test python -- --ignored --nocapture first_requests`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints figures"]
async fn first_requests() {
    let node = Node::shared();
    let app = App::build(node, &[("app.py", GREETING)]);
    let releases: Vec<_> = (0..20).map(|number| app.release(&[("NUMBER", &number.to_string())])).collect();
    for release in &releases {
        node.runtime.prepare(release).await.unwrap();
    }
    for _ in 0..3 {
        let [mut load, mut answer, mut instantiate] = [vec![], vec![], vec![]];
        for release in &releases {
            let app = node.runtime.app(release.clone());
            let start = Instant::now();
            app.load().await.unwrap();
            load.push(start.elapsed());
            let start = Instant::now();
            instantiate.push(node.answer(&app, Request::get("/"), "").await.instantiate);
            answer.push(start.elapsed());
        }
        let at = |times: &mut Vec<std::time::Duration>| {
            times.sort();
            format!("p50 {:?} p99 {:?}", times[10], times[19])
        };
        eprintln!("load {}, answer {}, of that instantiate {}", at(&mut load), at(&mut answer), at(&mut instantiate));
    }
}
