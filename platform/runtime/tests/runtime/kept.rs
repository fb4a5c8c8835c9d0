//! What a node keeps: compiled code in its cache.
use crate::stage::{Stage, get, read, request};
use paas_model::{Code, Target, limits::Limits};
use paas_runtime::App;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

fn code(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.parent().unwrap().ends_with("code") && path.extension().is_none() {
                found.push(path);
            }
        }
    }
    found
}

fn changed(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

#[tokio::test]
async fn compiled_code_outlives_a_restart() {
    let stage = Stage::new();
    read(&stage.app("hello").await, "/").await;
    let [code] = &code(stage.dir.path())[..] else { panic!("one file of code") };
    let before = changed(code);
    let stage = Stage::at(stage.dir.clone());
    assert_eq!(read(&stage.app("hello").await, "/").await, "Hello from wasm!\n");
    assert_eq!(changed(code), before);
}

#[tokio::test]
async fn damaged_and_foreign_code_is_compiled_again_and_never_run() {
    let stage = Stage::new();
    read(&stage.app("hello").await, "/").await;
    let [code] = &code(stage.dir.path())[..] else { panic!("one file of code") };
    let good = fs::read(code).unwrap();
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    for content in [damaged, b"not code at all".to_vec(), Vec::new()] {
        fs::write(code, content).unwrap();
        let stage = Stage::at(stage.dir.clone());
        assert_eq!(read(&stage.app("hello").await, "/").await, "Hello from wasm!\n");
        assert_eq!(fs::read(code).unwrap(), good);
    }
}

#[tokio::test]
async fn many_who_ask_at_once_wait_for_one_compilation() {
    let stage = Stage::new();
    let target = stage.target(stage.guest_manifest("hello"), Limits::default(), &[]);
    let prepared = futures::future::join_all((0..8).map(|_| stage.runtime.prepare(&target))).await;
    assert!(prepared.iter().all(Result::is_ok));
    assert_eq!(code(stage.dir.path()).len(), 1);
}

fn target(stage: &Stage) -> Target {
    stage.target(stage.guest_manifest("hello"), Limits::default(), &[])
}

/// Asks until the app answers.
async fn answered(app: &App) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while get(app, "/").await.is_err() {
        assert!(Instant::now() < deadline, "the code is never there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_request_does_not_wait_for_a_compiler_and_a_later_one_is_answered() {
    let stage = Stage::new();
    let app = stage.runtime.app(target(&stage));
    let failure = get(&app, "/").await.unwrap_err();
    assert_eq!(failure.code, Code::H20, "{failure}");
    answered(&app).await;
}

#[tokio::test]
async fn after_an_upgrade_all_code_is_made_again_before_anybody_asks() {
    let stage = Stage::new();
    let targets = vec![target(&stage), stage.target(stage.guest_manifest("proxy"), Limits::default(), &[])];
    stage.runtime.prepare_all(targets.clone()).await;
    assert_eq!(code(stage.dir.path()).len(), 2);
    for target in targets {
        get(&stage.runtime.app(target), "/hello").await.unwrap();
    }
}

#[tokio::test]
async fn an_app_that_others_pushed_out_of_memory_answers_again() {
    let stage = Stage::new();
    stage.runtime.limit_memory(1);
    let apps = [stage.app("hello").await, stage.app("proxy").await];
    // There is room for one only: the one that answered last.
    for (app, cold) in [(0, true), (0, false), (1, true), (0, true)] {
        let answer = apps[app].handle(request("/hello")).await;
        assert!(answer.result.is_ok());
        assert_eq!(answer.cold, cold, "app {app}");
    }
}
