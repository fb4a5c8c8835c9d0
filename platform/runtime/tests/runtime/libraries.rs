//! Programs of several core modules.
use crate::stage::{Stage, read};
use paas_model::{AppId, Launch, Manifest, Target, limits::Limits, output::Output};
use std::{collections::BTreeSet, fs};

const MEMORY: &str = r#"(module (memory (export "memory") 1) (data (i32.const 64) "Content-Type: text/plain\n\nfrom three modules\n"))"#;

/// Prints as much of the memory's text as the function says that the program has put into the table.
const LIBRARY: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "memory" "memory" (memory 1))
    (type $length (func (result i32)))
    (table (export "table") 8 funcref)
    (global (export "first") (mut i32) (i32.const 0))
    (export "memory" (memory 0))
    (func (export "print")
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (call_indirect (type $length) (global.get 0)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

fn program(bytes: usize) -> String {
    format!(
        r#"(module
            (import "library" "print" (func $print))
            (import "library" "table" (table 4 funcref))
            (import "library" "first" (global $first (mut i32)))
            (func $length (result i32) (i32.const {bytes}))
            (elem (i32.const 3) func $length)
            (func (export "_start") (global.set $first (i32.const 3)) (call $print)))"#
    )
}

const ALL: usize = "Content-Type: text/plain\n\nfrom three modules\n".len();

fn linked(stage: &Stage, files: &[(&str, &str)]) -> Manifest {
    let (last, libraries) = files.split_last().unwrap();
    let libraries = libraries.iter().map(|(name, _)| name.to_string()).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    stage.manifest(Launch::Wasm { file: last.0.into(), libraries, boots: false }, &files)
}

fn of_three(stage: &Stage, program: &str) -> Manifest {
    linked(stage, &[("lib/memory.wat", MEMORY), ("lib/library.wat", LIBRARY), ("web.wat", program)])
}

/// Files of native code in the node's cache.
fn compiled(stage: &Stage) -> BTreeSet<String> {
    let engines = fs::read_dir(stage.dir.path().join("cache")).unwrap().map(|entry| entry.unwrap().path().join("code"));
    let names = engines.filter_map(|folder| fs::read_dir(folder).ok()).flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !name.contains('.')).collect()
}

#[tokio::test]
async fn a_program_and_its_libraries_are_one() {
    let stage = Stage::new();
    let app = AppId::generate();
    let mut before = BTreeSet::new();
    for (bytes, made) in [(ALL, 3), (ALL - 9, 1)] {
        let manifest = of_three(&stage, &program(bytes));
        let able = stage.runtime.check(app, &manifest, &Output::new(|_: &str| {})).await.unwrap();
        assert_eq!(able.words(), ["log"]);
        let app = stage.runtime.app(Target { app, ..stage.target(manifest, Limits::default(), &[]) });
        let answer = read(&app, "/").await;
        assert_eq!(answer, &"from three modules\n"[..bytes + 19 - ALL]);
        let after = compiled(&stage);
        assert_eq!(after.difference(&before).count(), made, "what is as it was is not compiled again");
        before = after;
    }
}

#[tokio::test]
async fn each_request_has_libraries_of_its_own() {
    let stage = Stage::new();
    // Where another request had been before, this would be 6, at which the table has nothing.
    let counts = program(ALL).replace("(i32.const 3)) (call", "(i32.add (global.get $first) (i32.const 3))) (call");
    let app = stage.runtime.app(stage.target(of_three(&stage, &counts), Limits::default(), &[]));
    app.load().await.unwrap();
    for _ in 0..3 {
        assert_eq!(read(&app, "/").await, "from three modules\n");
    }
}

#[tokio::test]
async fn what_a_library_does_not_give_is_refused_by_name() {
    let stage = Stage::new();
    let whole = program(ALL);
    let lacks = "`library::nothing`, which its library library does not export like that";
    let print = "`library::print`, which its library library does not export like that";
    let table = "`library::table`, which its library library does not export like that";
    let first = "`library::first`, which its library library does not export like that";
    for (program, why) in [
        (whole.replace("\"print\"", "\"nothing\""), lacks),
        (whole.replace("(func $print)", "(func $print (param i32))").replace("(call $print)", ""), print),
        (whole.replace("(func $print)", "(memory 1)").replace("(call $print)", ""), print),
        (whole.replace("(table 4 funcref)", "(table 9 funcref)"), table),
        (whole.replace("(table 4 funcref)", "(table 4 8 funcref)"), table),
        (whole.replace("(global $first (mut i32))", "(global $first (mut i64))").replace("(global.set $first (i32.const 3))", ""), first),
        (whole.replace("\"library\" \"print\"", "\"other\" \"print\""), "This app needs `other::print`, which the platform does not offer."),
    ] {
        let told = told(&stage, &of_three(&stage, &program)).await;
        assert!(told.contains(why), "{told} for\n{program}");
    }
    let backwards = linked(&stage, &[("library.wat", LIBRARY), ("memory.wat", MEMORY), ("web.wat", &whole)]);
    assert!(told(&stage, &backwards).await.contains("This app needs `memory::memory`"));
    let component = linked(&stage, &[("library.wat", "(component)"), ("web.wat", &whole)]);
    assert!(told(&stage, &component).await.starts_with("library is a component, and only core modules are linked to others."));
}

async fn told(stage: &Stage, manifest: &Manifest) -> String {
    stage.runtime.check(AppId::generate(), manifest, &Output::new(|_: &str| {})).await.unwrap_err().to_string()
}
