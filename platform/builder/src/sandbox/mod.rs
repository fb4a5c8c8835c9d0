//! Runs one program of a buildpack behind walls: own namespaces, own user, limits on everything it can take.
//!
//! The filesystem is put together from parts; the program sees `/usr`, a few files of `/etc`, and what its [`Job`] mounts.
//! As root this takes two runs of bubblewrap: the outer one, still root, mounts (the platform's folders may be closed to others);
//! the inner one, already as the build's user, makes the user namespace in which the program has no rights at all.

mod calls;
mod cgroup;
mod command;
mod host;
mod job;
mod lines;
mod probe;
mod run;
mod user;

pub use job::{Access, Job};
pub use lines::clean;
pub use run::{Cancel, Ending};
pub use user::Identity;

use crate::{error::BuilderError, limits::BuildLimits};
use cgroup::Cgroups;
use std::path::Path;
use tempfile::NamedTempFile;

/// How much of the promise this machine can keep; found by trying, once, at start-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing but limits per process: a build can do what paasd can do.
    None,
    /// A user of its own, but it sees the machine's files and processes.
    Weak,
    /// Walls, but no limit on memory as a whole, no filter of system calls, or no user of its own.
    Fair,
    /// Walls, a user of its own, limits on memory and processes as a whole, and a filter of system calls.
    Strong,
}

impl Level {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }
}

/// The sandbox of this machine.
#[derive(Debug)]
pub struct Sandbox {
    walls: Walls,
    cgroups: Option<Cgroups>,
    /// File with the filter of system calls.
    filter: Option<NamedTempFile>,
    /// Who builds run as; `None`: as paasd itself, which is not root.
    user: Option<Identity>,
    pub level: Level,
    /// Why not better, and what would make it so.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Walls {
    Bubblewrap,
    /// The program sees the machine as it is.
    Nothing,
}

impl Sandbox {
    /// Tries what the machine can do, from the best down.
    pub fn probe(work: &Path, user: Option<&str>) -> Result<Self, BuilderError> {
        probe::probe(work, user)
    }

    /// Who owns what a build may write; `None` where paasd itself does.
    pub fn user(&self) -> Option<&Identity> {
        self.user.as_ref()
    }

    /// Runs a job to its end; blocks. Each line goes to `line`. When this returns no process of the job is left.
    ///
    /// Call it on a thread that outlives the job: the kernel ends the sandbox with the thread that started it.
    pub fn run(&self, job: &Job, limits: &BuildLimits, cancel: &Cancel, line: &mut dyn FnMut(&str)) -> Result<Ending, BuilderError> {
        run::run(self, job, limits, cancel, line)
    }

    /// Whether a build may make only those system calls that builds need.
    pub fn filters_calls(&self) -> bool {
        self.filter.is_some()
    }

    /// Whether the sum of a build's memory is limited.
    pub fn limits_memory(&self) -> bool {
        self.cgroups.is_some()
    }
}
