//! One platform, a healthy neighbour under steady load, and what rows need to attack beside it.
use crate::{
    crowd,
    elsewhere::{self, Elsewhere},
    neighbour::{Neighbour, percentile},
};
use paas_tests::{Developer, Platform, Ran, Reply, Visitor, eventually, platform::project};
use std::{collections::HashSet, fs, time::Duration};

/// What the process may hold after an attack, above what it held before all of them: pool slots, caches and the allocator's reserve.
const MEMORY_MARGIN: u64 = 96 << 20;
/// Answers that a window waits for: the 99th of 100 is its p99.
const ANSWERS: usize = 100;
/// An attack comes in waves: what a neighbour sees of one ends before the next.
const BETWEEN_WAVES: usize = 4;
const WINDOWS: usize = 3;
const ATTEMPTS: usize = 24;
/// A neighbour may always take this long.
const TOLERABLE: Duration = Duration::from_millis(10);

pub struct Arena {
    pub platform: Platform,
    pub developer: Developer,
    pub neighbour: Neighbour,
    pub elsewhere: Elsewhere,
    pushed: HashSet<String>,
    quiet_memory: u64,
}

impl Arena {
    pub async fn open() -> Self {
        let per_address = crowd::PER_ADDRESS.to_string();
        let settings = [("PAAS_EGRESS_ALLOW_PRIVATE", elsewhere::OPEN_NET), ("PAAS_MAX_CONNECTIONS_PER_ADDRESS", &per_address)];
        let platform = Platform::start_with(&settings).await;
        let developer = platform.developer();
        developer.start_app("neighbour", "wasm-hello").await.push().await.ok();
        let neighbour = Neighbour::settle(platform.port);
        let elsewhere = Elsewhere::open(platform.port).await;
        let mut arena = Self { platform, developer, neighbour, elsewhere, pushed: HashSet::new(), quiet_memory: 0 };
        arena.app("guest", "guest.wat").await;
        arena.crowd("guest", "/h", 100).await;
        arena.quiet_memory = arena.memory();
        arena
    }

    /// The app `name`, pushed by the first row that asks for it, from a file of tests/apps/hostile.
    pub async fn app(&mut self, name: &str, file: &str) {
        if self.pushed.insert(name.into()) {
            let bytes = fs::read(project().join("tests/apps/hostile").join(file)).expect("a hostile app has a file");
            self.push(name, if file.ends_with(".js") { "index.js" } else { "app.wat" }, &bytes).await.ok();
        }
    }

    /// As [`Arena::app`], with limits such as `cpu=1s`.
    pub async fn limited_app(&mut self, name: &str, file: &str, limits: &str) {
        if !self.pushed.contains(name) {
            self.app(name, file).await;
            self.developer.run(&format!("limits:set {limits} -a {name}")).await.ok();
        }
    }

    /// An app that calls whom its visitor names: its rules allow all hosts at the ports of elsewhere and of paasd.
    pub async fn caller(&mut self, name: &str) {
        if !self.pushed.contains(name) {
            self.app(name, "caller.js").await;
            let rules = format!("*:{} *:{}", self.elsewhere.port, self.platform.port);
            self.developer.run(&format!("egress:allow {rules} -a {name}")).await.ok();
        }
        assert_eq!(self.call(name, &self.elsewhere.url("/")).await.text, "200, 5 bytes", "elsewhere is reached");
        self.elsewhere.asked();
        // An engine that was loaded for the app stays, and is nothing that an attack took.
        self.rest().await;
    }

    /// What a caller says of `url`.
    pub async fn call(&self, app: &str, url: &str) -> Reply {
        self.get(app, &format!("/?url={}", url.replace('%', "%25"))).await
    }

    /// Pushes a new app of one file.
    pub async fn push(&self, name: &str, file: &str, bytes: &[u8]) -> Ran {
        let repository = self.developer.repository(name).await;
        fs::write(repository.path.join(file), bytes).expect("the repository can be written");
        repository.commit("First").await;
        repository.push().await
    }

    /// Pushes once more what an earlier push brought, and was refused.
    pub async fn push_again(&self, name: &str) -> Ran {
        let mut git = self.developer.command("git");
        git.args(["push", "paas", "main"]).current_dir(self.developer.home().join(name));
        Ran::of(git).await
    }

