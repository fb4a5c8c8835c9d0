//! What to run, where, and what it sees.
use super::{Sandbox, Walls};
use crate::network::{self, Network};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Where a job finds our own program.
const INSIDE: &str = "/paas";
/// Variables that tell package clients of a proxy.
const PROXY_SETTINGS: [&str; 8] =
    ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "CARGO_HTTP_PROXY", "YARN_HTTP_PROXY", "YARN_HTTPS_PROXY"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    Write,
}

#[derive(Debug)]
pub(super) struct Mount {
    pub outside: PathBuf,
    pub inside: PathBuf,
    pub access: Access,
}

/// One program to run in the sandbox. Paths given to it are those that [`Job::mount`] returned.
#[derive(Debug)]
pub struct Job {
    pub(super) arguments: Vec<OsString>,
    pub(super) mounts: Vec<Mount>,
    pub(super) env: BTreeMap<OsString, OsString>,
    pub(super) folder: PathBuf,
    pub(super) network: Option<Arc<Network>>,
    pub(super) time: Duration,
    /// Folders whose size is watched while it runs.
    pub(super) watched: Vec<PathBuf>,
    walls: Walls,
}

impl Job {
    pub fn new(sandbox: &Sandbox, time: Duration) -> Self {
        let mut job = Self {
            arguments: Vec::new(),
            mounts: Vec::new(),
            env: BTreeMap::new(),
            folder: "/".into(),
            network: None,
            time,
            watched: Vec::new(),
            walls: sandbox.walls,
        };
        job.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LANG", "C.UTF-8").env("TERM", "dumb");
        job
    }

    /// Shows a folder or file of the machine at `inside`. Returns where the program finds it, which is `outside` itself when there are no walls.
    pub fn mount(&mut self, outside: &Path, inside: impl Into<PathBuf>, access: Access) -> PathBuf {
        let inside = match self.walls {
            Walls::Bubblewrap => inside.into(),
            Walls::Nothing => outside.to_path_buf(),
        };
        if access == Access::Write {
            self.watched.push(outside.to_path_buf());
        }
        self.mounts.push(Mount { outside: outside.to_path_buf(), inside: inside.clone(), access });
        inside
    }

    pub fn env(&mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> &mut Self {
        self.env.insert(key.into(), value.into());
        self
    }

    /// Puts a folder in front of `PATH`.
    pub fn path(&mut self, folder: &Path) -> &mut Self {
        let mut path = folder.as_os_str().to_owned();
        if let Some(rest) = self.env.get(&OsString::from("PATH")) {
            path.push(":");
            path.push(rest);
        }
        self.env("PATH", path)
    }

    pub fn current_dir(&mut self, inside: &Path) -> &mut Self {
        self.folder = inside.to_path_buf();
        self
    }

    /// Opens the way to a proxy that reaches what `network` says; without it, and but for it, nothing is there. `program` is ours, see [`network::inside_main`].
    ///
    /// `false` if there are no walls: then the job has the machine's network, and needs the operator's settings for it.
    pub fn network(&mut self, network: Arc<Network>, program: &Path) -> bool {
        if self.walls == Walls::Nothing {
            return false;
        }
        for name in [network::ENTER, network::TUNNEL] {
            self.mount(program, Path::new(INSIDE).join(name), Access::Read);
        }
        let proxy = format!("http://127.0.0.1:{}", network::PORT);
        for name in PROXY_SETTINGS {
            self.env(name, &proxy);
        }
        self.env("GIT_PROXY_COMMAND", Path::new(INSIDE).join(network::TUNNEL)).env("NODE_USE_ENV_PROXY", "1");
        self.network = Some(network);
        true
    }

    /// The whole command line: what opens the way to the proxy comes first.
    pub(super) fn program(&self) -> Vec<OsString> {
        let enter = self.network.as_ref().map(|_| Path::new(INSIDE).join(network::ENTER).into_os_string());
        enter.into_iter().chain(self.arguments.iter().cloned()).collect()
    }

    pub fn command<A: Into<OsString>>(&mut self, arguments: impl IntoIterator<Item = A>) -> &mut Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }
}
