//! Python: WSGI and ASGI apps with the Procfiles that they have elsewhere.
use super::{
    books::books,
    life::{Life, edit},
    live, live_on_one_platform,
    route::{get, post, post_form, post_json},
};
use paas_tests::Platform;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn wsgi_apps_live_a_full_life() {
    live_on_one_platform(vec![lone(), flask(), bottle()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asgi_apps_live_a_full_life() {
    live_on_one_platform(vec![starlette(), fastapi()]).await;
}

/// An app.py and nothing else.
fn lone() -> Life {
    let line = edit("app.py", "[GREETING.encode()]", "[GREETING.encode(), b\" again\"]");
    let breaking = edit("app.py", "os.environ.get(\"GREETING\", \"hello\")", "os.environ[\"DATABASE_URL\"]");
    let life = Life::of("python-hello", "Python", vec![get("/any/path").text("hello")], line, breaking);
    let (log, config) = (vec!["GET /any/path"], Some(("GREETING", "hello", "Ahoy")));
    Life { log, config, shows: ("hello".into(), "hello again".into()), ..life }
}

fn flask() -> Life {
    let line = edit("app.py", "from Flask\\n", "from Flask again\\n");
    let mut life = books("python-flask", "Flask", line, edit("app.py", "app = Flask(__name__)", "app = Flask(__nam__)"));
    life.push = vec!["-----> Python app detected", "gunicorn's --log-file mean nothing here", "The app is app:app"];
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
    life.routes.push(post("/upload", "multipart/form-data; boundary=x", file).json(json!({ "bytes": 5, "name": "a.txt" })));
    life.routes.push(get("/stream").text("line 0\nline 1\nline 2\n"));
    life.log.push("app.py\", line 73, in fail");
    life
}

fn bottle() -> Life {
    let line = edit("app.py", "}} from Bottle\\n", "}} from Bottle again\\n");
    let life = books("python-bottle", "Bottle", line, edit("app.py", "app = Bottle()", "app = Botle()"));
    Life { push: vec!["app.py is imported, not run as a program"], ..life }
}

fn starlette() -> Life {
    let line = edit("main.py", "from Starlette\\n", "from Starlette again\\n");
    let mut life =
        books("python-starlette", "Starlette", line, edit("main.py", "Mount(\"/static\", StaticFiles(directory=\"static\"))", "Mount(\"static\")"));
    life.push = vec!["uvicorn's --host, --port mean nothing here"];
    life.routes.push(get("/stream").text("line 0\nline 1\nline 2\n"));
    life.routes.push(get("/static/note.txt").text("plain file\n"));
    life.log.push("thanked"); // a background task
    life
}

/// With the documented pins.
fn fastapi() -> Life {
    let line = edit("main.py", "from FastAPI\\n", "from FastAPI again\\n");
    let mut life = books(
        "python-fastapi",
        "FastAPI",
        line,
        edit("main.py", "def book(number: int, request: Request):", "def book(number: int, request: Books):"),
    );
    life.routes.push(get("/books/x").status(422));
    life.routes.push(post_json("/books", "{}").status(422));
    life
}

#[tokio::test(flavor = "multi_thread")]
async fn a_django_project_with_whitenoise_lives_a_full_life() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("python-django", "python-django").await;
    let fill = "import sqlite3; db = sqlite3.connect('db.sqlite3'); db.executescript(\"create table hello_book (id integer primary key, title varchar(100)); insert into hello_book (title) values ('Middlemarch'), ('Walden');\")";
    let filled = std::process::Command::new("/usr/bin/python3").args(["-c", fill]).current_dir(&repository.path).status();
    assert!(filled.is_ok_and(|status| status.success()), "the project comes with a database");
    repository.commit("Add the database").await;
    live(&platform, &repository, &django()).await;

    let page = platform.visitor().get("python-django", "/").await.text;
    let style = page.split('"').find(|part| part.starts_with("/static/style.")).expect("the page names its hashed style sheet");
    assert_eq!(platform.visitor().get("python-django", style).await.text, "h1 { color: rebeccapurple; }\n");
}

fn django() -> Life {
    let routes = vec![
        get("/").contains("<h1>Hello from Django</h1>"),
        get("/books").json(json!({ "books": ["Middlemarch", "Walden"] })),
        post_form("/sign", "name=Ada").text("Thank you, Ada!\n"),
        get("/old").redirects("/books"),
        get("/visits").header("set-cookie", "visits=1").text("1\n"),
        get("/visits").with_cookie("visits=1").text("2\n"),
        get("/fail").fails(),
        get("/nothing").status(404),
    ];
    let line = edit("hello/templates/index.html", "from Django", "from Django again");
    let breaking = edit("gettingstarted/settings.py", "middleware.WhiteNoiseMiddleware", "middleware.WhiteNoisyMiddleware");
    let life = Life::of("python-django", "Django", routes, line, breaking);
    let push = vec!["gunicorn's --config mean nothing here", "The app is gettingstarted.wsgi:application", "1 static file copied", "post-processed"];
    let log = vec!["hello/views.py\", line 37, in fail", "RuntimeError: failed as asked"];
    Life { push, log, ..life }
}
