//! Programs of core modules that start ahead of their requests.
use crate::stage::{Stage, read};
use paas_model::{Launch, Manifest, Target, limits::Limits, output::Output};
use paas_runtime::Refusal;
use std::sync::Arc;

const MEMORY: &str = r#"(module (memory (export "memory") 1) (data (i32.const 64) "Content-Type: text/plain\n\nstart 0, request 0\nstarted\n"))"#;
const STARTS: usize = 64 + "Content-Type: text/plain\n\nstart ".len();
const REQUESTS: usize = STARTS + "0, request ".len();
const HEAD: usize = "Content-Type: text/plain\n\nstart 0, request 0\n".len();

/// A program whose `_start` says so in the log, counts in the memory, and then does this; and that answers with its counts.
fn program(start: &str) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (import "paas:app/http@0.1.0" "open" (func $open (param i32 i32 i32) (result i32)))
            (import "memory" "memory" (memory 1)) (export "memory" (memory 0))
            (func $count (param i32) (i32.store8 (local.get 0) (i32.add (i32.load8_u (local.get 0)) (i32.const 1))))
            (func $print (param $to i32) (param $at i32) (param $bytes i32)
                (i32.store (i32.const 0) (local.get $at))
                (i32.store (i32.const 4) (local.get $bytes))
                (drop (call $write (local.get $to) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func $answer (call $count (i32.const {REQUESTS})) (call $print (i32.const 1) (i32.const 64) (i32.const {HEAD})))
            (func (export "_start") (call $count (i32.const {STARTS})) (call $print (i32.const 2) (i32.const {after}) (i32.const 8)) {start})
            (func (export "_resume") (call $answer)))"#,
        after = 64 + HEAD
    )
}

fn manifest(stage: &Stage, memory: &str, program: &str) -> Manifest {
    let launch = Launch::Wasm { file: "web.wat".into(), libraries: vec!["memory.wat".into()], boots: true };
    stage.manifest(launch, &[("memory.wat", memory.as_bytes()), ("web.wat", program.as_bytes())])
}

fn target(stage: &Stage, start: &str) -> Target {
    stage.target(manifest(stage, MEMORY, &program(start)), Limits::default(), &[])
}

fn starts(stage: &Stage) -> usize {
    stage.log.all().iter().filter(|line| line.contains("started")).count()
}

fn words(refusal: Refusal) -> String {
    match refusal {
        Refusal::App(words) => words,
        Refusal::Fault(fault) => panic!("the platform's fault: {fault}"),
    }
}

#[tokio::test]
async fn a_program_starts_once_and_each_request_has_its_memory() {
    let stage = Stage::new();
    let target = target(&stage, "");
    assert_eq!(stage.runtime.prepare(&target).await.unwrap(), None);
    let app = stage.runtime.app(target.clone());
    for _ in 0..3 {
        assert_eq!(read(&app, "/").await, "start 1, request 1\n");
    }
    let again = Stage::at(stage.dir.clone());
    assert_eq!(read(&again.runtime.app(target.clone()), "/").await, "start 1, request 1\n");
    assert_eq!((starts(&stage), starts(&again)), (1, 0), "a node that starts again finds the memory");

    let other = Target { env: Arc::new(paas_model::ConfigVars([("A".into(), "b".into())].into())), ..target };
    stage.runtime.prepare(&other).await.unwrap();
    assert_eq!(starts(&stage), 2, "with each environment once");
}

#[tokio::test]
async fn what_only_a_request_starts_starts_with_each() {
    for (start, why) in [
        ("(call $answer) (call $exit (i32.const 0))", "without one it ends"),
        ("(drop (call $open (i32.const 0) (i32.const 0) (i32.const 0))) (call $answer)", "it uses the network while it starts"),
    ] {
        let stage = Stage::new();
        let target = target(&stage, start);
        let note = stage.runtime.prepare(&target).await.unwrap().unwrap();
        assert!(note.contains(why), "{note}");
        let app = stage.runtime.app(target.clone());
        for count in 2..4 {
            assert_eq!(read(&app, "/").await, "start 1, request 1\n", "{why}");
            assert_eq!(starts(&stage), count);
        }
        assert_eq!(stage.runtime.prepare(&target).await.unwrap(), None, "this is known the next time");
        assert_eq!(starts(&stage), 3);
    }
}

#[tokio::test]
async fn a_start_that_fails_is_no_release() {
    for (start, why) in [
        ("unreachable", "unreachable"),
        ("(call $exit (i32.const 3))", "started"),
        ("(if (i32.lt_s (memory.grow (i32.const 30000)) (i32.const 0)) (then unreachable))", "memory limit"),
    ] {
        let stage = Stage::new();
        let refused = words(stage.runtime.prepare(&target(&stage, start)).await.unwrap_err());
        assert!(refused.contains(why), "{start}: {refused}");
        assert!(refused.contains("while it started"), "{refused}");
    }
}

#[tokio::test]
async fn a_start_without_end_is_ended() {
    let stage = Stage::new();
    let refused = words(stage.runtime.prepare(&target(&stage, "(loop br 0)")).await.unwrap_err());
    assert!(refused.contains("The app did not finish starting"), "{refused}");
}

#[tokio::test]
async fn only_a_memory_of_its_own_can_be_kept() {
    let stage = Stage::new();
    let whole = program("");
    let global = MEMORY.replace("(memory (export", "(global (export \"count\") (mut i32) (i32.const 0)) (memory (export");
    let bounded = MEMORY.replace("\"memory\") 1)", "\"memory\") 1 9)");
    for (memory, program) in [(MEMORY, whole.replace("_resume", "resume")), (&global, whole.clone()), (&bounded, whole.clone())] {
        let manifest = manifest(&stage, memory, &program);
        let refused = words(stage.runtime.check(paas_model::AppId::generate(), &manifest, &Output::new(|_: &str| {})).await.unwrap_err());
        assert!(refused.contains("Build it again with a current toolchain"), "{refused}");
    }
}
