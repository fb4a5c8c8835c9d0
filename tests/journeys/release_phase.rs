//! The process type `release` runs in each deploy, before anything changes.
use paas_tests::Platform;

/// Prints a line and ends with `status`.
fn migration(line: &str, status: u8) -> String {
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "{line}\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const {length}))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const {status}))))
"#,
        length = line.len() + 1
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_release_command_runs_before_traffic_moves_and_its_failure_rejects_the_push() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("shop", "wasm-hello").await;
    repository.write("Procfile", "web: hello.wat\nrelease: migrate.wat\n");
    repository.write("migrate.wat", &migration("12 tables migrated", 0));
    repository.commit("Migrate in each release").await;
    let push = repository.push().await;
    let (ran, released) = (push.stderr.find("12 tables migrated"), push.stderr.find("Released v2"));
    assert!(ran.is_some() && ran < released, "{}", push.stderr);
    push.ok();
    let page = platform.visitor().get("shop", "/").await.text;

    repository.write("migrate.wat", &migration("column missing", 3));
    repository.write("hello.wat", &repository.read("hello.wat").replace("Hello from", "Bye  from"));
    repository.commit("Break the migration").await;
    let push = repository.push().await;
    assert_ne!(push.code, 0);
    for text in ["column missing", "Release command failed: exited with status 3", "Nothing was released", "Push rejected to shop."] {
        assert!(push.stderr.contains(text), "no {text:?} in\n{}", push.stderr);
    }
    assert_eq!(platform.visitor().get("shop", "/").await.text, page, "the old release goes on answering");
    assert!(developer.run("releases -a shop").await.ok().contains("Current: v2"));
    let logs = developer.run("logs -a shop -n 100").await.ok();
    assert!(logs.contains("app[release.1]: column missing"), "{logs}");
}
