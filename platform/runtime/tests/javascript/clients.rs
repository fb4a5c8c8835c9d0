//! The clients that apps for Node call other hosts with.
use crate::app::{App, Node};
use paas_model::Egress;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

const PACKAGE: &str =
    r#"{ "main": "index.js", "dependencies": { "axios": "1.12.2", "got": "11.8.6", "http-proxy": "1.18.1", "node-fetch": "2.7.0" } }"#;
const INDEX: &str = r#"
const http = require("http");
const there = `http://${process.env.HOST}`;
const plain = (path) => new Promise((resolve, reject) => {
  const request = http.get(there + path, (response) => {
    let text = "";
    response.on("data", (piece) => (text += piece));
    request.on("close", () => resolve(text));
  });
  request.on("error", reject);
});
const clients = {
  "/axios": async (path) => (await require("axios").get(there + path)).data,
  "/got": async (path) => (await require("got")(there + path, { retry: 0 })).body,
  "/node-fetch": async (path) => (await require("node-fetch")(there + path)).text(),
  "/http": plain,
};
const proxy = require("http-proxy").createProxyServer({ target: there });
http.createServer((request, response) => {
  if (request.url === "/proxy") return proxy.web(request, response);
  clients[request.url](request.url).then((text) => response.end(text), (error) => response.end(error.stack));
}).listen(process.env.PORT);
"#;

/// Another host, which answers with the path that it was asked for.
async fn host() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let (mut first, mut line) = (String::new(), String::new());
            stream.read_line(&mut first).await.unwrap();
            while stream.read_line(&mut line).await.unwrap() > 2 {
                line.clear();
            }
            let text = format!("you asked for {}", first.split(' ').nth(1).unwrap_or_default());
            let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}", text.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_clients_read_an_answer_to_its_end() {
    let (node, host) = (Node::shared(), host().await);
    let mut release = App::build(node, &[("package.json", PACKAGE), ("index.js", INDEX)]).release(&[("HOST", &host)]);
    release.egress = Egress([host.parse().unwrap()].into());
    for client in ["/axios", "/got", "/node-fetch", "/http", "/proxy"] {
        let reply = node.get(&release, client).await;
        assert_eq!((reply.status, reply.text()), (200, format!("you asked for {client}")), "{client} {:?}", node.logged(&release));
    }
}
