//! Apps whose boot cannot be kept start with each request, and the push says so.
use crate::{
    app::{App, Node},
    outbound::host,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_calls_a_host_at_its_top_level_starts_with_each_request() {
    let node = Node::shared();
    let there = format!("127.0.0.1:{}", host());
    let source = r#"
import os, urllib.request
SETTINGS = urllib.request.urlopen(f"http://{os.environ['HOST']}/settings").read()
def app(environ, start_response):
    start_response("200 OK", [])
    return [SETTINGS]
"#;
    let mut release = App::build(node, &[("app.py", source)]).release(&[("HOST", &there)]);
    release.egress.0.insert(there.parse().unwrap());
    let note = node.runtime.prepare(&release).await.unwrap().unwrap();
    assert!(note.starts_with("The app starts with each request: its top level calls 127.0.0.1"), "{note}");
    for _ in 0..2 {
        assert_eq!(node.get(&release, "/").await.text(), "GET /settings  ");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_catches_the_failure_of_its_call_starts_with_each_request_too() {
    let node = Node::shared();
    let source = r#"
import urllib.request
try:
    FOUND = urllib.request.urlopen("http://flags.example/").read()
except OSError as error:
    FOUND = str(error)
def app(environ, start_response):
    start_response("200 OK", [])
    return [FOUND.encode()]
"#;
    let release = App::build(node, &[("app.py", source)]).release(&[]);
    assert!(node.runtime.prepare(&release).await.unwrap().unwrap().contains("flags.example"));
    assert!(node.get(&release, "/").await.text().contains("flags.example is not among the hosts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_keeps_a_file_open_starts_with_each_request() {
    let node = Node::shared();
    let source =
        "DATA = open('data.txt')\n\ndef app(environ, start_response):\n    start_response('200 OK', [])\n    return [DATA.read().encode()]\n";
    let release = App::build(node, &[("app.py", source), ("data.txt", "some data")]).release(&[]);
    let note = node.runtime.prepare(&release).await.unwrap().unwrap();
    assert!(note.contains("it keeps data.txt open"), "{note}");
    for _ in 0..2 {
        assert_eq!(node.get(&release, "/").await.text(), "some data");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_opens_and_closes_files_boots_ahead() {
    let node = Node::shared();
    let source = "import sqlite3\nwith open('data.txt') as file: DATA = file.read()\nsqlite3.connect(':memory:').close()\n\ndef app(environ, start_response):\n    start_response('200 OK', [])\n    return [DATA.encode()]\n";
    let release = App::build(node, &[("app.py", source), ("data.txt", "some data")]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    assert_eq!(node.get(&release, "/").await.text(), "some data");
}
