//! A program that has ended, and what it said.
use std::{
    process::{Command, Output, Stdio},
    time::Duration,
};
use tokio::task::spawn_blocking;

#[derive(Clone, Debug)]
pub struct Ran {
    /// -1 when ended by a signal.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end, without blocking the other actors.
    pub async fn of(mut command: Command) -> Self {
        let shown = format!("{command:?}");
        let output = spawn_blocking(move || command.stdin(Stdio::null()).output());
        let output = tokio::time::timeout(Duration::from_secs(1200), output).await;
        output
            .unwrap_or_else(|_| panic!("{shown} did not end"))
            .expect("the waiting thread ends")
            .map(Self::from)
            .unwrap_or_else(|error| panic!("{shown}: {error}"))
    }

    /// Asserts success and gives stdout.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self.stdout
    }

    /// Both outputs, for searching.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}
