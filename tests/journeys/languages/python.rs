//! Python: WSGI and ASGI apps with the Procfiles that they have elsewhere.
use super::{Change, exercise, live_through_changes};
use paas_tests::{Platform, eventually};
use reqwest::{Method, header};

#[tokio::test(flavor = "multi_thread")]
async fn a_flask_app_runs_unchanged() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "python-flask").await;
    let push = repository.push().await;
    for words in ["-----> Python app detected", "gunicorn's --log-file mean nothing here", "The app is app:app"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
    push.ok();

    exercise(&platform, &developer, "books", "Flask").await;
    let log = developer.run("logs -n 500 -a books").await.ok();
    assert!(log.contains("app.py\", line 73, in fail"), "the traceback names the line: {log}");

    let visitor = platform.visitor();
    assert_eq!(visitor.get("books", "/stream").await.text, "line 0\nline 1\nline 2\n");
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
    let upload = visitor.request(Method::POST, "books", "/upload").header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let answer = upload.body(form).send().await.expect("the app answers").text().await.expect("the answer has an end");
    assert_eq!(answer, "{\"bytes\":5,\"name\":\"a.txt\"}\n");

    live_through_changes(
        &platform,
        &repository,
        Change {
            file: "app.py",
            good: ("from Flask", "from Flask again"),
            original: "Hello from Flask\n",
            page: "Hello from Flask again\n",
            bad: ("app = Flask(__name__)", "app = Flask(__nam__)"),
            complaint: &["File \"app.py\", line 12, in <module>", "NameError: name '__nam__' is not defined", "Push rejected to books."],
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_app_py_needs_nothing_else() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "python-hello").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("hello", "/").await.text, "hello");
    developer.run("config:set GREETING=Ahoy -a hello").await.ok();
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Ahoy");

    repository.write("app.py", "import os\n\nprint(os.environ['DATABASE_URL'])\napp = None\n");
    repository.commit("Need a database").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("File \"app.py\", line 3, in <module>") && push.stderr.contains("KeyError: 'DATABASE_URL'"), "{}", push.stderr);
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Ahoy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_starlette_app_runs_unchanged() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "python-starlette").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("uvicorn's --host, --port mean nothing here"), "{}", push.stderr);
    push.ok();
    exercise(&platform, &developer, "books", "Starlette").await;
    let visitor = platform.visitor();
    assert_eq!(visitor.get("books", "/stream").await.text, "line 0\nline 1\nline 2\n");
    assert_eq!(visitor.get("books", "/static/note.txt").await.text, "plain file\n");
    eventually("the background task's line", async || developer.run("logs -n 500 -a books").await.ok().contains("app[web.1]: thanked").then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fastapi_app_runs_with_the_documented_pins() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "python-fastapi").await;
    repository.push().await.ok();
    exercise(&platform, &developer, "books", "FastAPI").await;
    let refused = platform.visitor().get("books", "/books/x").await;
    assert_eq!(refused.status, 422, "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_django_project_runs_unchanged() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "python-django").await;
    let fill = "import sqlite3; db = sqlite3.connect('db.sqlite3'); db.executescript(\"create table hello_book (id integer primary key, title varchar(100)); insert into hello_book (title) values ('Middlemarch'), ('Walden');\")";
    let filled = std::process::Command::new("/usr/bin/python3").args(["-c", fill]).current_dir(&repository.path).status();
    assert!(filled.is_ok_and(|status| status.success()), "the project comes with a database");
    repository.commit("Add the database").await;
    let push = repository.push().await;
    for words in ["gunicorn's --config mean nothing here", "The app is gettingstarted.wsgi:application", "1 static file copied", "post-processed"] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
    push.ok();

    let visitor = platform.visitor();
    let page = visitor.get("books", "/").await;
    assert!(page.text.contains("<h1>Hello from Django</h1>"), "{}", page.text);
    let style = page.text.split('"').find(|part| part.starts_with("/static/style.")).expect("the page names its hashed style sheet");
    assert_eq!(visitor.get("books", style).await.text, "h1 { color: rebeccapurple; }\n");
    assert_eq!(visitor.get("books", "/books").await.text, r#"{"books": ["Middlemarch", "Walden"]}"#);
    let form = visitor.request(Method::POST, "books", "/sign").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(form.body("name=Ada").send().await.expect("it answers").text().await.expect("it ends"), "Thank you, Ada!\n");
    assert_eq!(visitor.get("books", "/fail").await.status, 500);
    let log = developer.run("logs -n 500 -a books").await.ok();
    assert!(log.contains("hello/views.py\", line 26, in fail") && log.contains("RuntimeError: failed as asked"), "{log}");

    developer.run("config:set GREETING=Ahoy -a books").await.ok();
    assert!(visitor.get("books", "/").await.text.contains("<h1>Ahoy from Django</h1>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bottle_app_that_is_a_program_is_imported() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "python-bottle").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("app.py is imported, not run as a program"), "{}", push.stderr);
    push.ok();
    assert_eq!(platform.visitor().get("books", "/").await.text, "Hello from Bottle\n");
}
