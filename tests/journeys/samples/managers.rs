//! JavaScript apps by what installs their dependencies: Yarn 1, Yarn 4 and pnpm, each with its own lock file.
use super::{
    life::{Life, edit},
    live_on_one_platform,
    route::{Route, get, post, post_form, post_json},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn apps_of_every_package_manager_live_a_full_life() {
    live_on_one_platform(vec![jose_zod(), yarn_markdown(), pnpm_hono()]).await;
}

const KEPT: &str = "They are the same as in the build before";

/// What these samples have in common.
fn routes(own: Vec<Route>) -> Vec<Route> {
    let mut routes = vec![
        post_form("/form", "name=Ada+L%C3%B6w").json(json!({ "name": "Ada Löw" })),
        get("/old").redirects("/"),
        get("/cookie").header("set-cookie", "seen=1").json(json!({ "seen": null })),
        get("/cookie").with_cookie("other=7; seen=1").json(json!({ "seen": "1" })),
        get("/error").status(500),
        get("/nothing").status(404),
    ];
    routes.extend(own);
    routes
}

/// Yarn 1. Tokens and schemas, in TypeScript: what it throws is told with the author's file and line.
fn jose_zod() -> Life {
    let routes = routes(vec![
        post_json("/tokens", r#"{"name":"Ada","email":"ada@example.org"}"#).contains("eyJhbGciOiJIUzI1NiJ9."),
        post_json("/tokens", r#"{"name":"A","email":"nobody"}"#).status(400).contains(r#""email":["Invalid email address"]"#),
        get("/round-trip").json(json!({ "name": "Ada", "email": "ada@example.org", "admin": true, "iss": "jose-zod" })),
        get("/me").bearing("Bearer no.such.token").status(401).contains("ERR_JW"),
    ]);
    let line = edit("src/index.ts", "from jose and zod", "from jose and zod again");
    let life = Life::of("jose-zod", "jose and zod", routes, line, edit("src/index.ts", "z.object(", "z.objekt("));
    let log = vec!["Error: an error as asked", "src/tokens.ts:13:"];
    Life { push: vec!["Installing dependencies with yarn"], again: vec![KEPT], log, ..life }
}

/// Yarn 4.
fn yarn_markdown() -> Life {
    let routes = routes(vec![
        get("/").header("content-type", "text/html").contains(r#"<a href="/pages/more">more</a>"#),
        get("/pages/more").contains("<th>table</th>"),
        post("/preview", "text/markdown", "*new*").text("<p><em>new</em></p>\n"),
    ]);
    let line = edit("src/pages.js", "from Yarn", "from Yarn again");
    let life = Life::of("yarn-markdown", "Yarn", routes, line, edit("src/index.js", "AutoRouter({", "AutoRooter({"));
    let log = vec!["Error: an error as asked", "src/index.js:25:"];
    Life { push: vec!["Installing dependencies with yarn"], again: vec![KEPT], log, ..life }
}

/// Hono with etag: who has the answer already gets none.
fn pnpm_hono() -> Life {
    const PAGE: &str = "\"5624f7b79ccf18abf7ebcf530cd257e2b8dff369\"";
    const NOTE: &str = "W/\"335bb849cdbcbb193ecf25c9bd24c9684932206c\"";
    let routes = routes(vec![
        get("/").header("etag", PAGE),
        get("/").when_not(PAGE).status(304).text(""),
        get("/").when_not("\"another\"").text("Hello from pnpm"),
        get("/notes/2").header("etag", NOTE).json(json!({ "id": 2 })),
        get("/notes/2").when_not(NOTE).status(304),
        post_json("/notes", r#"{"title":"Dune"}"#).status(201).json(json!({ "title": "Dune" })),
        post_json("/notes", "{}").status(400).contains("title"),
    ]);
    let line = edit("src/index.ts", "from pnpm", "from pnpm again");
    let life = Life::of("pnpm-hono", "pnpm", routes, line, edit("src/index.ts", "z.object(", "z.objekt("));
    let log = vec!["--> GET /notes/2", "Error: an error as asked", "src/index.ts:26:"];
    Life { push: vec!["Installing dependencies with pnpm"], again: vec![KEPT], log, ..life }
}
