//! The process type `release` runs in each deploy, before anything changes.
use crate::egress::upstream;
use paas_tests::Platform;

/// Prints a line and ends with `status`.
pub fn migration(line: &str, status: u8) -> String {
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

const MIGRATE: &str = r#"const { readFileSync } = require("node:fs");
async function main() {
  const schema = readFileSync("schema.sql", "utf8").trim();
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(`${process.env.GREETING}: ${schema} with ${process.argv.slice(2).join(" ")}`);
  // here
}
if (require.main === module) main();
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_script_of_node_runs_to_its_end_before_the_release_answers() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.write("package.json", r#"{ "type": "commonjs", "main": "index.mjs", "scripts": { "migrate": "node scripts/migrate.js" } }"#);
    repository.write("index.mjs", &repository.read("index.js"));
    repository.git(&["rm", "-qf", "index.js"]).await.ok();
    repository.write("Procfile", "web: node index.mjs\nrelease: npm run migrate -- --all \"two words\"\n");
    repository.write("schema.sql", "create table notes\n");
    repository.write("scripts/migrate.js", MIGRATE);
    repository.commit("Migrate in each release").await;
    developer.run("config:set GREETING=Ahoy -a hello").await.ok();
    let push = repository.push().await;
    let (ran, released) = (push.stderr.find("Ahoy: create table notes with --all two words"), push.stderr.find("Released v3"));
    assert!(ran.is_some() && ran < released, "{}", push.stderr);
    push.ok();
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Ahoy, world!\n");

    for (line, told) in [
        ("process.exit(3);", "Release command failed: exited with status 3"),
        ("process.exitCode = 4;", "Release command failed: exited with status 4"),
        ("throw new Error('column missing');", "Release command failed: "),
        ("await fetch('http://10.0.0.1/');", "Release command failed: "),
    ] {
        repository.write("scripts/migrate.js", &MIGRATE.replace("// here", line));
        repository.commit(line).await;
        let push = repository.push().await;
        assert!(push.code != 0 && push.stderr.contains(told) && push.stderr.contains("Ahoy: create table"), "{line}: {}", push.stderr);
    }
    repository.write("Procfile", "web: node index.mjs\nrelease: npx prisma migrate deploy\n");
    repository.commit("Ask for more").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("release command `npx prisma migrate deploy` is not one that can run here"), "{}", push.stderr);
    assert_eq!(platform.visitor().get("hello", "/").await.text, "Ahoy, world!\n");
    assert!(developer.run("releases -a hello").await.ok().contains("Current: v3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_in_typescript_waits_for_what_it_has_begun() {
    let port = upstream().await;
    let platform = Platform::start_with(&[("PAAS_EGRESS_ALLOW_PRIVATE", "127.0.0.1/32")]).await;
    let developer = platform.developer();
    let repository = developer.start_app("hello", "javascript-hello").await;
    repository.write("package.json", r#"{ "type": "module", "main": "index.js" }"#);
    repository.write("Procfile", "web: node index.js\nrelease: npx tsx release.ts\n");
    repository.write("app.json", &format!("{{ \"egress\": [\"127.0.0.1:{port}\"] }}"));
    let script = "const url: string = 'http://127.0.0.1:PORT/migrate';
async function ask(): Promise<string> {
  return await (await fetch(url)).text();
}
// Nobody waits for this one, and the timer's promise is nobody's either.
let begun = ask().then((text) => console.log(`asked ${text}`));
setTimeout(() => ask().then((text) => console.log(`asked later ${text}`)), 30);
";
    repository.write("release.ts", &script.replace("PORT", &port.to_string()));
    repository.commit("Ask in each release").await;
    let push = repository.push().await;
    for line in ["asked /migrate hops=true", "asked later /migrate hops=true"] {
        assert!(push.stderr.contains(line), "no {line:?} in\n{}", push.stderr);
    }
    push.ok();
}
