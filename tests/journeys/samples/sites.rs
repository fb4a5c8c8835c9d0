//! Static sites: as they lie in the source, and as a build script makes them.
use super::{
    life::{Life, edit},
    live_on_one_platform,
    route::get,
};

/// What an app says of dependencies that have not changed.
const KEPT: &str = "They are the same as in the build before";

#[tokio::test(flavor = "multi_thread")]
async fn static_sites_live_a_full_life() {
    live_on_one_platform(vec![rules(), single_page(), built()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_of_front_end_builds_live_a_full_life() {
    live_on_one_platform(vec![vite(), astro()]).await;
}

/// With `_headers` and `_redirects`.
fn rules() -> Life {
    let routes = vec![
        get("/").header("content-type", "text/html; charset=utf-8").header("x-frame-options", "DENY"),
        get("/assets/site.css").header("content-type", "text/css").header("cache-control", "public, max-age=31536000"),
        get("/blog/2020/hello").status(301).header("location", "/posts/2020/hello"),
        get("/elsewhere").redirects("https://example.org/"),
        get("/app/any/path").contains("Every path below this one"),
        get("/nothing").status(404).contains("Nothing here"),
        get("/_redirects").status(404),
        get("/_headers").status(404),
    ];
    let line = edit("index.html", "from a site with rules", "from a site with rules again");
    let life = Life::of("static-rules", "a site with rules", routes, line, edit("_redirects", "/posts/:splat 301", "/posts/:splat 399"));
    Life { push: vec!["-----> Static site app detected"], config: None, ..life }
}

/// What somebody's build left in a folder: one page that answers for all paths.
fn single_page() -> Life {
    let routes = vec![
        get("/").header("content-type", "text/html; charset=utf-8").header("etag", "\""),
        get("/a/route/of/the/page").contains("<title>Single page</title>"),
        get("/assets/app.js").header("content-type", "text/javascript; charset=utf-8").contains("location.pathname"),
        get("/static.json").contains("<title>Single page</title>"),
    ];
    let line = edit("build/index.html", "<title>Single page", "<title>Single page again");
    let life = Life::of("static-spa", "a page", routes, line, edit("static.json", "\"root\": \"build\"", "\"root\": \"biuld\""));
    Life { shows: ("<title>Single page</title>".into(), "<title>Single page again</title>".into()), config: None, ..life }
}

/// By a script without dependencies: one page that answers for all paths.
fn built() -> Life {
    let routes = vec![
        get("/").header("etag", "\"").contains("/assets/main-1a2b3c4d.js"),
        get("/a/route/of/the/page").contains("/assets/main-1a2b3c4d.js"),
        get("/assets/main-1a2b3c4d.js").header("cache-control", "immutable").contains("location.pathname"),
    ];
    let line = edit("index.html", "<title>Built site", "<title>Built site again");
    let life = Life::of("built-site", "a script", routes, line, edit("package.json", "node build.mjs", "nod build.mjs"));
    let push = vec!["Running the build script", "built the site"];
    Life { push, shows: ("<title>Built site</title>".into(), "<title>Built site again</title>".into()), config: None, ..life }
}

/// One page, which answers for all paths; files with their hash in the name.
fn vite() -> Life {
    let routes = vec![
        get("/").header("etag", "\"").contains(r#"src="/assets/index-"#),
        get("/a/route/of/the/page").contains(r#"src="/assets/index-"#),
        get("/assets/index-B4VtSPys.css").header("cache-control", "immutable").contains("#639"),
        get("/src/main.ts").contains("<title>"),
    ];
    let line = edit("index.html", "<title>Hello from Vite", "<title>Hello from Vite again");
    let life = Life::of("vite-site", "Vite", routes, line, edit("src/main.ts", "./style.css", "./stile.css"));
    let push = vec!["Installing dependencies with npm", "Running the build script", "Collecting the site in dist"];
    Life { push, again: vec![KEPT], config: None, ..life }
}

/// Pages of components and of Markdown, and one for errors.
fn astro() -> Life {
    let routes = vec![
        get("/").contains("1 post: "),
        get("/posts/first/").contains("Written in <em>Markdown</em>"),
        get("/nothing").status(404).contains("<title>Nothing here</title>"),
    ];
    let line = edit("src/pages/index.astro", "Hello from Astro", "Hello from Astro again");
    let life = Life::of("astro-site", "Astro", routes, line, edit("src/pages/index.astro", "../Layout.astro", "../Layaut.astro"));
    let push = vec!["Installing dependencies with npm", "Running the build script", "Collecting the site in dist"];
    Life { push, again: vec![KEPT], config: None, ..life }
}
