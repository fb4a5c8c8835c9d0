//! What a large app's compilation takes over from the one before.
use crate::stage::{Stage, read};
use paas_model::{AppId, Launch, Target, limits::Limits, output::Output};
use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    os::unix::fs::MetadataExt,
    path::PathBuf,
    time::{Duration, SystemTime},
};

const FUNCTIONS: usize = 300;

/// A large program in CGI form, with all its functions in a table as a Go program has them, that prints a digit: the last one of what its functions give together, where function `changed` gives `by` more than its number.
fn program(changed: usize, by: usize) -> String {
    let mut text = String::from(
        "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32)))\n\
         (memory (export \"memory\") 1) (data (i32.const 64) \"Content-Type: text/plain\\n\\n\")\n",
    );
    let (mut calls, mut table) = (String::from("i32.const 0\n"), String::new());
    for number in 0..FUNCTIONS {
        let gives = number + if number == changed { by } else { 0 };
        writeln!(text, "(func $f{number} (result i32) (i32.add (i32.load (i32.const 8192)) (i32.const {gives})))").unwrap();
        writeln!(calls, "call $f{number} i32.add").unwrap();
        write!(table, " $f{number}").unwrap();
    }
    writeln!(
        text,
        "(func (export \"_start\") (local $sum i32) {calls} local.set $sum\n\
         (i32.store8 (i32.const 90) (i32.add (i32.const 48) (i32.rem_u (local.get $sum) (i32.const 10))))\n\
         (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 27))\n\
         (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))\n\
         (table {FUNCTIONS} funcref) (elem (i32.const 0) func{table}))"
    )
    .unwrap();
    text + &";; large\n".repeat(300_000)
}

/// A number is given again when its file is gone.
type Which = (u64, SystemTime);

struct Large {
    stage: Stage,
    app: AppId,
}

impl Large {
    /// What the app answers when it is deployed with this program.
    async fn answers(&self, changed: usize, by: usize) -> String {
        let program = program(changed, by);
        let manifest = self.stage.manifest(Launch::wasm("app.wat"), &[("app.wat", program.as_bytes())]);
        self.stage.runtime.check(self.app, &manifest, &Output::new(|_: &str| {})).await.unwrap();
        let target = Target { app: self.app, ..self.stage.target(manifest, Limits::default(), &[]) };
        read(&self.stage.runtime.app(target), "/").await
    }

    fn file(&self) -> PathBuf {
        let engines = fs::read_dir(self.stage.dir.path().join("cache")).unwrap();
        let engine = engines.map(|entry| entry.unwrap().path()).find(|path| path.file_name().unwrap().to_string_lossy().starts_with("engine-"));
        engine.unwrap().join("functions").join(self.app.to_string())
    }

    /// Which file it is, if not `but`: it is never rewritten, only replaced. It comes a little after the answer.
    async fn kept(&self, but: Option<Which>) -> Which {
        for _ in 0..600 {
            let data = fs::metadata(self.file().with_extension("seal")).and_then(|_| fs::metadata(self.file()));
            match data.map(|data| (data.ino(), data.modified().unwrap())) {
                Ok(which) if Some(which) != but => return which,
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        panic!("the functions are not kept");
    }
}

/// Of the sum of all numbers and what the changed one gives more.
fn digit(by: usize) -> String {
    ((FUNCTIONS * (FUNCTIONS - 1) / 2 + by) % 10).to_string()
}

#[tokio::test]
async fn a_change_of_a_line_compiles_what_has_changed() {
    let large = Large { stage: Stage::new(), app: AppId::generate() };
    assert_eq!(large.answers(7, 0).await, digit(0));
    let first = large.kept(None).await;

    // Not one: which functions Cranelift finds again depends on its threads, too (decision 0018).
    let mut files = BTreeSet::from([first]);
    for by in 1..=6 {
        assert_eq!(large.answers(7, by).await, digit(by));
        files.insert(large.kept(None).await);
    }
    assert!(files.len() <= 3, "one function of three hundred is no reason to write all of them again: {files:?}");

    let last = large.kept(None).await;
    fs::write(large.file(), b"damaged").unwrap();
    assert_eq!(large.answers(7, 7).await, digit(7));
    let second = large.kept(Some(last)).await;

    large.stage.runtime.forget(large.app, vec![]).await.unwrap();
    assert!(!large.file().exists());
    assert_eq!(large.answers(7, 8).await, digit(8));
    large.kept(Some(second)).await;
}

#[tokio::test]
async fn no_app_finds_the_functions_of_another() {
    let one = Large { stage: Stage::new(), app: AppId::generate() };
    one.answers(7, 0).await;
    one.kept(None).await;
    let other = Large { app: AppId::generate(), stage: one.stage };
    assert_eq!(other.answers(7, 1).await, digit(1));
    other.kept(None).await; // all were made anew
}
