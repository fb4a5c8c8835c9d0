//! The first push of each buildpack: source in, an answer out, before `git push` returns.
use paas_tests::{Platform, eventually};
use reqwest::{Method, StatusCode, header};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_static_site_answers_with_types_tags_and_its_own_404() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("site", "static-hello").await;
    let visitor = platform.visitor();

    let before = visitor.get("site", "/").await;
    assert_eq!(before.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(before.text.contains("Nothing here yet"), "{}", before.text);

    let push = repository.push().await;
    for line in
        ["remote: Building source:", "remote: -----> Static site app detected", "remote:        Released v2", "remote: Verifying deploy... done."]
    {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();

    let page = visitor.get("site", "/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let known = visitor.request(Method::GET, "site", "/").header(header::IF_NONE_MATCH, page.headers[header::ETAG].clone()).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let part = visitor.request(Method::GET, "site", "/").header(header::RANGE, "bytes=0-8").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.text().await.unwrap(), "<!doctype");
    assert_eq!(visitor.get("site", "/no/such/page").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.get("site--v2", "/").await.text, page.text);
    assert_eq!(visitor.get("site--v9", "/").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.get("nobody", "/").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_javascript_app_boots_with_its_config_and_starts_fresh_for_each_request() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.push().await.ok();

    let visitor = platform.visitor();
    assert_eq!(visitor.get("hello", "/").await.text, "Hello, world!\n");
    assert_ne!(visitor.get("hello", "/random").await.text, visitor.get("hello", "/random").await.text);

    let crashed = visitor.get("hello", "/crash").await;
    assert_eq!(crashed.status, StatusCode::INTERNAL_SERVER_ERROR);
    for words in [
        "app[web.1]: GET /random",
        "crash as asked",
        "paas[router]: at=info method=GET path=\"/random\" host=hello.localhost",
        "paas[api]: Release v2 created by admin@localhost",
    ] {
        eventually(words, async || developer.run("logs -a hello -n 200").await.ok().contains(words).then_some(())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typescript_app_with_a_dependency_answers_on_all_its_routes() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("notes", "typescript-api").await;
    repository.push().await.ok();

    let visitor = platform.visitor();
    let home: Value = serde_json::from_str(&visitor.get("notes", "/").await.text).unwrap();
    assert_eq!(home, serde_json::json!({ "title": "Notes", "notes": 2 }));
    assert!(visitor.get("notes", "/notes/2").await.text.contains("Every release"));
    assert_eq!(visitor.get("notes", "/notes/9").await.status, StatusCode::NOT_FOUND);
    assert_eq!(visitor.get("notes", "/old").await.headers[header::LOCATION], "https://example.org/new");
    assert_eq!(visitor.get("notes", "/cookie").await.headers[header::SET_COOKIE], "seen=1; Path=/; HttpOnly");
    let sent = "x".repeat(300_000);
    let echo = visitor.request(Method::POST, "notes", "/echo").body(sent.clone()).send().await.unwrap();
    assert_eq!(echo.headers()["x-echo"], "yes");
    assert_eq!(echo.text().await.unwrap(), sent);
}
