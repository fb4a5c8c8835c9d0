//! Go: servers as they are written for any machine, and CGI programs.
use super::{Change, exercise, live_through_changes};
use paas_tests::Platform;

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

#[tokio::test(flavor = "multi_thread")]
async fn modules_that_cannot_be_had_are_to_be_vendored() {
    // No proxy answers there, as on a machine without the network.
    let platform = Platform::start_with(&[("GOPROXY", "off")]).await;
    let developer = platform.developer();
    let repository = developer.start_app("books", "go-http").await;
    let main = std::fs::read_to_string(repository.path.join("main.go")).expect("the sample has this file");
    repository.write("main.go", &main.replace("import (", "import (\n\t_ \"example.org/else\""));
    repository.write("go.mod", "module example.org/books\n\ngo 1.22\n\nrequire example.org/else v1.0.0\n");
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
    repository.commit("Vendor it").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("books", "/").await.text, "Hello from Go\n");
}
