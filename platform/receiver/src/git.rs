//! How git is called: with no configuration but ours, and with limits.
use crate::ReceiverError;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    sync::LazyLock,
};
use tokio::process::{Child, Command};

/// The two halves of git's protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The client fetches.
    UploadPack,
    /// The client pushes.
    ReceivePack,
}

impl Service {
    /// Reads the `service` parameter of `info/refs`, or the last part of a request's path.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "git-upload-pack" => Some(Self::UploadPack),
            "git-receive-pack" => Some(Self::ReceivePack),
            _ => None,
        }
    }

    /// `git-upload-pack` or `git-receive-pack`, as in the media types `application/x-git-upload-pack-…`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UploadPack => "git-upload-pack",
            Self::ReceivePack => "git-receive-pack",
        }
    }

    pub(crate) fn command(self) -> &'static str {
        &self.as_str()["git-".len()..]
    }
}

/// CPU seconds of each git process: bounds delta bombs and very deep trees.
const CPU_SECONDS: u64 = 300;
/// Heap of each git process: git unpacks deltas in memory, so this also bounds the largest object that a delta can make.
const HEAP_BYTES: u64 = 1 << 30;

/// The git of this machine, with the folders and caps it is run with.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    /// Empty, so that no file in it configures git.
    pub home: PathBuf,
    /// Holds `pre-receive` and `post-receive`.
    pub hooks: PathBuf,
    pub max_pack_bytes: u64,
}

/// Git by its whole path. One by its name alone, with a PATH of its own to be looked for in, is started by a fork: the memory of the whole server is marked to be
/// copied, and visitors wait for that, ten milliseconds and more.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let folders = std::env::var_os("PATH").unwrap_or_else(|| PATH.into());
    std::env::split_paths(&folders).map(|folder| folder.join("git")).find(|program| program.is_file()).unwrap_or_else(|| "git".into())
});

/// Where programs are, if the environment does not say so.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

impl Git {
    /// A `git` with pipes on all three ends.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&*PROGRAM);
        command.env_clear().envs(self.environment()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for setting in self.settings() {
            command.arg("-c").arg(setting);
        }
        // A terminal's Ctrl-C is for us: git ends by itself when its push has ended.
        command.process_group(0);
        command
    }

    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PATH", std::env::var_os("PATH").unwrap_or_else(|| PATH.into())),
            ("HOME", self.home.clone().into()),
            ("LC_ALL", "C".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_TERMINAL_PROMPT", "0".into()),
        ]
    }

    fn settings(&self) -> Vec<OsString> {
        let mut hooks = OsString::from("core.hooksPath=");
        hooks.push(&self.hooks);
        let fixed = [
            // Our rules alone decide, in the hook, where a refusal can be a sentence.
            "receive.denyCurrentBranch=ignore",
            "receive.denyDeleteCurrent=ignore",
            "receive.denyDeletes=false",
            "receive.denyNonFastForwards=false",
            "receive.shallowUpdate=false",
            "receive.advertisePushOptions=true",
            "receive.fsckObjects=true",
            "transfer.fsckObjects=true",
            // While a build is silent, so that no proxy takes the connection for dead.
            "receive.keepAlive=2",
            // Tidying is a step of its own, after the push.
            "receive.autogc=false",
            "gc.auto=0",
            "maintenance.auto=false",
            // No program named by a repository.
            "core.alternateRefsCommand=true",
            "core.fsmonitor=false",
            "safe.directory=*",
            // A release must not outlive the commit it was made from.
            "core.fsync=committed,loose-object,reference",
            // Larger files are streamed to disk, not held in memory; and no packs mapped whole.
            "core.bigFileThreshold=16m",
            "core.packedGitWindowSize=16m",
            "core.packedGitLimit=256m",
            "pack.windowMemory=64m",
            "pack.threads=1",
        ];
        let mut settings: Vec<OsString> = fixed.iter().map(OsString::from).collect();
        settings.push(hooks);
        settings.push(format!("receive.maxInputSize={}", self.max_pack_bytes).into());
        settings
    }

    /// Starts the command with limits. They are in force before it does anything costly: it waits for its input, which the caller
    /// sends only after this returned, and its own children inherit them.
    pub fn spawn(&self, command: &mut Command) -> Result<Child, ReceiverError> {
        let child = command.spawn().map_err(ReceiverError::NoGit)?;
        let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let file_bytes = 2 * self.max_pack_bytes + (256 << 20);
        let limits = [(Resource::Cpu, CPU_SECONDS), (Resource::Data, HEAP_BYTES), (Resource::Fsize, file_bytes), (Resource::Core, 0)];
        for (resource, limit) in limits {
            let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
            match prlimit(pid, resource, limit) {
                // It has already ended: nothing to limit.
                Err(rustix::io::Errno::SRCH) => break,
                other => other.map_err(|error| ReceiverError::Limits(error.into()))?,
            };
        }
        Ok(child)
    }
}

/// The protocol version a client asked for, if it is one that git knows; anything else never reaches a child's environment.
pub(crate) fn protocol(asked: Option<&str>) -> Option<&str> {
    asked.filter(|text| ["version=0", "version=1", "version=2"].contains(text))
}

/// `git <settings> <service> --stateless-rpc … <repository>`
pub(crate) fn service(git: &Git, service: Service, flag: &str, repository: &Path) -> Command {
    let mut command = git.command();
    command.args([service.command(), flag]).arg(repository);
    command
}
