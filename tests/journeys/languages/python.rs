//! Python: WSGI and ASGI apps with the Procfiles that they have elsewhere.
use super::{Change, exercise, live_through_changes};
use paas_tests::Platform;
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
