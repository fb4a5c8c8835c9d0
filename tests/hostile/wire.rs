//! Bytes on a socket, as no well-behaved client would send them.
use std::time::Duration;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(20);

pub async fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).await.expect("paasd listens")
}

/// Sends the bytes and reads until the connection ends; the text is everything that came.
pub async fn exchange(port: u16, bytes: impl AsRef<[u8]>) -> String {
    let mut stream = connect(port).await;
    // The server may hang up in the middle of what it refuses.
    let _refused = stream.write_all(bytes.as_ref()).await;
    rest(&mut stream).await
}

/// What still comes until the connection ends.
pub async fn rest(stream: &mut TcpStream) -> String {
    rest_of(stream).await
}

pub async fn rest_of(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut answer = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    let read = async {
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            answer.extend_from_slice(&buffer[..read]);
        }
    };
    timeout(PATIENCE, read).await.expect("the connection ends");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of each answer in `text`.
pub fn statuses(text: &str) -> Vec<u16> {
    text.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)?.parse().ok()).collect()
}
