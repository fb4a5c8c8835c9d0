//! Apps written for Node run as they are: pushed, used, changed, configured, broken, rolled back.
use paas_tests::{Platform, eventually};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn an_express_app_with_views_lives_through_its_releases() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let visitor = platform.visitor();
    let repository = developer.start_app("shop", "express-ejs").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("Installing dependencies with npm"), "{}", push.stderr);
    push.ok();

    let page = visitor.get("shop", "/").await;
    assert!(page.text.contains("Hello from Express") && page.text.contains("<title>express-ejs</title>"), "{}", page.text);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert!(visitor.get("shop", "/stylesheets/main.css").await.text.contains("rebeccapurple"));
    let note: Value = serde_json::from_str(&visitor.get("shop", "/api/notes/7?a=b").await.text).unwrap();
    assert_eq!((&note["id"], &note["query"]), (&json!(7), &json!({ "a": "b" })));
    let sent = visitor.request(Method::POST, "shop", "/form").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body("name=Ada");
    assert_eq!(sent.send().await.unwrap().text().await.unwrap(), r#"{"name":"Ada"}"#);
    assert_eq!(visitor.get("shop", "/old").await.headers[header::LOCATION], "/");
    assert!(visitor.get("shop", "/cookie").await.headers[header::SET_COOKIE].to_str().unwrap().starts_with("seen=1"));
    assert_eq!(visitor.get("shop", "/error").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    eventually("the error is logged with its line", async || {
        let log = developer.run("logs -a shop -n 200").await.ok();
        (log.contains("Error: an error as asked") && log.contains("index.js:34:")).then_some(())
    })
    .await;

    let view = "<p>Changed, <%= greeting %></p>\n";
    repository.write("views/pages/index.ejs", view);
    repository.commit("Change a view").await;
    let again = repository.push().await;
    assert!(again.stderr.contains("the same as in the build before"), "{}", again.stderr);
    again.ok();
    assert_eq!(visitor.get("shop", "/").await.text, "<p>Changed, Hello</p>\n");

    developer.run("config:set GREETING=Ahoy -a shop").await.ok();
    assert_eq!(visitor.get("shop", "/").await.text, "<p>Changed, Ahoy</p>\n");

    repository.write("index.js", "const express = require('express')\nconst app = express()\napp.listn(process.env.PORT)\n");
    repository.commit("Break it").await;
    let broken = repository.push().await;
    assert_ne!(broken.code, 0);
    assert!(broken.stderr.contains("app.listn is not a function") && broken.stderr.contains("at index.js:3:"), "{}", broken.stderr);
    assert_eq!(visitor.get("shop", "/").await.text, "<p>Changed, Ahoy</p>\n");

    developer.run("rollback v2 -a shop").await.ok();
    assert!(visitor.get("shop", "/").await.text.contains("Hello from Express"));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_of_node_answer_whatever_they_are_made_with() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let visitor = platform.visitor();
    for (sample, path, expected) in [
        ("node-http", "/api/greeting?name=you", r#"{"greeting":"Hello","name":"you"}"#),
        ("koa-api", "/notes/2?sort=up", r#"{"id":2,"sort":"up"}"#),
        ("fastify-api", "/notes/2?a=b", r#"{"id":2,"query":{"a":"b"}}"#),
        ("hono-middleware", "/notes/2", r#"{"id":2,"sort":null}"#),
    ] {
        let repository = developer.start_app(sample, sample).await;
        repository.push().await.ok();
        assert_eq!(visitor.get(sample, path).await.text, expected);
        assert_eq!(visitor.get(sample, "/old").await.status, StatusCode::FOUND, "{sample}");
        assert_eq!(visitor.get(sample, "/error").await.status, StatusCode::INTERNAL_SERVER_ERROR, "{sample}");
        developer.run(&format!("config:set GREETING=Ahoy -a {sample}")).await.ok();
        assert!(visitor.get(sample, if sample == "node-http" { "/api/greeting" } else { "/" }).await.text.contains("Ahoy"), "{sample}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_built_by_its_script_and_served_as_files() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let visitor = platform.visitor();
    let repository = developer.start_app("pages", "built-site").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("Running the build script") && push.stderr.contains("built the site"), "{}", push.stderr);
    push.ok();
    let page = visitor.get("pages", "/").await;
    assert!(page.text.contains("/assets/main-1a2b3c4d.js") && page.headers.contains_key(header::ETAG), "{}", page.text);
    assert_eq!(visitor.get("pages", "/a/route/of/the/page").await.text, page.text, "one page answers for all paths");
    let script = visitor.get("pages", "/assets/main-1a2b3c4d.js").await;
    assert!(script.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{:?}", script.headers);

    repository.write("build.mjs", "process.exit(3);\n");
    repository.commit("Break the build").await;
    let broken = repository.push().await;
    assert_ne!(broken.code, 0);
    assert!(broken.stderr.contains("npm run build failed."), "{}", broken.stderr);
    assert_eq!(visitor.get("pages", "/").await.text, page.text);
}
