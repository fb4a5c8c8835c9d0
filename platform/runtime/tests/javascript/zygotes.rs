//! Who boots an app again and again has it done by forks of a process that has parsed the app's packages.
use crate::app::{App, Node, eventually};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use paas_model::{AppId, Target};
use std::{
    fs,
    path::{Path, PathBuf},
};

const INDEX: &str = "import { greet } from 'greeting';
console.log(`booting with ${process.env.NAME}`);
if (process.env.NAME === 'throw') throw new Error('as asked');
if (process.env.NAME === 'loop') for (;;);
const late = process.env.NAME === 'late' ? await fetch('http://late.test').catch(() => 'late') : undefined;
const [born, seed] = [greet(process.env.NAME), crypto.randomUUID()];
export default () => Response.json({ born, seed, late });
";

/// An app and its releases.
struct Releases<'a> {
    node: &'a Node,
    app: App,
    id: AppId,
}

impl<'a> Releases<'a> {
    /// Of an app whose packages nobody else has.
    fn of(node: &'a Node, marker: &str) -> Self {
        let package = format!("exports.greet = (name) => `{marker} ${{name}}`;");
        Self { node, app: App::build(node, &[("node_modules/greeting/index.js", &package), ("index.mjs", INDEX)]), id: AppId::generate() }
    }

    fn with(&self, name: &str) -> Target {
        Target { app: self.id, ..self.app.release(&[("NAME", name)]) }
    }

    /// What a new release answers.
    async fn booted(&self, name: &str) -> serde_json::Value {
        let release = self.with(name);
        self.node.runtime.prepare(&release).await.unwrap();
        self.node.get(&release, "/").await.json()
    }
}

/// The zygote whose packages have this text, once it is there.
async fn zygote(marker: &str) -> Pid {
    let find = || fs::read_dir("/proc").unwrap().find_map(|entry| parsed(&entry.unwrap().path(), marker));
    eventually(|| find().ok_or_else(|| format!("no zygote has {marker:?}"))).await
}

fn parsed(process: &Path, marker: &str) -> Option<Pid> {
    let command = fs::read_to_string(process.join("cmdline")).ok()?;
    let job = PathBuf::from(command.strip_suffix('\0')?.split_once("\0zygote\0")?.1);
    let ground = fs::read_to_string(job.with_extension("d").join("sources/ground.js")).ok()?;
    let pid = process.file_name()?.to_str()?.parse().ok()?;
    ground.contains(marker).then(|| Pid::from_raw(pid))
}

/// Whether boots were done by it: children that have ended leave it their page faults.
fn has_booted(zygote: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{zygote}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[8] != "0"
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_that_a_zygote_boots_are_as_others() {
    let node = Node::alone();
    let releases = Releases::of(&node, "hello from a zygote to");
    for name in ["one", "two"] {
        assert_eq!(releases.booted(name).await["born"], format!("hello from a zygote to {name}"));
    }
    let zygote = zygote("hello from a zygote to").await;
    let [three, four] = [releases.booted("three").await, releases.booted("four").await];
    assert!(has_booted(zygote), "it was not used");
    assert_eq!(three["born"], "hello from a zygote to three");
    assert_eq!(four["born"], "hello from a zygote to four");
    assert_ne!(three["seed"], four["seed"], "what a boot draws at random is its own");
    assert!(node.logs(&releases.with("four"), "booting with four").await.contains("four"));

    let refused = node.runtime.prepare(&releases.with("throw")).await.unwrap_err().to_string();
    assert!(refused.contains("Error: as asked") && refused.contains("index.mjs:3"), "{refused}");
    let note = node.runtime.prepare(&releases.with("late")).await.unwrap();
    assert!(note.is_some_and(|note| note.contains("starts with each request")), "the push hears that the app boots late");
    let refused = node.runtime.prepare(&releases.with("loop")).await.unwrap_err().to_string();
    assert!(refused.contains("did not finish starting"), "{refused}");
    assert_eq!(releases.booted("five").await["born"], "hello from a zygote to five");
    node.runtime.forget(releases.id, vec![]).await.unwrap();
    gone(zygote).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zygote_that_has_died_is_done_without() {
    let node = Node::alone();
    let releases = Releases::of(&node, "hello in spite of it to");
    for name in ["one", "two"] {
        releases.booted(name).await;
    }
    let first = zygote("hello in spite of it to").await;
    kill(first, Signal::SIGKILL).unwrap();
    assert_eq!(releases.booted("three").await["born"], "hello in spite of it to three");
    // There is another for the next.
    gone(first).await;
    let second = zygote("hello in spite of it to").await;
    assert_eq!(releases.booted("four").await["born"], "hello in spite of it to four");
    assert!(has_booted(second), "it was not used");
}

/// Waits for its end.
async fn gone(zygote: Pid) {
    let runs = || fs::read_to_string(format!("/proc/{zygote}/status")).is_ok_and(|status| !status.contains("State:\tZ"));
    eventually(|| if runs() { Err(format!("{zygote} is still there")) } else { Ok(()) }).await;
}
