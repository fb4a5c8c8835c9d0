//! What a node keeps: compiled code in its cache.
use crate::stage::{Stage, read};
use paas_model::limits::Limits;
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
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
