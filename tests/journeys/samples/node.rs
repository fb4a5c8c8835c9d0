//! JavaScript: apps written for Node run as they are, and handlers of fetch do.
use super::{
    life::{Life, edit},
    live_on_one_platform,
    route::{Route, get, post, post_form, post_json},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_node_live_a_full_life() {
    live_on_one_platform(vec![express(), koa(), fastify(), node_http()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_handlers_live_a_full_life() {
    live_on_one_platform(vec![hono(), itty_router()]).await;
}

/// What an app says of dependencies that have not changed.
const KEPT: &str = "They are the same as in the build before";

/// What these samples have in common.
fn routes(own: Vec<Route>) -> Vec<Route> {
    let mut routes = vec![
        get("/old").redirects("/"),
        get("/cookie").header("set-cookie", "seen=1").json(json!({ "seen": null })),
        get("/cookie").with_cookie("other=7; seen=1").json(json!({ "seen": "1" })),
        get("/error").status(500),
        get("/nothing").status(404),
    ];
    routes.extend(own);
    routes
}

fn express() -> Life {
    let routes = routes(vec![
        get("/").header("content-type", "text/html; charset=utf-8").contains("<title>express-ejs</title>"),
        get("/stylesheets/main.css").contains("rebeccapurple"),
        get("/api/notes/7?a=b").contains(r#""id":7,"#),
        post_form("/form", "name=Ada+L%C3%B6w").json(json!({ "name": "Ada Löw" })),
        post_json("/form", r#"{"name":"Ada"}"#).json(json!({ "name": "Ada" })),
        get("/later").status(500),
    ]);
    let line = edit("views/pages/index.ejs", "from Express", "from Express again");
    let life = Life::of("express-ejs", "Express", routes, line, edit("index.js", "express.static(", "express.statik("));
    let log = vec!["Rendering 'pages/index' for route '/'", "Error: an error as asked", "index.js:34:", "an error after a while"];
    Life { push: vec!["Installing dependencies with npm"], again: vec![KEPT], log, ..life }
}

fn koa() -> Life {
    let routes = routes(vec![
        get("/notes/2?sort=up").json(json!({ "id": 2, "sort": "up" })),
        get("/notes/7").status(404).text("No such note"),
        post_form("/form", "name=Ada").status(201).json(json!({ "name": "Ada" })),
    ]);
    let line = edit("src/server.js", "{ greeting: GREETING }", "{ greeting: GREETING, again: true }");
    let life = Life::of("koa-api", "Koa", routes, line, edit("src/server.js", "new Router()", "new Rooter()"));
    greets(Life { again: vec![KEPT], log: vec!["GET /notes/2 200", "Error: an error as asked", "src/server.js:25:"], ..life })
}

fn fastify() -> Life {
    let routes = routes(vec![
        get("/notes/2?a=b").json(json!({ "id": 2, "query": { "a": "b" } })),
        post_json("/notes", r#"{"title":"Dune"}"#).status(201).json(json!({ "title": "Dune", "stars": 0 })),
        post_json("/notes", "{}").status(400).contains("must have required property 'title'"),
        post_form("/form", "name=Ada").json(json!({ "name": "Ada" })),
    ]);
    let line = edit("server.js", "({ greeting: GREETING })", "({ greeting: GREETING, again: true })");
    let life = Life::of("fastify-api", "Fastify", routes, line, edit("server.js", "register(cookie)", "register(cooky)"));
    greets(Life { again: vec![KEPT], log: vec![r#""url":"/notes/2?a=b""#, "an error as asked"], ..life })
}

fn node_http() -> Life {
    let routes = vec![
        get("/").header("content-type", "text/html; charset=utf-8"),
        get("/api/greeting?name=you").json(json!({ "greeting": "Hello", "name": "you" })),
        post_form("/form", "name=Ada").json(json!({ "name": "Ada" })),
        get("/old").redirects("/"),
        get("/cookie").header("set-cookie", "seen=1").header("set-cookie", "theme=dark").json(json!({ "cookie": null })),
        get("/slow").text("first\nsecond\n"),
        get("/error").status(500),
        get("/nothing").status(404).json(json!({ "error": "Not found" })),
    ];
    let line = edit("page.html", "from node:http", "from node:http again");
    let life = Life::of("node-http", "node:http", routes, line, edit("server.js", "http.createServer(", "http.creatServer("));
    Life { log: vec!["GET /api/greeting", "Error: an error as asked", "server.js:29:"], ..life }
}

fn hono() -> Life {
    let routes = routes(vec![
        get("/").header("etag", "\"").header("x-request-id", "-").header("x-content-type-options", "nosniff"),
        get("/notes/2").json(json!({ "id": 2, "sort": null })),
        post_json("/notes", r#"{"title":"Dune"}"#).status(201).json(json!({ "title": "Dune", "stars": 0 })),
        post_json("/notes", "{}").status(400).json(json!({ "errors": ["title"] })),
        post_form("/form", "name=Ada").json(json!({ "name": "Ada" })),
        get("/token").contains("eyJ"),
        get("/teapot").status(418).text("short and stout"),
    ]);
    let line = edit("src/index.tsx", "from Hono", "from Hono again");
    let life = Life::of("hono-middleware", "Hono", routes, line, edit("src/index.tsx", "z.object(", "z.objekt("));
    Life { again: vec![KEPT], log: vec!["--> GET /notes/2", "Error: an error as asked", "src/index.tsx:37:"], ..life }
}

/// TypeScript, whose titles are not greetings.
fn itty_router() -> Life {
    let routes = vec![
        get("/").json(json!({ "title": "Notes", "notes": 2 })),
        get("/notes/2").contains("Every release"),
        get("/notes/9").status(404),
        post("/echo", "text/plain", "as it came").header("x-echo", "yes").text("as it came"),
        get("/old").redirects("https://example.org/new"),
        get("/cookie").header("set-cookie", "seen=1; Path=/; HttpOnly").text("set"),
    ];
    let line = edit("src/notes.ts", "get an app.", "get an app, again.");
    let life = Life::of("typescript-api", "itty-router", routes, line, edit("src/index.ts", "AutoRouter()", "AutoRooter()"));
    let shows = ("Push source, get an app.".into(), "Push source, get an app, again.".into());
    Life { page: "/notes/1", shows, config: None, again: vec![KEPT], ..life }
}

/// An API whose first page is JSON.
fn greets(life: Life) -> Life {
    Life { shows: (r#"{"greeting":"Hello"}"#.into(), r#"{"greeting":"Hello","again":true}"#.into()), ..life }
}
