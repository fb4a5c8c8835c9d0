//! The sample app of each compiled language, which all speak the same small API.
mod c;
mod go;
mod python;
mod rust;

use paas_tests::{Developer, Platform, Repository, Visitor, eventually};
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

/// Asks for every route of the sample `app`, then for its log.
async fn exercise(platform: &Platform, developer: &Developer, app: &str, language: &str) {
    let visitor = platform.visitor();
    assert_eq!(visitor.get(app, "/").await.text, format!("Hello from {language}\n"));
    reads_and_writes_json(&visitor, app).await;
    takes_a_form_and_redirects(&visitor, app).await;
    counts_visits_in_a_cookie(&visitor, app).await;

    let failed = visitor.get(app, "/fail").await;
    assert!(failed.status.is_server_error(), "{} {}", failed.status, failed.text);
    // What is said of a failure may come after its answer. Each framework has its own words for a request.
    eventually("the app's log of what it was asked", async || {
        let log = developer.run(&format!("logs -n 500 -a {app}")).await.ok();
        let asked = log.lines().any(|line| line.contains("app[web.1]:") && line.contains("/books/2"));
        (asked && log.contains("failed as asked") && log.contains("path=\"/fail\"")).then_some(())
    })
    .await;
}

async fn reads_and_writes_json(visitor: &Visitor, app: &str) {
    let list = visitor.get(app, "/books").await;
    assert!(list.headers[header::CONTENT_TYPE].to_str().expect("types are text").starts_with("application/json"), "{:?}", list.headers);
    assert_eq!(read(&list.text).as_array().map(Vec::len), Some(2), "{}", list.text);
    assert_eq!(read(&visitor.get(app, "/books/2").await.text)["title"], "Walden");
    let missing = visitor.get(app, "/books/9").await;
    assert_eq!((missing.status, read(&missing.text)), (StatusCode::NOT_FOUND, json!({ "error": "no such book" })));

    let post = visitor.request(Method::POST, app, "/books").header(header::CONTENT_TYPE, "application/json");
    let added = post.body(r#"{"title":"Dune & more"}"#).send().await.expect("the app answers");
    assert_eq!(added.status(), StatusCode::CREATED);
    assert_eq!(read(&added.text().await.expect("the answer has an end")), json!({ "id": 3, "title": "Dune & more" }));
}

async fn takes_a_form_and_redirects(visitor: &Visitor, app: &str) {
    let post = visitor.request(Method::POST, app, "/sign").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let thanks = post.body("name=Ada+L%C3%B6w").send().await.expect("the app answers");
    assert_eq!(thanks.text().await.expect("the answer has an end"), "Thank you, Ada Löw!\n");

    let moved = visitor.get(app, "/old").await;
    assert_eq!((moved.status, &moved.headers[header::LOCATION]), (StatusCode::FOUND, &header::HeaderValue::from_static("/books")));
}

async fn counts_visits_in_a_cookie(visitor: &Visitor, app: &str) {
    let first = visitor.get(app, "/visits").await;
    assert_eq!(first.text, "1\n");
    assert!(first.headers[header::SET_COOKIE].to_str().expect("cookies are text").starts_with("visits=1"), "{:?}", first.headers);
    let again = visitor.request(Method::GET, app, "/visits").header(header::COOKIE, "other=7; visits=1").send().await.expect("the app answers");
    assert_eq!(again.text().await.expect("the answer has an end"), "2\n");
}

/// Changes one line and pushes, changes config without a push, pushes what does not compile, and rolls back.
async fn live_through_changes(platform: &Platform, repository: &Repository<'_>, change: Change<'_>) {
    let (visitor, developer, app) = (platform.visitor(), platform.developer(), repository.app.as_str());
    let source = std::fs::read_to_string(repository.path.join(change.file)).expect("the sample has this file");

    repository.write(change.file, &source.replace(change.good.0, change.good.1));
    repository.commit("Change one line").await;
    repository.push().await.ok();
    assert_eq!(visitor.get(app, "/").await.text, change.page);

    developer.run(&format!("config:set GREETING=Ahoy -a {app}")).await.ok();
    assert_eq!(visitor.get(app, "/").await.text, change.page.replace("Hello", "Ahoy"), "read at the top level, without a push");

    repository.write(change.file, &source.replace(change.bad.0, change.bad.1));
    repository.commit("Break it").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in change.complaint {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
    assert_eq!(visitor.get(app, "/").await.text, change.page.replace("Hello", "Ahoy"), "what ran goes on");

    developer.run(&format!("releases:rollback v2 -a {app}")).await.ok();
    assert_eq!(visitor.get(app, "/").await.text, change.original);
}

/// What to replace by what in a file of the sample, and what then shows.
struct Change<'a> {
    file: &'a str,
    good: (&'a str, &'a str),
    /// The page before and after the good change.
    original: &'a str,
    page: &'a str,
    bad: (&'a str, &'a str),
    /// What the push of the bad change says.
    complaint: &'a [&'a str],
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
