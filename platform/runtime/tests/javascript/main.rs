//! JavaScript apps on the real engine, through the buildpack that ships with the platform.
//!
//! The first run installs the buildpack's toolchain (npm) and compiles the engine into `<target>/javascript-tests`; later runs find them there.
#![allow(clippy::unwrap_used)]
mod absent;
mod app;
mod clients;
mod compress;
mod ground;
mod intl;
mod node;
mod outbound;
mod routers;
mod scripts;
mod tables;
mod uploads;
mod uses;
mod zygotes;

use app::{App, Node};
use paas_model::{ConfigVars, Target};
use std::{sync::Arc, time::Instant};

const GREETING: &str = r#"
const greeting = process.env.GREETING;
const born = Math.random();
export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    return Response.json({ greeting, env: env.GREETING, path: url.pathname, method: request.method, body: await request.text(), born, random: Math.random(), id: crypto.randomUUID() });
  },
};
"#;

#[tokio::test(flavor = "multi_thread")]
async fn top_level_code_sees_the_config_of_its_release() {
    let node = Node::shared();
    let app = App::build(node, &[("index.js", GREETING)]);
    for greeting in ["hello", "bonjour"] {
        let release = app.release(&[("GREETING", greeting)]);
        node.runtime.prepare(&release).await.unwrap();
        let answer = node.post(&release, "/a?b=c", "some body").await.json();
        assert_eq!(answer["greeting"], greeting);
        assert_eq!(answer["env"], greeting);
        assert_eq!(answer["path"], "/a");
        assert_eq!(answer["method"], "POST");
        assert_eq!(answer["body"], "some body");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_of_one_snapshot_differ_in_their_randomness() {
    let node = Node::shared();
    let release = App::build(node, &[("index.js", GREETING)]).release(&[]);
    let (first, second) = (node.get(&release, "/").await.json(), node.get(&release, "/").await.json());
    assert_eq!(first["born"], second["born"], "top-level code ran once");
    assert_ne!(first["random"], second["random"]);
    assert_ne!(first["id"], second["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_throws_at_its_top_level_is_refused_with_its_stack() {
    let node = Node::shared();
    let source = "\nfunction connect() {\n  throw new Error(`no database ${process.env.NAME}`);\n}\nconnect();\nexport default { fetch() {} };\n";
    let release = App::build(node, &[("src/index.ts", source)]).release(&[("NAME", "main")]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err().to_string();
    assert!(refusal.contains("Error: no database main"), "{refusal}");
    assert!(refusal.contains("connect (src/index.ts:3:"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_at_the_top_level_is_ended_with_a_reason() {
    let node = Node::shared();
    let release = App::build(node, &[("index.js", "console.log('starting'); for (;;) {}")]).release(&[]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err();
    assert!(!refusal.is_fault());
    assert!(refusal.to_string().contains("ran longer than allowed"), "{refusal}");
    assert!(refusal.to_string().contains("starting"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_outgrows_its_memory_at_the_top_level_is_ended_with_a_reason() {
    let node = Node::shared();
    let source = "globalThis.kept = []; for (;;) kept.push(new Uint8Array(1 << 20).fill(1));";
    let release = App::build(node, &[("index.js", source)]).release(&[]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err();
    assert!(!refusal.is_fault());
    assert!(refusal.to_string().contains("memory limit of 128 MB"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_handler_is_told_what_to_export() {
    let node = Node::shared();
    let release = App::build(node, &[("index.js", "export const answer = 42;")]).release(&[]);
    let refusal = node.runtime.prepare(&release).await.unwrap_err().to_string();
    assert!(refusal.contains("export default { fetch(request, env)"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_prints_while_it_starts_is_in_its_log() {
    let node = Node::shared();
    let source = "console.log('ready', { port: 1 }); addEventListener('fetch', (event) => event.respondWith(new Response('old style')));";
    let release = App::build(node, &[("server.mjs", source)]).release(&[]);
    assert_eq!(node.get(&release, "/").await.text(), "old style");
    assert_eq!(node.logged(&release), ["ready { port: 1 }"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_throws_answers_500_and_logs_its_stack() {
    let node = Node::shared();
    let source = "\nexport default {\n  fetch() {\n    throw new TypeError('boom');\n  },\n};\n";
    let release = App::build(node, &[("index.ts", source)]).release(&[]);
    let answer = node.get(&release, "/").await;
    assert_eq!(answer.status, 500);
    let log = node.logged(&release);
    assert!(log[0].contains("TypeError: boom") && log[1].contains("fetch (index.ts:4:"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_platform_is_there() {
    let node = Node::shared();
    let release =
        App::build(node, &[("index.js", &std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/javascript/platform.js")).unwrap())])
            .release(&[]);
    let answer = node.get(&release, "/").await;
    assert_eq!(answer.text(), "", "these checks failed; log: {:?}", node.logged(&release));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_framework_from_npm_runs_with_its_middleware() {
    let node = Node::shared();
    let package = r#"{"type": "module", "main": "src/app.ts", "dependencies": {"hono": "4.10.1"}}"#;
    let source = r#"
import { Hono } from "hono";
import { etag } from "hono/etag";
import { cors } from "hono/cors";
import { logger } from "hono/logger";
type Env = { Bindings: { NAME: string } };
const app = new Hono<Env>();
app.use(logger(), cors(), etag());
app.get("/hello/:who", (c) => c.json({ hello: c.req.param("who"), from: c.env.NAME }));
app.notFound((c) => c.text("nothing here", 404));
export default app;
"#;
    let release = App::build(node, &[("package.json", package), ("src/app.ts", source)]).release(&[("NAME", "hono")]);
    assert_eq!(node.get(&release, "/hello/you").await.json(), serde_json::json!({ "hello": "you", "from": "hono" }));
    let missing = node.get(&release, "/else").await;
    assert_eq!((missing.status, missing.text().as_str()), (404, "nothing here"));
    assert!(node.logged(&release).iter().any(|line| line.contains("GET /hello/you")), "{:?}", node.logged(&release));
}

#[test]
fn a_syntax_error_is_shown_with_its_file_and_line() {
    let node = Node::shared();
    let told = App::try_build(node, &[("index.ts", "const a = 1;\nconst b = ;\n")]).err().unwrap();
    assert!(told.contains("index.ts:2:10"), "{told}");
    assert!(told.lines().last().unwrap().contains("Correct this and push again"), "{told}");
}

/// For tests that touch those of all others.
static ALL_SNAPSHOTS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_is_made_again() {
    let _all = ALL_SNAPSHOTS.lock().await;
    let node = Node::shared();
    let release = App::build(node, &[("index.js", GREETING)]).release(&[("GREETING", "still here")]);
    node.runtime.prepare(&release).await.unwrap();
    app::damage_snapshots();
    assert_eq!(node.get(&release, "/").await.json()["greeting"], "still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_was_put_away_is_unpacked_and_not_booted_again() {
    let _all = ALL_SNAPSHOTS.lock().await;
    let node = Node::shared();
    let source = "console.log('booted'); const kept = process.env.KEPT; export default { fetch: () => new Response(kept) };";
    let release = App::build(node, &[("index.js", source)]).release(&[("KEPT", "as it was")]);
    node.runtime.prepare(&release).await.unwrap();
    app::packed().await;
    for (packed, whole) in app::put_away() {
        eprintln!("{} KB packed, {} KB whole", packed >> 10, whole >> 10);
        assert!(packed * 2 < whole, "{packed} bytes of {whole}");
    }
    assert_eq!(node.get(&release, "/").await.text(), "as it was");
    assert_eq!(node.logged(&release), ["booted"], "once");
}

#[tokio::test]
async fn what_a_boot_kept_of_the_config_goes_with_the_app() {
    let _all = ALL_SNAPSHOTS.lock().await;
    let node = Node::shared();
    let release =
        App::build(node, &[("index.js", "console.log('booted'); export default { fetch: () => new Response('') };")]).release(&[("KEPT", "secret")]);
    for boots in [1, 1] {
        node.runtime.prepare(&release).await.unwrap();
        assert_eq!(node.logged(&release).len(), boots);
    }
    // Of a push that failed after its boot: no release, but a snapshot.
    let other = ConfigVars([("KEPT".to_string(), "another secret".to_string())].into());
    let never = Target { env: Arc::new(other), ..release.clone() };
    node.runtime.prepare(&never).await.unwrap();
    assert_eq!(node.logged(&release).len(), 2);
    node.runtime.forget(release.app, vec![release.clone()]).await.unwrap();
    node.runtime.prepare(&release).await.unwrap();
    node.runtime.prepare(&never).await.unwrap();
    assert_eq!(node.logged(&release).len(), 4, "both were gone");
}

/// `cargo test -p paas-runtime --test javascript -- --ignored --nocapture`
#[tokio::test]
#[ignore = "prints figures"]
async fn figures() {
    let node = Node::shared();
    let app = App::build(node, &[("index.js", "export default () => new Response('hello');")]);
    node.runtime.prepare(&app.release(&[])).await.unwrap();
    for round in 0..3 {
        let release = app.release(&[("ROUND", &round.to_string())]);
        let (start, before) = (Instant::now(), app::processor_time());
        node.runtime.prepare(&release).await.unwrap();
        let (wall, [own, worker]) = (start.elapsed(), app::processor_time());
        eprintln!("prepare: {wall:?}; processor: server {:?}, worker {:?}", own - before[0], worker - before[1]);
        let (start, again) = (Instant::now(), node.runtime.app(release.clone()));
        node.runtime.prepare(&release).await.unwrap();
        eprintln!("prepare again: {:?}", start.elapsed());
        let start = Instant::now();
        again.load().await.unwrap();
        eprintln!("load: {:?}", start.elapsed());
        app::packed().await;
        let mut cold: Vec<_> = vec![];
        for _ in 0..40 {
            app::put_away();
            let start = Instant::now();
            node.runtime.app(release.clone()).load().await.unwrap();
            cold.push(start.elapsed());
        }
        cold.sort();
        eprintln!("load of a packed one: p50 {:?}, p95 {:?}", cold[20], cold[38]);
        let mut times = vec![];
        let before = app::processor_time();
        for _ in 0..500 {
            let start = Instant::now();
            let answer = node.answer(&again, "GET", "/", "").await;
            times.push((start.elapsed(), answer.instantiate));
        }
        let processor = (app::processor_time()[0] - before[0]) / 500;
        times.sort();
        eprintln!("request: p50 {:?}, p99 {:?}; instantiate {:?}; processor {processor:?}", times[250].0, times[495].0, times[250].1);
    }
}

/// `cargo test -p paas-runtime --release --test javascript -- --ignored --nocapture first_requests`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints figures"]
async fn first_requests() {
    let node = Node::shared();
    let app = App::build(node, &[("index.js", "export default () => new Response('hello');")]);
    let releases: Vec<_> = (0..40).map(|number| app.release(&[("NUMBER", &number.to_string())])).collect();
    for release in &releases {
        node.runtime.prepare(release).await.unwrap();
    }
    for (packed, _) in [false, true].iter().flat_map(|packed| [(packed, 0), (packed, 1), (packed, 2)]) {
        let [mut load, mut answer, mut instantiate] = [vec![], vec![], vec![]];
        for release in &releases {
            if *packed {
                app::packed().await;
                app::put_away();
            }
            let app = node.runtime.app(release.clone());
            let start = Instant::now();
            app.load().await.unwrap();
            load.push(start.elapsed());
            let start = Instant::now();
            instantiate.push(node.answer(&app, "GET", "/", "").await.instantiate);
            answer.push(start.elapsed());
        }
        let at = |times: &mut Vec<std::time::Duration>| {
            times.sort();
            format!("p50 {:?} p99 {:?}", times[20], times[39])
        };
        let state = if *packed { "packed" } else { "whole" };
        eprintln!("{state}: load {}, answer {}, of that instantiate {}", at(&mut load), at(&mut answer), at(&mut instantiate));
    }
}
