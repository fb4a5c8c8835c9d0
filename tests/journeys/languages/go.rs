//! Go: servers as they are written for any machine, and CGI programs.
use super::{Change, exercise, live_through_changes};
use paas_tests::{Developer, Platform, Ran, Repository, platform::project};

#[tokio::test(flavor = "multi_thread")]
async fn a_go_server_runs_unchanged() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "go-http").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("-----> Go app detected"), "{}", push.stderr);
    push.ok();

    exercise(&platform, &developer, "books", "Go").await;
    let log = developer.run("logs -n 500 -a books").await.ok();
    assert!(log.contains("main.go:37"), "the trace of a panic names the line: {log}");
    live_through_changes(
        &platform,
        &repository,
        Change {
            file: "main.go",
            good: ("from Go", "from Go again"),
            original: "Hello from Go\n",
            page: "Hello from Go again\n",
            bad: ("books[id-1])", "bookz[id-1])"),
            complaint: &["./main.go:60:27: undefined: bookz", "The app does not compile.", "Push rejected to books."],
        },
    )
    .await;
}

/// As Heroku's first Go app: Gin with templates and static files, its modules vendored.
#[tokio::test(flavor = "multi_thread")]
async fn a_gin_app_runs_unchanged_with_its_templates_and_static_files() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = vendored(&developer, "gin", "go-gin").await;
    repository.push().await.ok();
    exercise(&platform, &developer, "gin", "Gin").await;
    let style = platform.visitor().get("gin", "/static/main.css").await;
    assert_eq!(style.text, "body { font-family: sans-serif }\n");
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chi_app_runs_unchanged_with_its_middleware() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = vendored(&developer, "chi", "go-chi").await;
    repository.push().await.ok();
    exercise(&platform, &developer, "chi", "chi").await;
}

/// A sample with the modules in its `vendor` folder, as `go mod vendor` would leave them.
async fn vendored<'a>(developer: &'a Developer, app: &str, sample: &str) -> Repository<'a> {
    let repository = developer.start_app(app, sample).await;
    let mut command = developer.command(project().join("tests/apps/vendor-go.sh"));
    let sources = tempfile::tempdir().expect("a temporary folder");
    command.arg(&repository.path).arg(sources.path());
    Ran::of(command).await.ok();
    repository.commit("Vendor the modules").await;
    repository
}

const CGI: &str =
    "package main\n\nimport (\n\t\"fmt\"\n\n\t_ \"example.org/else\"\n)\n\nfunc main() { fmt.Print(\"Content-Type: text/plain\\n\\nby hand\\n\") }\n";

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_cannot_be_had_are_to_be_vendored() {
    // No proxy answers there, as on a machine without the network.
    let platform = Platform::start_with(&[("GOPROXY", "off")]).await;
    let developer = platform.developer();
    let repository = developer.repository("hand").await;
    repository.write("cmd/web/main.go", CGI);
    repository.write("go.mod", "module example.org/hand\n\ngo 1.22\n\nrequire example.org/else v1.0.0\n");
    let sum = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    repository.write("go.sum", &format!("example.org/else v1.0.0 {sum}\nexample.org/else v1.0.0/go.mod {sum}\n"));
    repository.commit("Need a module").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for words in ["module lookup disabled", "run `go mod vendor`, commit the folder vendor, and push again."] {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }

    repository.write("vendor/modules.txt", "# example.org/else v1.0.0\n## explicit; go 1.22\nexample.org/else\n");
    repository.write("vendor/example.org/else/else.go", "package other\n");
    repository.write("cmd/tool/main.go", "package main\n\nfunc main() {}\n");
    repository.commit("Vendor it").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    assert!(push.stderr.contains("This module has several programs, and nothing says which of them answers HTTP:"), "{}", push.stderr);

    repository.write("Procfile", "web: bin/web\n");
    repository.commit("Say which").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("hand", "/").await.text, "by hand\n");
}
