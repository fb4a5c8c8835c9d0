//! The engine's file in slugs.
use crate::app::{BUILDPACK, engine_file};
use std::{fs, path::Path, process::Command};

/// What the buildpack's script says an engine is made of.
fn made_of(buildpack: &Path) -> Vec<u8> {
    let script = "import sys, pathlib, rested; sys.stdout.buffer.write(rested.made_of(pathlib.Path(sys.argv[1])))";
    let mut python = Command::new("python3");
    let ran = python.env("PYTHONPATH", Path::new(BUILDPACK).join("lib")).args(["-B", "-c", script]).arg(buildpack).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    ran.stdout
}

#[test]
fn an_engine_that_is_started_otherwise_has_another_name() {
    let name = made_of(Path::new(BUILDPACK));
    assert!(fs::read(engine_file()).unwrap().ends_with(&name));

    let other = tempfile::tempdir().unwrap();
    for folder in ["engine", "toolchain"] {
        let copied = Command::new("cp").arg("-r").arg(Path::new(BUILDPACK).join(folder)).arg(other.path()).status().unwrap();
        assert!(copied.success());
    }
    assert_eq!(made_of(other.path()), name);
    let shim = other.path().join("engine/shim/_paas/wsgi.py");
    fs::write(&shim, [fs::read(&shim).unwrap(), b"# one more line\n".to_vec()].concat()).unwrap();
    assert_ne!(made_of(other.path()), name);
}
