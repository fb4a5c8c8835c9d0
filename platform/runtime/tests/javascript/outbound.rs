//! Calls to other hosts whose answers come in a great many pieces.
use crate::app::{App, Node};
use paas_model::Egress;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

/// More than an instance may have handles.
const PIECES: usize = 6_000;

/// Reads the other host's answer and tells how long it was.
const READER: &str = r#"
export default {
  async fetch(request) {
    const answer = await fetch(`http://${process.env.HOST}${new URL(request.url).pathname}`);
    let size = 0;
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Response(String(size));
      size += value.length;
    }
  },
};
"#;

/// Another host: answers in pieces of two bytes, to `/slow` each on its own, else as fast as they are read.
async fn host() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            let mut stream = BufReader::new(stream);
            let mut head = String::new();
            while stream.read_line(&mut head).await.unwrap() > 2 {}
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
            for _ in 0..PIECES {
                stream.write_all(b"2\r\nab\r\n").await.unwrap();
                if head.starts_with("GET /slow") {
                    // How a slow host sends, not a wait: most pieces get a read of their own.
                    tokio::time::sleep(std::time::Duration::from_micros(100)).await;
                }
            }
            stream.write_all(b"0\r\n\r\n").await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_in_very_many_pieces_is_read_to_its_end() {
    let (node, host) = (Node::shared(), host().await);
    let mut release = App::build(node, &[("index.js", READER)]).release(&[("HOST", &host)]);
    release.egress = Egress([host.parse().unwrap()].into());
    for path in ["/fast", "/slow"] {
        let reply = node.get(&release, path).await;
        assert_eq!((reply.status, reply.text()), (200, (2 * PIECES).to_string()), "{path} {:?}", node.logged(&release));
    }
}
