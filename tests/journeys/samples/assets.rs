//! A page that a build makes and the API it calls, in one app: files answer first, everything else is the handler's.
use super::{
    life::{Life, edit},
    live,
    route::{get, head, post},
};
use paas_tests::Platform;
use reqwest::{Method, StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_its_api_live_a_full_life() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    let repository = developer.start_app("assets-and-api", "assets-and-api").await;
    live(&platform, &repository, &page_and_api()).await;

    let etag = visitor.get("assets-and-api", "/").await.headers[header::ETAG].clone();
    let again = visitor.request(Method::GET, "assets-and-api", "/").header(header::IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let log = developer.run("logs -n 500 -a assets-and-api").await.ok();
    let came_to_the_app = |what: &str| log.lines().any(|line| line.contains("app[web.1]:") && line.ends_with(what));
    assert!(came_to_the_app("POST /main.js") && !came_to_the_app("GET /") && !came_to_the_app("HEAD /main.js"), "{log}");

    repository.git(&["checkout", "--quiet", "HEAD^", "."]).await.ok();
    repository.write("web/index.html", "<h1>Changed</h1>\n");
    repository.commit("Change an asset").await;
    repository.push().await.ok();
    assert_eq!(visitor.get("assets-and-api", "/").await.text, "<h1>Changed</h1>\n");
}

fn page_and_api() -> Life {
    let routes = vec![
        get("/").header("x-served-by", "assets").header("etag", "\"").contains("<h1>Notes</h1>"),
        head("/main.js").header("content-type", "text/javascript; charset=utf-8").text(""),
        get("/api/notes").text(r#"["Hello"]"#),
        post("/main.js", "text/plain", "a note").status(201).text("the app took a note at /main.js\n"),
        get("/nowhere").status(404).text("the app has no /nowhere\n"),
    ];
    let line = edit("server.js", "Response.json([greeting])", "Response.json([greeting, \"again\"])");
    let push = vec!["-----> Assets: 3 files of dist before the app", "Its index.html answers /", "Running the build script"];
    Life {
        push,
        log: vec!["GET /api/notes", "POST /main.js", "GET /nowhere"],
        page: "/api/notes",
        shows: (r#"["Hello"]"#.into(), r#"["Hello","again"]"#.into()),
        ..Life::of("assets-and-api", "an API", routes, line, edit("app.json", "dist", "dits"))
    }
}
