//! Whoever types `paas`, and what came of it.
use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A developer with a home and a working folder of their own.
pub struct Developer {
    pub home: TempDir,
    pub url: String,
}

/// How it ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Developer {
    pub fn at(url: &str) -> Self {
        Self { home: tempfile::tempdir().unwrap(), url: url.to_owned() }
    }

    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home.path()).env("TZ", "UTC");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").current_dir(self.home.path());
        command
    }

    pub fn paas(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_paas"));
        command.args(args).env("PAAS_URL", &self.url).stdin(Stdio::null());
        command
    }

    /// With a key in the environment.
    pub fn run(&self, args: &[&str]) -> Ran {
        ran(self.paas(args).env("PAAS_API_KEY", "paas_secret"), "")
    }

    pub fn git(&self, args: &[&str]) -> Ran {
        ran(self.command("git").args(args), "")
    }

    pub fn file(&self, path: &str) -> String {
        fs::read_to_string(self.home.path().join(path)).unwrap()
    }
}

/// Runs it to its end, with this to read.
pub fn ran(command: &mut Command, stdin: &str) -> Ran {
    let piped = if stdin.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut child = command.stdin(piped).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(stdin.as_bytes()).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let string = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), out: string(output.stdout), err: string(output.stderr) }
}
