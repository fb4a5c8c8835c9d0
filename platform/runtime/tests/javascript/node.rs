//! Apps for Node that run unchanged: the samples of tests/apps, and what they do not show.
use crate::app::{App, Node, Reply};
use http::Request;
use paas_model::Target;
use serde_json::json;

/// A booted release of a sample.
async fn released(node: &Node, sample: &str, config: &[(&str, &str)]) -> Target {
    let release = App::sample(node, sample).release(config);
    node.runtime.prepare(&release).await.unwrap_or_else(|refusal| panic!("{refusal}"));
    release
}

/// What every sample answers, whatever it is made with.
async fn answers_as_samples_do(node: &Node, release: &Target) {
    let old = node.get(release, "/old").await;
    assert_eq!((old.status, &old.headers["location"]), (302, &"/".parse().unwrap()));
    assert_eq!(node.submit(release, "/form", "name=Ada+L&b=%C3%A4").await.json()["name"], "Ada L");
    let cookie = node.get(release, "/cookie").await;
    assert_eq!(cookie.status, 200);
    assert!(cookie.headers["set-cookie"].to_str().unwrap().starts_with("seen=1"), "{:?}", cookie.headers);
    let back = with_header(node, release, "/cookie", "cookie", "seen=1").await.text();
    assert!(back == r#"{"seen":"1"}"# || back == r#"{"cookie":"seen=1"}"#, "{back}");
    assert_eq!(node.get(release, "/nowhere").await.status, 404);
    let failed = node.get(release, "/error").await;
    assert_eq!(failed.status, 500, "{}", failed.text());
    node.logs(release, "an error as asked").await;
    let head = node.answer(&node.runtime.app(release.clone()), "HEAD", "/", "").await;
    assert_eq!((head.status, head.text().as_str()), (200, ""));
}

async fn with_header(node: &Node, release: &Target, path: &str, name: &str, value: &str) -> Reply {
    node.send(&node.runtime.app(release.clone()), Request::get(path).header("host", "app.test").header(name, value), "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_server_of_node_answers() {
    let node = Node::shared();
    let release = released(node, "node-http", &[("GREETING", "Ahoy"), ("PORT", "8080")]).await;
    let page = node.get(&release, "/").await;
    assert_eq!(page.text(), "<!doctype html>\n<title>node-http</title>\n<h1>Ahoy from node:http</h1>\n");
    assert_eq!(node.get(&release, "/api/greeting?name=you").await.json(), json!({ "greeting": "Ahoy", "name": "you" }));
    assert_eq!(node.get(&release, "/slow").await.text(), "first\nsecond\n");
    let cookies = node.get(&release, "/cookie").await.headers;
    assert_eq!(cookies.get_all("set-cookie").iter().collect::<Vec<_>>(), ["seen=1; Path=/; HttpOnly", "theme=dark; Path=/"]);
    answers_as_samples_do(node, &release).await;
    assert_eq!(node.logged(&release)[0], "Listening on 8080", "printed at boot");
    node.logs(&release, "(server.js:29:").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn express_renders_views_and_serves_files() {
    let node = Node::shared();
    let release = released(node, "express-ejs", &[("GREETING", "Ahoy")]).await;
    let page = node.get(&release, "/").await.text();
    assert!(page.contains("<h1>Ahoy from Express &amp; EJS</h1>") || page.contains("<h1>Ahoy from Express & EJS</h1>"), "{page}");
    assert!(page.contains("<title>express-ejs</title>") && page.contains("<li>second</li>"), "{page}");
    let style = node.get(&release, "/stylesheets/main.css").await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    assert_eq!(style.text(), "h1 {\n  color: rebeccapurple;\n}\n");
    let etag = style.headers["etag"].to_str().unwrap().to_string();
    assert_eq!(with_header(node, &release, "/stylesheets/main.css", "if-none-match", &etag).await.status, 304);
    let note = json!({ "id": 7, "greeting": "Ahoy", "host": "app.test", "query": { "a": "b" } });
    assert_eq!(node.get(&release, "/api/notes/7?a=b").await.json(), note);
    answers_as_samples_do(node, &release).await;
    assert_eq!(node.get(&release, "/later").await.status, 500);
    node.logs(&release, "Error: an error after a while").await;
    node.logs(&release, "at index.js:38:").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_is_bundled() {
    let node = Node::shared();
    let manifest = r#"{ "dependencies": { "rare": "file:vendor/rare" } }"#;
    let vendored = [
        ("package.json", manifest),
        ("vendor/rare/package.json", r#"{ "name": "rare", "version": "1.0.0" }"#),
        ("vendor/rare/index.js", "exports.rare = 1;"),
    ];
    for (asks, bundled) in [("", " 1 module, "), ("require(process.env.NAME ?? 'rare');", " 2 modules, ")] {
        let server = format!("const http = require('http'); {asks} http.createServer((_, response) => response.end('here')).listen(8080);");
        let (app, output) = App::build_with_output(node, &[&vendored[..], &[("server.js", &server)]].concat());
        assert!(output.contains(bundled), "no {bundled:?} in {output}");
        assert_eq!(node.get(&app.release(&[]), "/").await.text(), "here");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn koa_answers_through_its_middleware() {
    let node = Node::shared();
    let release = released(node, "koa-api", &[]).await;
    assert_eq!(node.get(&release, "/").await.json(), json!({ "greeting": "Hello" }));
    assert_eq!(node.get(&release, "/notes/2?sort=up").await.json(), json!({ "id": 2, "sort": "up" }));
    let missing = node.get(&release, "/notes/9").await;
    assert_eq!((missing.status, missing.text().as_str()), (404, "No such note"));
    answers_as_samples_do(node, &release).await;
    node.logs(&release, "GET /notes/2 200 ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fastify_validates_and_logs() {
    let node = Node::shared();
    let release = released(node, "fastify-api", &[("PORT", "8080")]).await;
    assert_eq!(node.get(&release, "/").await.json(), json!({ "greeting": "Hello" }));
    assert_eq!(node.get(&release, "/notes/3?a=b").await.json(), json!({ "id": 3, "query": { "a": "b" } }));
    let post = |body: &'static str| {
        let request =
            Request::post("/notes").header("host", "app.test").header("content-type", "application/json").header("content-length", body.len());
        node.send(Box::leak(Box::new(node.runtime.app(release.clone()))), request, body)
    };
    assert_eq!(post(r#"{"title":"t"}"#).await.json(), json!({ "title": "t", "stars": 0 }));
    let refused = post(r#"{"stars":1}"#).await;
    assert_eq!((refused.status, &refused.json()["message"]), (400, &json!("body must have required property 'title'")));
    answers_as_samples_do(node, &release).await;
    node.logs(&release, r#""msg":"a note""#).await;
    node.logs(&release, "server.js:23:").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hono_runs_with_its_usual_middleware() {
    let node = Node::shared();
    let release = released(node, "hono-middleware", &[]).await;
    let page = node.get(&release, "/").await;
    assert_eq!(page.text(), "<h1>Hello from Hono</h1>");
    let etag = page.headers["etag"].to_str().unwrap().to_string();
    assert_eq!(with_header(node, &release, "/", "if-none-match", &etag).await.status, 304);
    for header in ["x-request-id", "x-frame-options", "access-control-allow-origin"] {
        assert!(page.headers.contains_key(header), "{header}: {:?}", page.headers);
    }
    assert_eq!(node.post(&release, "/notes", r#"{"title":"t","stars":"3"}"#).await.json(), json!({ "title": "t", "stars": 3 }));
    assert_eq!(node.post(&release, "/notes", r#"{"title":""}"#).await.json(), json!({ "errors": ["title"] }));
    let token = node.get(&release, "/token").await.text();
    assert_eq!(node.post(&release, "/token", &token).await.json(), json!({ "name": "sample" }));
    assert_eq!(node.get(&release, "/teapot").await.status, 418);
    answers_as_samples_do(node, &release).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_needs_the_network_to_start_starts_with_each_request() {
    let node = Node::shared();
    let source = r#"
const http = require("http");
async function main() {
  const config = await fetch("http://127.0.0.1:1/config").then(() => "fetched", () => "unreachable");
  http.createServer((request, response) => response.end(config)).listen(process.env.PORT);
}
main();
"#;
    let release = App::build(node, &[("index.js", source)]).release(&[]);
    let note = node.runtime.prepare(&release).await.unwrap().unwrap();
    assert!(note.starts_with("The app starts with each request: it uses the network"), "{note}");
    assert_eq!(node.get(&release, "/").await.text(), "unreachable");
    node.logs(&release, "The app starts with each request").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_that_does_not_exist_is_named_and_throws_when_it_is_used() {
    let node = Node::shared();
    let package = "const { spawn } = require('child_process'); exports.run = () => { try { spawn('ls'); } catch (error) { return error.message; } };";
    let files =
        [("node_modules/careful/index.js", package), ("index.js", "import { run } from 'careful';\nexport default () => new Response(run());")];
    let (app, told) = App::build_with_output(node, &files);
    assert!(told.contains("child_process, imported by node_modules/careful/index.js"), "{told}");
    assert_eq!(node.get(&app.release(&[]), "/").await.text(), "child_process.spawn is not available in an app on this platform");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_can_be_read_and_not_written() {
    let node = Node::shared();
    let source = r#"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
const code = (attempt) => { try { return attempt(); } catch (error) { return error.code; } };
const atBoot = readFileSync(new URL("./data/a.txt", import.meta.url), "utf8");
export default async () => Response.json({
  atBoot, atRequest: await readFile("data/a.txt", "utf8"), names: readdirSync("/app/data"), folder: statSync("/app/data").isDirectory(), size: statSync("data/a.txt").size,
  write: code(() => writeFileSync("/app/data/a.txt", "b")), missing: code(() => readFileSync("/etc/passwd")), above: existsSync("/app/../etc"), secret: existsSync(".env"),
});
"#;
    let release = App::build(node, &[("index.mjs", source), ("data/a.txt", "hello"), ("data/b.txt", ""), (".env", "KEY=1")]).release(&[]);
    let expected = json!({ "atBoot": "hello", "atRequest": "hello", "names": ["a.txt", "b.txt"], "folder": true, "size": 5,
        "write": "EROFS", "missing": "ENOENT", "above": false, "secret": false });
    assert_eq!(node.get(&release, "/").await.json(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_packages_of_node_use_is_there() {
    let node = Node::shared();
    let checks = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/javascript/modules.js")).unwrap();
    let release = App::build(node, &[("server.js", &checks)]).release(&[]);
    assert_eq!(node.get(&release, "/").await.text(), "", "these checks failed; log: {:?}", node.logged(&release));
}
