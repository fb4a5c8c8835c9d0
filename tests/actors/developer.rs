//! A developer at a terminal: a home folder, `git`, `paas`, and repositories.
use crate::{Platform, Ran, platform::program, sample};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

pub struct Developer {
    home: TempDir,
    url: String,
    key: String,
}

/// A repository with a remote `paas`.
pub struct Repository<'a> {
    pub path: PathBuf,
    pub app: String,
    developer: &'a Developer,
}

impl Developer {
    pub(crate) fn new(platform: &Platform) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let config = "[user]\n\tname = Dev\n\temail = dev@example.org\n[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n";
        fs::write(home.path().join(".gitconfig"), config).expect("the home folder can be written");
        Self { home, url: platform.url(), key: platform.key() }
    }

    /// A new app from a sample of tests/apps: created, committed, not pushed yet.
    pub async fn start_app(&self, app: &str, sample_name: &str) -> Repository<'_> {
        let repository = self.repository(app).await;
        sample::copy(sample_name, &repository.path);
        repository.commit("First").await;
        repository
    }

    /// A new app and an empty repository for it.
    pub async fn repository(&self, app: &str) -> Repository<'_> {
        let repository = self.unpublished(app).await;
        let mut create = self.paas(&["create", app]);
        create.current_dir(&repository.path);
        Ran::of(create).await.ok();
        repository
    }

    /// A repository that no app belongs to yet.
    pub async fn unpublished(&self, name: &str) -> Repository<'_> {
        let path = self.home.path().join(name);
        fs::create_dir(&path).expect("the home folder can be written");
        let repository = Repository { path, app: name.into(), developer: self };
        repository.git(&["init", "--quiet"]).await.ok();
        repository
    }

    /// Runs `paas` with these words, split at spaces.
    pub async fn run(&self, words: &str) -> Ran {
        Ran::of(self.paas(&words.split_whitespace().collect::<Vec<_>>())).await
    }

    /// A `paas` that goes on running, such as `logs --tail`; its output is piped.
    pub fn start(&self, words: &str) -> Child {
        let mut command = self.paas(&words.split_whitespace().collect::<Vec<_>>());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("paas starts")
    }

    pub fn paas(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(program("paas"));
        command.args(arguments);
        command
    }

    /// A program in this developer's environment.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        let path = format!("{}:{}", program_folder().display(), std::env::var("PATH").unwrap_or_default());
        command.current_dir(self.home.path()).env("HOME", self.home.path()).env("PATH", path);
        command.env("PAAS_URL", &self.url).env("PAAS_API_KEY", &self.key).env("GIT_TERMINAL_PROMPT", "0").env("NO_COLOR", "1").env("TZ", "UTC");
        for foreign in ["XDG_CONFIG_HOME", "GIT_DIR", "GIT_CONFIG_GLOBAL", "PAAS_DATA", "PAAS_APP"] {
            command.env_remove(foreign);
        }
        command
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }
}

impl Repository<'_> {
    pub async fn git(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.git_command(arguments)).await
    }

    pub fn git_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.developer.command("git");
        command.args(arguments).current_dir(&self.path);
        command
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the repository can be written");
        fs::write(path, text).expect("the repository can be written");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).expect("the repository has the file")
    }

    /// Commits everything; the answer is the commit's id.
    pub async fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]).await.ok();
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]).await.ok();
        self.head().await
    }

    pub async fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).await.ok().trim().to_string()
    }

    /// `git push paas main`; what the platform says is in `stderr`.
    pub async fn push(&self) -> Ran {
        self.git(&["push", "paas", "main"]).await
    }

    /// What the platform's ref points at.
    pub async fn remote_ref(&self, name: &str) -> Option<String> {
        let listed = self.git(&["ls-remote", "paas", name]).await.ok();
        listed.split_whitespace().next().map(String::from)
    }
}

fn program_folder() -> PathBuf {
    program("paas").parent().expect("a program lies in a folder").to_path_buf()
}
