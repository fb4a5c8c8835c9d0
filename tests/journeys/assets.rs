//! A page that a build makes and the API it calls, in one app: files answer first, everything else is the handler's.
use paas_tests::{Platform, eventually};
use reqwest::{Method, StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn files_answer_before_the_app_and_everything_else_is_the_apps() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let visitor = platform.visitor();
    let repository = developer.start_app("notes", "assets-and-api").await;
    let push = repository.push().await;
    for line in ["-----> Assets: 3 files of dist before the app", "Its index.html answers /", "Running the build script"] {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();

    let page = visitor.get("notes", "/").await;
    assert!(page.text.contains("<h1>Notes</h1>"), "{}", page.text);
    assert_eq!(page.headers["x-served-by"], "assets");
    let etag = page.headers[header::ETAG].clone();
    let again = visitor.request(Method::GET, "notes", "/").header(header::IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let head = visitor.request(Method::HEAD, "notes", "/main.js").send().await.unwrap();
    assert_eq!(
        (head.status(), &head.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &header::HeaderValue::from_static("text/javascript; charset=utf-8"))
    );

    let notes = visitor.get("notes", "/api/notes").await;
    assert_eq!((notes.text.as_str(), notes.headers.get("x-served-by")), (r#"["Hello"]"#, None));
    let posted = visitor.request(Method::POST, "notes", "/main.js").body("a note").send().await.unwrap();
    assert_eq!((posted.status(), posted.text().await.unwrap().as_str()), (StatusCode::CREATED, "the app took a note at /main.js\n"));
    let missing = visitor.get("notes", "/nowhere").await;
    assert_eq!((missing.status, missing.text.as_str()), (StatusCode::NOT_FOUND, "the app has no /nowhere\n"));
    eventually("the app's log of what came to it", async || {
        let log = developer.run("logs -n 200 -a notes").await.ok();
        let app: Vec<&str> = log.lines().filter(|line| line.contains("app[web.1]:")).collect();
        let asked = |what: &str| app.iter().any(|line| line.ends_with(what));
        assert!(!asked("GET /") && !asked("HEAD /main.js"), "{log}");
        (asked("GET /api/notes") && asked("POST /main.js") && asked("GET /nowhere")).then_some(())
    })
    .await;

    repository.write("web/index.html", "<h1>Changed</h1>\n");
    repository.commit("Change an asset").await;
    repository.push().await.ok();
    assert_eq!(visitor.get("notes", "/").await.text, "<h1>Changed</h1>\n");
    developer.run("config:set GREETING=Ahoy -a notes").await.ok();
    assert_eq!(visitor.get("notes", "/api/notes").await.text, r#"["Ahoy"]"#);
    assert_eq!(visitor.get("notes", "/").await.text, "<h1>Changed</h1>\n");

    repository.write("app.json", "{ \"assets\": \"dits\" }\n");
    repository.commit("Misspell the folder").await;
    let refused = repository.push().await;
    assert_ne!(refused.code, 0);
    let words = "app.json names the assets folder dits, which is not there after the build. Commit it, let the build make it, or correct app.json.";
    assert!(refused.stderr.contains(words), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_before_a_server_of_any_language_and_its_own_way_to_serve_them_stays() {
    let platform = Platform::start().await;
    let (developer, visitor) = (platform.developer(), platform.visitor());
    for (sample, greeting) in [("express-ejs", "Hello from Express"), ("c-cgi", "Hello from C")] {
        let repository = developer.start_app(sample, sample).await;
        repository.write("public/stylesheets/main.css", "body { color: rebeccapurple }\n");
        repository.write("public/extra.txt", "an asset\n");
        repository.commit("Add files").await;
        repository.push().await.ok();
        let own = visitor.get(sample, "/stylesheets/main.css").await;
        assert_eq!(
            own.status.is_success(),
            sample == "express-ejs",
            "what a framework serves it goes on serving, and nobody else serves anything: {own:?}"
        );

        repository.write("app.json", "{ \"assets\": \"public\" }\n");
        repository.commit("Name the folder").await;
        repository.push().await.ok();
        let styles = visitor.get(sample, "/stylesheets/main.css").await;
        assert_eq!((styles.status, styles.text.as_str()), (StatusCode::OK, "body { color: rebeccapurple }\n"), "{sample}");
        assert_eq!(styles.headers[header::CACHE_CONTROL], "public, max-age=0, must-revalidate", "{sample}");
        assert!(styles.headers[header::ETAG].len() == 66, "the platform's own: {:?}", styles.headers);
        assert_eq!(visitor.get(sample, "/extra.txt").await.text, "an asset\n", "{sample}");
        assert!(visitor.get(sample, "/").await.text.contains(greeting), "{sample}");
    }
}
