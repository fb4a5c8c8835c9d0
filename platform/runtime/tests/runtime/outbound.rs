//! Calls to other hosts: a real server on this machine, which the operator allows where a test says so.
use crate::stage::{Lines, Stage, text};
use futures::future::BoxFuture;
use http::Request;
use paas_model::{Code, Egress, limits::Limits};
use paas_runtime::{App, NetworkConfig, Resolve};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Numbers of wasi:http's error-code.
const NOT_FOUND: &str = "error 02";
const PROHIBITED: &str = "error 04";
const LIMIT: &str = "error 11";
const DENIED: &str = "error 15";
const INVALID: &str = "error 19";
const TOO_LARGE: &str = "error 28";
const TIMEOUT: &str = "error 33";

/// Another host. Each path of it behaves in its own way.
pub struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let server = Self { port: listener.local_addr().unwrap().port(), connections: Arc::default() };
        let connections = server.connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Relaxed);
                tokio::spawn(serve(stream));
            }
        });
        server
    }
    pub fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }
    pub fn connections(&self) -> usize {
        self.connections.load(Relaxed)
    }
}

async fn serve(mut stream: TcpStream) -> io::Result<()> {
    let (mut head, mut byte) = (String::new(), [0; 1]);
    loop {
        while !head.ends_with("\r\n\r\n") {
            if stream.read(&mut byte).await? == 0 {
                return Ok(());
            }
            head.push(byte[0] as char);
        }
        let whole = |text: &str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        match head.split(' ').nth(1).unwrap() {
            "/head" => stream.write_all(whole(&head).as_bytes()).await?,
            "/redirect" => stream.write_all(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n").await?,
            "/close" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbye\n").await?;
                return Ok(());
            }
            "/large" => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await?,
            "/bomb" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
                loop {
                    stream.write_all(piece.as_bytes()).await?;
                }
            }
            "/silent" => std::future::pending().await,
            "/stalls" => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun").await?;
                std::future::pending().await
            }
            _ => stream.write_all(whole("hello").as_bytes()).await?,
        }
        head.clear();
    }
}

/// Names as a test wants them: each question is answered by the next list, the last one again and again.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>, AtomicUsize);

impl Names {
    fn new(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let addresses = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        let names = names.iter().map(|(name, lists)| (name.to_string(), lists.iter().rev().map(addresses).collect()));
        Arc::new(Self(Mutex::new(names.collect()), AtomicUsize::default()))
    }
    fn asked(&self) -> usize {
        self.1.load(Relaxed)
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        self.1.fetch_add(1, Relaxed);
        let mut names = self.0.lock().unwrap();
        let found = names.get_mut(host).map(|lists| if lists.len() > 1 { lists.pop().unwrap() } else { lists[0].clone() });
        let found = found.ok_or_else(|| io::Error::other("no such name"));
        Box::pin(async move { Ok(found?.into_iter().map(|address| SocketAddr::new(address, port)).collect()) })
    }
}

pub fn stage(network: NetworkConfig) -> Stage {
    Stage::with_network(Arc::new(tempfile::tempdir().unwrap()), network)
}

/// An operator who lets apps reach this machine at 127.0.0.1, and names that lead there.
pub fn local() -> NetworkConfig {
    let resolver = Names::new(&[("api.test", &[&["127.0.0.1"]]), ("a.api.test", &[&["127.0.0.1"]])]);
    NetworkConfig { allow_private: vec!["127.0.0.1/32".parse().unwrap()], resolver, ..NetworkConfig::default() }
}

/// An app that may call what `rules` say, and calls `path` of `authority`.
fn caller(stage: &Stage, rules: &[&str], authority: &str, path: &str) -> App {
    limited(stage, Limits::default(), rules, authority, path)
}

fn limited(stage: &Stage, limits: Limits, rules: &[&str], authority: &str, path: &str) -> App {
    by(stage, "http", limits, rules, authority, path)
}

pub fn by(stage: &Stage, scheme: &str, limits: Limits, rules: &[&str], authority: &str, path: &str) -> App {
    let config = [("SCHEME", scheme), ("AUTHORITY", authority), ("PATH", path)];
    let mut target = stage.target(stage.guest_manifest("fetch"), limits, &config);
    target.egress = Egress(rules.iter().map(|rule| rule.parse().unwrap()).collect());
    stage.runtime.app(target)
}

pub async fn ask(app: &App) -> String {
    let request = Request::get("/").header("Host", "hello.localhost").header("X-Request-ID", "the-id").body(crate::stage::body("")).unwrap();
    app.load().await.unwrap();
    text(app.handle(request).await.result.unwrap()).await
}

