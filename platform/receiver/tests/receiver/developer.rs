//! Somebody with a git and a working copy.
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use tempfile::TempDir;
use tokio::process::Command;

pub struct Developer {
    git: PathBuf,
    url: String,
    home: TempDir,
}

/// What a command left.
#[derive(Debug)]
pub struct Ran {
    pub ok: bool,
    /// Both of its outputs.
    pub text: String,
}

/// Every git of this machine: the platform has to work with all of them.
pub fn gits() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap();
    let mut gits: Vec<PathBuf> = env::split_paths(&path).map(|folder| folder.join("git")).filter_map(|git| git.canonicalize().ok()).collect();
    gits.sort();
    gits.dedup();
    gits
}

impl Developer {
    /// With an empty working copy on branch `main`, and a remote `paas`.
    pub async fn new(url: &str) -> Self {
        Self::with_git(Path::new("git"), url).await
    }

    pub async fn with_git(git: &Path, url: &str) -> Self {
        let developer = Self { git: git.into(), url: url.into(), home: TempDir::new().unwrap() };
        fs::create_dir(developer.folder()).unwrap();
        developer.run("init -q -b main").await;
        developer.run(&format!("remote add paas {url}")).await;
        developer
    }

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("source")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// A git command, ready to run in the working copy.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(&self.git);
        command.args(arguments).current_dir(self.folder()).env_clear();
        command
            .env("PATH", env::var_os("PATH").unwrap())
            .env("HOME", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@example.com");
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    pub async fn try_args<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Ran {
        let output = self.command(arguments).output().await.unwrap();
        let text = [output.stdout, output.stderr].concat();
        Ran { ok: output.status.success(), text: String::from_utf8_lossy(&text).into_owned() }
    }

    /// Runs a command line whose words hold no spaces.
    pub async fn attempt(&self, line: &str) -> Ran {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.try_args(&words).await
    }

    /// Runs a command that must succeed, and trims its output.
    pub async fn run(&self, line: &str) -> String {
        let ran = self.attempt(line).await;
        assert!(ran.ok, "git {line}: {}", ran.text);
        ran.text.trim().to_string()
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits a file of this content, and gives the commit's id.
    pub async fn commit(&self, content: &str) -> String {
        self.write("file.txt", content);
        self.commit_all().await
    }

    pub async fn commit_all(&self) -> String {
        self.run("add --all").await;
        self.run("commit -q --allow-empty -m change").await;
        self.run("rev-parse HEAD").await
    }

    pub async fn push(&self, refs: &str) -> Ran {
        self.attempt(&format!("push paas {refs}")).await
    }

    /// Another working copy with the same history.
    pub async fn colleague(&self) -> Self {
        let colleague = Self::with_git(&self.git, &self.url).await;
        colleague.run(&format!("pull -q {} main", self.folder().display())).await;
        colleague
    }
}
