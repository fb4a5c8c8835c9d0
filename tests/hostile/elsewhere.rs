//! Another host, which apps of the arena may call, and which means no better than they do. Each path of it behaves in its own way.
use crate::wire;
use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The only address of this machine that the arena's operator lets apps reach.
pub const OPEN: &str = "127.0.0.2";
pub const OPEN_NET: &str = "127.0.0.2/32";
/// Zeros in the gzipped bomb.
const UNPACKED: usize = 100_000_000;

/// It listens at all addresses of this machine: who gets past the guard is seen.
#[derive(Clone)]
pub struct Elsewhere {
    pub port: u16,
    paasd: u16,
    bomb: Arc<Vec<u8>>,
    /// The path of each request that arrived.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    /// A host whose path `/again` leads back to an app of paasd.
    pub async fn open(paasd: u16) -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.expect("there is a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let elsewhere = Self { port, paasd, bomb: Arc::new(packed("", UNPACKED)), asked: Arc::default() };
        let host = elsewhere.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let host = host.clone();
                // A caller who hangs up has had enough.
                tokio::spawn(async move { drop(host.answer(stream).await) });
            }
        });
        elsewhere
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{OPEN}:{}{path}", self.port)
    }

    pub fn bomb_bytes(&self) -> usize {
        self.bomb.len()
    }

    /// The paths that were asked for since this was asked last.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("nobody panics with it"))
    }

    async fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut head = vec![];
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_string();
        self.asked.lock().expect("nobody panics with it").push(path.clone());
        match path.as_str() {
            "/inside" => stream.write_all(self.redirect().as_bytes()).await,
            "/endless" => {
                let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await?;
                loop {
                    stream.write_all(piece.as_bytes()).await?;
                }
            }
            "/bomb" => {
                let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", self.bomb.len());
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(&self.bomb).await
            }
            "/silent" => std::future::pending().await,
            "/again" => stream.write_all(self.again(&head).await.as_bytes()).await,
            _ => stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello").await,
        }
    }

    fn redirect(&self) -> String {
        let location = format!("http://127.0.0.1:{}/stolen", self.port);
        format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    }

    /// As a proxy before the platform does: passes the request on to the app `circle`, with the headers that it does not know.
    async fn again(&self, head: &str) -> String {
        let hops = head.lines().find(|line| line.to_ascii_lowercase().starts_with("paas-hops:")).unwrap_or("X-No: hops");
        let path = format!("/?url={}", self.url("/again"));
        wire::exchange(self.paasd, format!("GET {path} HTTP/1.1\r\nHost: circle.localhost\r\n{hops}\r\nConnection: close\r\n\r\n")).await
    }
}

/// This text and as many zeros, gzipped.
pub fn packed(begun: &str, zeros: usize) -> Vec<u8> {
    let mut gzip =
        Command::new("sh").args(["-c", &format!("(cat; head -c {zeros} /dev/zero) | gzip")]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let gzip = gzip.as_mut().expect("every machine has gzip");
    let mut stdin = gzip.stdin.take().expect("it is piped");
    stdin.write_all(begun.as_bytes()).expect("gzip reads");
    drop(stdin);
    let mut packed = vec![];
    gzip.stdout.take().expect("it is piped").read_to_end(&mut packed).expect("gzip writes");
    assert!(gzip.wait().is_ok_and(|status| status.success()), "gzip does its work");
    packed
}
