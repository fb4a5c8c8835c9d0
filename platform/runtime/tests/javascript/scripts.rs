//! Install scripts of packages run only where the source asks for them.
use crate::app::{App, Node};

const APP: &str = r#"
const { existsSync } = require("fs");
require("noisy");
require("http").createServer((request, response) => response.end(String(existsSync(__dirname + "/noisy/ran.txt")))).listen(process.env.PORT);
"#;
const NOISY: &str = r#"{ "name": "noisy", "version": "1.0.0", "main": "main.js", "scripts": { "install": "node -e \"require('fs').writeFileSync('ran.txt', '1')\"" } }"#;

async fn ran(npmrc: &str) -> String {
    let manifest = r#"{ "main": "index.js", "dependencies": { "noisy": "file:./noisy" } }"#;
    let files =
        [("package.json", manifest), ("index.js", APP), ("noisy/package.json", NOISY), ("noisy/main.js", "exports.x = 1;"), (".npmrc", npmrc)];
    let app = App::build(Node::shared(), &files);
    Node::shared().get(&app.release(&[]), "/").await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_packages_install_script_runs_only_when_npmrc_asks_for_it() {
    assert_eq!(ran("fund=false\n").await, "false");
    assert_eq!(ran("ignore-scripts=false\n").await, "true");
}
