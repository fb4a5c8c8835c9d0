//! What a push takes, from `git push` to its return, for an app of each language: the first of an app, and those after a change of one line.
//!
//! The node has the toolchains: what fetching them took is told once, if this run did it. Every edit is one that no run has made before, so no cache knows what comes of it.
use crate::{Options, push_report, subject::median};
use paas_tests::{Developer, Platform, Ran, Repository, Visitor, platform::project};
use std::{
    process::Command,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

const AGAIN: usize = 5;
const QUICK_AGAIN: usize = 1;

/// An app of tests/apps that says `Hello`, once, in this file.
pub struct Sample {
    pub language: &'static str,
    pub name: &'static str,
    file: &'static str,
    /// Whether the config var `GREETING` speaks instead.
    greets: bool,
    pub goal: Option<f64>,
    pub config_goal: Option<f64>,
}

const fn sample(language: &'static str, name: &'static str, file: &'static str, goal: Option<f64>) -> Sample {
    Sample { language, name, file, greets: true, goal, config_goal: None }
}

const SAMPLES: [Sample; 14] = [
    Sample { greets: false, ..sample("static", "static-rules", "index.html", Some(0.5)) },
    Sample { greets: false, ..sample("static, by Vite", "vite-site", "index.html", None) },
    sample("C", "c-cgi", "main.c", Some(1.0)),
    sample("C++, by CMake", "cpp-cmake", "main.cpp", None),
    Sample { config_goal: Some(0.3), ..sample("JavaScript, node:http", "node-http", "server.js", Some(1.0)) },
    Sample { config_goal: Some(0.3), ..sample("JavaScript, Express", "express-ejs", "index.js", Some(1.0)) },
    Sample { config_goal: Some(0.3), ..sample("TypeScript, Hono", "hono-middleware", "src/index.tsx", Some(1.0)) },
    sample("Go, net/http", "go-http", "main.go", Some(2.0)),
    sample("Go, Gin", "go-gin", "main.go", Some(2.0)),
    sample("Go, CGI", "go-cgi", "main.go", Some(2.0)),
    sample("Python, Flask", "python-flask", "app.py", Some(3.0)),
    sample("Python, FastAPI", "python-fastapi", "main.py", Some(3.0)),
    sample("Rust, wstd", "rust-wstd", "src/main.rs", Some(6.0)),
    sample("Rust, axum", "rust-axum", "src/main.rs", Some(6.0)),
];

/// One push: seconds in all, and of its phases as the push tells them.
#[derive(Clone, Debug)]
pub struct Push {
    pub seconds: f64,
    pub phases: Vec<(String, f64)>,
}

/// What was seen of one sample.
pub struct Told {
    pub sample: &'static Sample,
    /// The push that fetched the toolchain, if this run did.
    pub toolchain: Option<Push>,
    pub first: Push,
    pub again: Vec<Push>,
    /// Seconds from the command's start to the answer of the new release.
    pub config: Vec<f64>,
    pub rollback: Vec<f64>,
}

pub async fn run(options: &Options) -> String {
    let platform = Platform::start().await;
    let (mut all, mut missing) = (Vec::new(), Vec::new());
    for sample in SAMPLES.iter().filter(|sample| options.only.as_ref().is_none_or(|word| sample.language.contains(word.as_str()))) {
        match measure(&platform, sample, if options.quick { QUICK_AGAIN } else { AGAIN }).await {
            Ok(told) => all.push(told),
            Err(why) => missing.push(format!("{}: {why}", sample.language)),
        }
    }
    push_report::text(&all, &missing)
}

async fn measure(platform: &Platform, sample: &'static Sample, again: usize) -> Result<Told, String> {
    let developer = platform.developer();
    let toolchain = prepare(&developer, sample).await?;
    let repository = start(&developer, sample, sample.name).await?;
    let run = Run { visitor: platform.visitor(), developer: &developer, repository: &repository, sample, mark: mark() };

    let first = run.push(0).await?;
    let mut told = Told { sample, toolchain, first, again: vec![], config: vec![], rollback: vec![] };
    for number in 1..=again {
        told.again.push(run.push(number).await?);
    }
    for number in 1..=again {
        if sample.greets {
            let greeting = format!("Ahoy-{}-{number}", run.mark);
            told.config.push(run.command(&format!("config:set GREETING={greeting}"), &greeting).await?);
        }
        told.rollback.push(run.command("rollback v2", &run.words(0)).await?);
    }
    eprintln!("{:24} first {:6.2} s, again {:5.2} s", sample.language, told.first.seconds, median(told.again.iter().map(|push| push.seconds)));
    Ok(told)
}

/// Another app of the language, so that the node has the toolchain.
async fn prepare(developer: &Developer, sample: &Sample) -> Result<Option<Push>, String> {
    let (push, said) = push(&start(developer, sample, &format!("{}-before", sample.name)).await?).await?;
    Ok(said.contains("(once on this node)").then_some(push))
}

async fn start<'a>(developer: &'a Developer, sample: &Sample, app: &str) -> Result<Repository<'a>, String> {
    let repository = developer.start_app(app, sample.name).await;
    if repository.path.join("vendor/modules.txt").exists() {
        vendor(developer, &repository).await?;
    }
    Ok(repository)
}