pub fn line(log: &Lines, start: &str) -> String {
    let all = log.all();
    all.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line {start} in {all:#?}")).clone()
}

#[tokio::test]
async fn an_allowed_host_answers_and_the_log_tells() {
    let (server, stage) = (Server::start().await, stage(local()));
    let (host, rule) = (server.at("api.test"), server.at("api.test"));
    assert_eq!(ask(&caller(&stage, &[&rule], &host, "/hello")).await, "200 hello.");
    let line = line(&stage.log, "paas[outbound]: ");
    assert!(line.starts_with(&format!("paas[outbound]: at=info method=GET host={host} status=200 service=")), "{line}");
    assert!(line.ends_with("ms request_id=the-id"), "{line}");
}

#[tokio::test]
async fn a_host_that_no_rule_allows_is_not_even_looked_up() {
    let server = Server::start().await;
    let names = Names::new(&[("api.test", &[&["127.0.0.1"]])]);
    let stage = stage(NetworkConfig { resolver: names.clone(), ..local() });
    let host = server.at("api.test");
    for rules in [&[][..], &["api.test"], &["*.api.test"], &["api.test:1"], &[&format!("https://{host}")], &["other.test"]] {
        assert_eq!(ask(&caller(&stage, rules, &host, "/")).await, DENIED, "{rules:?}");
    }
    assert_eq!((server.connections(), names.asked()), (0, 0));
    let line = line(&stage.log, "paas[outbound]: W40");
    assert_eq!(
        line,
        format!("paas[outbound]: W40 Capability denied host={host} method=GET request_id=the-id (allow it: paas egress:allow {host} -a hello)")
    );
}

#[tokio::test]
async fn a_wildcard_allows_what_is_below_it() {
    let (server, stage) = (Server::start().await, stage(local()));
    let rule = server.at("*.api.test");
    assert_eq!(ask(&caller(&stage, &[&rule], &server.at("a.api.test"), "/")).await, "200 hello.");
    assert_eq!(ask(&caller(&stage, &[&rule], &server.at("A.API.test."), "/")).await, "200 hello.");
    assert_eq!(ask(&caller(&stage, &[&rule], &server.at("api.test"), "/")).await, DENIED);
}

#[tokio::test]
async fn an_address_inside_is_refused_in_every_spelling() {
    let (server, stage) = (Server::start().await, stage(NetworkConfig::default()));
    let rule = server.at("*");
    let [v6, mapped, zone] = ["[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25lo]"];
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "localhost",
        "10.0.0.1",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        v6,
        mapped,
        "[::]",
        "[::127.0.0.1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
        "[::ffff:7f00:1]",
    ] {
        let rules: &[&str] = if host.starts_with('[') { &[&server.at(&host.replace("::ffff:127.0.0.1", "::ffff:7f00:1")), &rule] } else { &[&rule] };
        let said = ask(&caller(&stage, rules, &server.at(host), "/")).await;
        // What the machine's resolver does not take for a number is a name nobody has.
        assert!([PROHIBITED, NOT_FOUND].contains(&said.as_str()), "{host}: {said}");
    }
    for certain in ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", v6, mapped] {
        assert_eq!(ask(&caller(&stage, &[&rule], &server.at(certain), "/")).await, PROHIBITED, "{certain}");
    }
    for broken in [zone, "user@127.0.0.1"] {
        let said = ask(&caller(&stage, &[&rule], &server.at(broken), "/")).await;
        assert!([INVALID, DENIED].contains(&said.as_str()), "{broken}: {said}");
    }
    assert_eq!(server.connections(), 0);
    let line = line(&stage.log, "paas[outbound]: W40 Capability denied host=127.0.0.1");
    assert!(line.contains("address=127.0.0.1 (not public"), "{line}");
}

#[tokio::test]
async fn this_machine_s_own_addresses_are_refused_though_they_be_public() {
    let server = Server::start().await;
    let resolver = Names::new(&[("pg.test", &[&["8.8.8.8"]])]);
    let stage = stage(NetworkConfig { refused: vec!["8.8.8.8".parse().unwrap()], resolver, ..NetworkConfig::default() });
    assert_eq!(ask(&caller(&stage, &[&server.at("pg.test")], &server.at("pg.test"), "/")).await, PROHIBITED);
}

