//! Files that a form sends, read by what most apps for Node read them with; and what goes wrong while a body is read.
use crate::app::{App, Node, Reply};
use http::Request;
use paas_model::Target;
use serde_json::json;

const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA file\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"ä.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\nworld\r\n--x--\r\n";
const MULTER: &str = r#"
const app = require("express")();
const upload = require("multer")({ storage: require("multer").memoryStorage() });
app.post("/", upload.single("file"), (request, response) => {
  response.json({ title: request.body.title, size: request.file.size, type: request.file.mimetype, text: request.file.buffer.toString() });
});
app.listen(process.env.PORT);
"#;
const THROWING: &str = r#"
require("http").createServer((request, response) => {
  request.on("data", (piece) => {
    throw new Error("cannot read " + piece.length);
  });
}).listen(process.env.PORT);
"#;

async fn send(node: &Node, release: &Target) -> Reply {
    let request = Request::post("/").header("host", "app.test").header("content-type", "multipart/form-data; boundary=x");
    node.send(&node.runtime.app(release.clone()), request.header("content-length", FORM.len()), FORM).await
}

#[tokio::test(flavor = "multi_thread")]
async fn multer_takes_a_file_from_a_form() {
    let node = Node::shared();
    let package = r#"{ "main": "index.js", "dependencies": { "express": "5.2.1", "multer": "2.0.2" } }"#;
    let release = App::build(node, &[("package.json", package), ("index.js", MULTER)]).release(&[]);
    let answer = send(node, &release).await;
    assert_eq!(answer.json(), json!({ "title": "A file", "size": 11, "type": "text/plain", "text": "hello\nworld" }), "{:?}", node.logged(&release));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_listener_of_the_body_throws_is_in_the_log_and_ends_the_request() {
    let node = Node::shared();
    let release = App::build(node, &[("index.js", THROWING)]).release(&[]);
    assert_eq!(send(node, &release).await.status, 500);
    node.logs(&release, &format!("Error: cannot read {}", FORM.len())).await;
    node.logs(&release, "index.js:4:").await;
}