/// What a developer does with `go mod vendor`.
async fn vendor(developer: &Developer, repository: &Repository<'_>) -> Result<(), String> {
    let sources = crate::tools().join("go-sources");
    let mut command: Command = developer.command(project().join("tests/apps/vendor-go.sh"));
    command.arg(&repository.path).arg(sources);
    succeeded(Ran::of(command).await)?;
    repository.commit("Vendor the modules").await;
    Ok(())
}

/// One sample under measurement.
struct Run<'a> {
    visitor: Visitor,
    developer: &'a Developer,
    repository: &'a Repository<'a>,
    sample: &'static Sample,
    /// Of this run alone.
    mark: String,
}

impl Run<'_> {
    /// What the app says after push `number`: longer each time, so that nothing lies where it lay before.
    fn words(&self, number: usize) -> String {
        format!("Hello {}{}", self.mark, " again".repeat(number))
    }

    async fn push(&self, number: usize) -> Result<Push, String> {
        let source = self.repository.read(self.sample.file);
        let old = if number == 0 { "Hello".into() } else { self.words(number - 1) };
        assert_eq!(source.matches(&old).count(), 1, "{old:?} stands once in {} of {}", self.sample.file, self.sample.name);
        self.repository.write(self.sample.file, &source.replace(&old, &self.words(number)));
        self.repository.commit("Change one line").await;
        let (push, _) = push(self.repository).await?;
        self.answers(&self.words(number)).await?;
        Ok(push)
    }

    /// Seconds until the app says `words`, after a command that returns when the new release answers.
    async fn command(&self, command: &str, words: &str) -> Result<f64, String> {
        let began = Instant::now();
        succeeded(self.developer.run(&format!("{command} -a {}", self.repository.app)).await)?;
        self.answers(words).await?;
        Ok(began.elapsed().as_secs_f64())
    }

    async fn answers(&self, words: &str) -> Result<(), String> {
        let reply = self.visitor.get(&self.repository.app, "/").await;
        reply.text.contains(words).then_some(()).ok_or_else(|| format!("{} instead of {words:?}: {}", reply.status, reply.text))
    }
}

async fn push(repository: &Repository<'_>) -> Result<(Push, String), String> {
    let began = Instant::now();
    let ran = repository.push().await;
    let seconds = began.elapsed().as_secs_f64();
    let said = succeeded(ran)?;
    Ok((Push { seconds, phases: phases(&said) }, said))
}

fn succeeded(ran: Ran) -> Result<String, String> {
    if ran.code == 0 { Ok(ran.text()) } else { Err(ran.text()) }
}

/// `Times: checkout 0.01s, build 0.32s`
fn phases(said: &str) -> Vec<(String, f64)> {
    let times = said.lines().find_map(|line| line.split_once("Times: ")).map_or("", |(_, times)| times);
    times
        .split(", ")
        .filter_map(|phase| {
            let (name, took) = phase.trim().split_once(' ')?;
            Some((name.to_string(), took.strip_suffix('s')?.parse().ok()?))
        })
        .collect()
}

fn mark() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string()
}
