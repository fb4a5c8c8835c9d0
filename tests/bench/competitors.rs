//! What a user would pick instead, started on loopback; all of it ends when this is dropped.
use crate::{folder, subject::Subject, tools};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use paas_tests::{eventually, platform::free_port};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

pub struct Competitors {
    pub subjects: Vec<Subject>,
    /// Those that are not here, and why.
    pub missing: Vec<String>,
    running: Vec<Child>,
    scratch: TempDir,
}

/// As fast as flags make it: what an instance last touched stays resident, and the kernel says what that was.
const TUNED: [&str; 8] = [
    "-O",
    "pooling-memory-keep-resident=1048576",
    "-O",
    "pooling-table-keep-resident=65536",
    "-O",
    "pooling-async-stack-keep-resident=65536",
    "-O",
    "pooling-pagemap-scan=y",
];

impl Competitors {
    pub async fn start() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let mut all = Self { subjects: Vec::new(), missing: Vec::new(), running: Vec::new(), scratch };
        all.hyper();
        for (program, file) in [("tiny", "tiny.cwasm"), ("JavaScript", "javascript.cwasm")] {
            all.wasmtime(&format!("wasmtime serve, {program}"), "its defaults", file, &[]);
            all.wasmtime(&format!("wasmtime serve, {program}, tuned"), &TUNED.join(" ").replace("-O ", "").replace("pooling-", ""), file, &TUNED);
        }
        all.workerd();
        all.node();
        all.gunicorn();
        for subject in &all.subjects {
            answers(subject).await;
        }
        all
    }

    fn hyper(&mut self) {
        let port = free_port();
        let mut command = Command::new(std::env::current_exe().expect("a bench has a path"));
        command.args(["hyper", &port.to_string()]);
        let Some(pid) = self.spawn(command) else { return };
        self.subjects.push(Subject::new("bare hyper", "the ceiling: hyper alone, HTTP/1.1, as many threads as cores", port, &[pid]));
    }

    fn wasmtime(&mut self, name: &str, about: &str, file: &str, flags: &[&str]) {
        let port = free_port();
        let mut command = Command::new(tools().join("wasmtime/bin/wasmtime"));
        command.args(["serve", "--addr", &format!("127.0.0.1:{port}"), "--allow-precompiled", "-S", "cli"]).args(flags).arg(tools().join(file));
        let Some(pid) = self.spawn(command) else { return };
        self.subjects.push(Subject::new(name, about, port, &[pid]));
    }

    fn workerd(&mut self) {
        let port = free_port();
        let mut command = Command::new(tools().join("npm/node_modules/@cloudflare/workerd-linux-64/bin/workerd"));
        command.args(["serve", &format!("--socket-addr=http=127.0.0.1:{port}")]).arg(folder().join("competitors/workerd.capnp"));
        let Some(pid) = self.spawn(command) else { return };
        self.subjects.push(Subject::new("workerd", "one isolate for all requests", port, &[pid]));
    }

    /// Node alone, and behind nginx both ways.
    fn node(&mut self) {
        let node_port = free_port();
        let mut command = Command::new("node");
        command.arg(folder().join("competitors/node.mjs")).arg(node_port.to_string());
        let Some(node) = self.spawn(command) else { return };
        self.subjects.push(Subject::new("Node", "node:http alone, one process", node_port, &[node]));
        for (name, about, keepalive) in [
            ("nginx → Node, new connections", "as Dokku configures it: one connection to the app for each request", ""),
            ("nginx → Node, kept connections", "the same with upstream keep-alive, which Dokku does not set", "keepalive 32;"),
        ] {
            let port = free_port();
            let Some(nginx) = self.nginx(port, node_port, keepalive) else { return };
            self.subjects.push(Subject::new(name, about, port, &[nginx, node]));
        }
    }

    fn nginx(&mut self, port: u16, node: u16, keepalive: &str) -> Option<u32> {
        let dir = self.scratch.path().join(format!("nginx-{port}"));
        fs::create_dir(&dir).expect("a temporary folder can be written");
        let text = fs::read_to_string(folder().join("competitors/nginx.conf")).expect("the template is there");
        let mut text = text.replace("DIR", &dir.display().to_string()).replace("PORT", &port.to_string()).replace("NODE", &node.to_string());
        text = text.replace("KEEPALIVE", keepalive);
        if !keepalive.is_empty() {
            text = text.replace("'' CONNECTION", "'' ''");
        }
        let text = text.replace("CONNECTION", "close");
        fs::write(dir.join("nginx.conf"), text).expect("a temporary folder can be written");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(&dir).arg("-c").arg(dir.join("nginx.conf")).arg("-e").arg(dir.join("error.log"));
        self.spawn(command)
    }

    fn gunicorn(&mut self) {
        let port = free_port();
        let mut command = Command::new(tools().join("python/bin/gunicorn"));
        command.args([
            "--workers",
            "2",
            "--threads",
            "4",
            "--keep-alive",
            "60",
            "--bind",
            &format!("127.0.0.1:{port}"),
            "--log-level",
            "error",
            "wsgi:app",
        ]);
        command.current_dir(folder().join("competitors")).env("PYTHONDONTWRITEBYTECODE", "1");
        let Some(pid) = self.spawn(command) else { return };
        self.subjects.push(Subject::new("gunicorn", "2 workers of 4 threads, WSGI hello", port, &[pid]));
    }

    /// Starts it; `None`, with a note, when the program is not installed.
    fn spawn(&mut self, mut command: Command) -> Option<u32> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.spawn() {
            Ok(child) => {
                let pid = child.id();
                self.running.push(child);
                Some(pid)
            }
            Err(error) => {
                self.missing.push(format!("{}: {error}. tests/bench/install.sh installs it.", command.get_program().to_string_lossy()));
                None
            }
        }
    }
}

/// Waits for the first good answer.
pub async fn answers(subject: &Subject) {
    let client = reqwest::Client::new();
    let url = format!("http://127.0.0.1:{}/", subject.port);
    eventually(&format!("{} answers", subject.name), async || {
        let reply = client.get(&url).header("host", &subject.host).send().await.ok()?;
        reply.status().is_success().then_some(())
    })
    .await;
}

impl Drop for Competitors {
    fn drop(&mut self) {
        for child in &mut self.running {
            // A parent that is told to end ends its workers; one that is killed leaves them.
            kill(Pid::from_raw(child.id() as i32), Signal::SIGTERM).ok();
            child.wait().ok();
        }
    }
}

/// The script with which wrk asks many hosts.
pub fn random_hosts() -> std::path::PathBuf {
    Path::new(&folder()).join("competitors/random-hosts.lua")
}