#[tokio::test]
async fn a_name_is_resolved_once_for_a_connection_and_its_address_is_the_one_connected_to() {
    let server = Server::start().await;
    let names = Names::new(&[("rebinds.test", &[&["127.0.0.1"], &["127.0.0.2"]]), ("mixed.test", &[&["127.0.0.1", "10.0.0.1"]])]);
    let stage = stage(NetworkConfig { resolver: names.clone(), ..local() });
    let host = server.at("rebinds.test");
    let app = caller(&stage, &[&host], &host, "/close");
    assert_eq!(ask(&app).await, "200 bye\n.");
    assert_eq!((server.connections(), names.asked()), (1, 1));
    // The server listens there too, but the second answer was not allowed.
    assert_eq!(ask(&app).await, PROHIBITED);
    assert_eq!((server.connections(), names.asked()), (1, 2));
    let mixed = server.at("mixed.test");
    assert_eq!(ask(&caller(&stage, &[&mixed], &mixed, "/")).await, PROHIBITED, "one address inside makes the name suspect");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    assert_eq!(ask(&caller(&stage, &[&host, "10.0.0.1"], &host, "/redirect")).await, "302 .");
    assert_eq!(ask(&caller(&stage, &["10.0.0.1"], "10.0.0.1", "/")).await, PROHIBITED, "nor would the guest get there");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_a_too_long_one_refused() {
    let (server, stage) = (Server::start().await, stage(NetworkConfig { answer_bytes: 1 << 20, ..local() }));
    let host = server.at("api.test");
    let said = ask(&caller(&stage, &[&host], &host, "/bomb")).await;
    assert!(said.starts_with("200 xxx") && said.ends_with("x!"), "{}", &said[..20]);
    assert_eq!(ask(&caller(&stage, &[&host], &host, "/large")).await, TOO_LARGE);
}

#[tokio::test]
async fn a_slow_host_is_given_up() {
    let brief = Duration::from_millis(100);
    let server = Server::start().await;
    let host = server.at("api.test");
    // Each time one wait is brief: on a busy machine the others would end first.
    let silent = stage(NetworkConfig { connect: brief, first_byte: brief, ..local() });
    assert_eq!(ask(&caller(&silent, &[&host], &host, "/silent")).await, TIMEOUT);
    assert!(line(&silent.log, "paas[outbound]: at=error").contains("error=\"HTTP response timeout\" status= service="));
    let stalls = stage(NetworkConfig { between_bytes: brief, ..local() });
    assert_eq!(ask(&caller(&stalls, &[&host], &host, "/stalls")).await, "200 begun!");
}

#[tokio::test]
async fn connections_are_kept_for_the_same_app_and_for_no_other() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    let (first, second) = (caller(&stage, &[&host], &host, "/hello"), caller(&stage, &[&host], &host, "/hello"));
    for app in [&first, &second, &first, &second] {
        assert_eq!(ask(app).await, "200 hello.");
    }
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn calls_in_flight_are_bounded() {
    let server = Server::start().await;
    let stage = stage(NetworkConfig { connect: Duration::from_millis(200), first_byte: Duration::from_secs(5), ..local() });
    let host = server.at("api.test");
    let app = limited(&stage, Limits { outbound: 1, ..Limits::default() }, &[&host], &host, "/silent");
    let both = futures::future::join(ask(&app), ask(&app));
    let (one, other) = both.await;
    let mut said = [one, other];
    said.sort();
    assert_eq!(said, [LIMIT, TIMEOUT]);
}

#[tokio::test]
async fn each_call_counts_the_hops_and_too_many_are_a_loop() {
    let (server, stage) = (Server::start().await, stage(local()));
    let host = server.at("api.test");
    let app = caller(&stage, &[&host], &host, "/head");
    let request = |hops: &str| Request::get("/").header("Host", "h").header("paas-hops", hops).body(crate::stage::body("")).unwrap();
    assert!(ask(&app).await.contains("paas-hops: 1\r\n"));
    let seen = text(app.handle(request("3")).await.result.unwrap()).await;
    assert!(seen.contains("paas-hops: 4\r\n"), "{seen}");
    for hops in ["9", "x", "-1"] {
        let failure = app.handle(request(hops)).await.result.unwrap_err();
        assert_eq!((failure.code, failure.code.status()), (Code::W41, 508), "{hops}");
    }
}

#[tokio::test]
async fn sockets_are_linked_with_nothing_behind_them() {
    // Not even where the operator lets HTTP through.
    let stage = stage(NetworkConfig { allow_private: vec!["127.0.0.0/8".parse().unwrap()], ..NetworkConfig::default() });
    let app = stage.app("sockets").await;
    assert_eq!(crate::stage::read(&app, "/").await, "not made");
    assert_eq!(stage.check("sockets").await.unwrap().words(), ["log", "sockets"]);
}