    pub fn visitor(&self) -> Visitor {
        self.platform.visitor()
    }

    pub async fn get(&self, app: &str, path: &str) -> Reply {
        self.visitor().get(app, path).await
    }

    /// As many requests at once.
    pub async fn crowd(&self, app: &str, path: &str, count: usize) -> Vec<Reply> {
        let visitor = self.visitor();
        futures::future::join_all((0..count).map(|_| visitor.get(app, path))).await
    }

    /// What `paas logs` shows of an app.
    pub async fn log(&self, app: &str) -> String {
        self.developer.run(&format!("logs -a {app} -n 1500")).await.ok()
    }

    /// Waits until the app's log says `text`.
    pub async fn logged(&self, app: &str, text: &str) {
        eventually(&format!("the log of {app} says: {text}"), async || self.log(app).await.contains(text).then_some(())).await;
    }

    /// Waits until paasd itself says `text`.
    pub async fn logged_by_paasd(&self, text: &str) {
        eventually(&format!("paasd says: {text}"), async || self.platform.log().contains(text).then_some(())).await;
    }

    /// After a start, what it holds in quiet is measured anew.
    pub async fn rest(&mut self) {
        self.crowd("guest", "/h", 100).await;
        self.quiet_memory = self.quiet_memory.max(self.memory());
    }

    /// Runs the attack again and again beside the neighbour, who must not notice; then everything must be as it was.
    pub async fn beside(&self, mut attack: impl AsyncFnMut(&Self)) {
        let mut figures = String::new();
        for _ in 0..ATTEMPTS {
            let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
            for _ in 0..WINDOWS {
                quiet.push(self.window(async || self.neighbour.answers(ANSWERS).await).await);
                attacked.push(self.window(async || attack(self).await).await);
            }
            let (quiet, attacked) = (percentile(&mut quiet, 50), percentile(&mut attacked, 50));
            figures += &format!("p99 of the neighbour: {quiet:.1?} in quiet, {attacked:.1?} beside the attack\n");
            if attacked <= (2 * quiet).max(TOLERABLE) {
                print!("{figures}");
                return self.all_is_well().await;
            }
        }
        panic!("the neighbour notices:\n{figures}");
    }

    /// The neighbour's p99 while `happens` happens, as often as it takes to measure.
    async fn window(&self, mut happens: impl AsyncFnMut()) -> Duration {
        let window = self.neighbour.window();
        while window.len() < ANSWERS {
            happens().await;
            self.neighbour.answers(BETWEEN_WAVES).await;
        }
        percentile(&mut window.times(), 99)
    }

    /// The process lives, and has given back what the attack made it take.
    pub async fn all_is_well(&self) {
        let most = self.quiet_memory + MEMORY_MARGIN;
        let mut last = 0;
        eventually("memory returns", async || {
            last = self.memory();
            (last <= most).then_some(())
        })
        .await;
        println!("memory: {} MB, {} MB before all attacks", last >> 20, self.quiet_memory >> 20);
        assert!(!self.platform.log().contains("panicked at"), "paasd panicked:\n{}", self.platform.log());
    }

    /// Resident bytes of paasd.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that paasd held while `happens` happened, above what it held at the beginning.
    pub async fn growth(&self, happens: impl Future<Output = ()>) -> u64 {
        let before = self.memory();
        fs::write(format!("/proc/{}/clear_refs", self.pid()), "5").expect("the peak of our own child can be reset");
        happens.await;
        self.status("VmHWM:").saturating_sub(before)
    }

    fn status(&self, key: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("paasd runs");
        let line = status.lines().find(|line| line.starts_with(key)).expect("the kernel tells a process's memory");
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("it does so in kB") << 10
    }

    fn pid(&self) -> u32 {
        self.platform.pid().expect("paasd runs")
    }

    /// Ends the neighbour, then the platform; shows what paasd said if rows failed.
    pub async fn close(self, failed: bool) {
        drop(self.neighbour);
        if failed {
            eprintln!("--- paasd's log ---\n{}", self.platform.log());
        }
    }
}
