//! Browsers offer brotli; an app that compresses takes what there is instead.
use crate::app::{App, Node};
use http::Request;

const PACKAGE: &str = r#"{ "main": "index.js", "dependencies": { "express": "5.2.1", "compression": "1.8.1" } }"#;
const INDEX: &str = "const app = require('express')();\napp.use(require('compression')());\n\
                     app.get('/', (request, response) => response.send('a line to compress\\n'.repeat(200)));\napp.listen(process.env.PORT);\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_middleware_that_compresses_chooses_gzip_where_a_browser_offers_brotli_too() {
    let node = Node::shared();
    let release = App::build(node, &[("package.json", PACKAGE), ("index.js", INDEX)]).release(&[]);
    let request = Request::get("/").header("host", "app.test").header("accept-encoding", "gzip, deflate, br, zstd");
    let answer = node.send(&node.runtime.app(release.clone()), request, "").await;
    assert_eq!((answer.status, answer.headers["content-encoding"].to_str().unwrap()), (200, "gzip"), "{:?}", node.logged(&release));
}
