//! Finds out what this machine can do by doing it.
use super::{Cancel, Cgroups, Ending, Identity, Job, Level, Sandbox, Walls, calls, user::NOBODY};
use crate::{
    error::{At, BuilderError},
    limits::BuildLimits,
    sandbox::Access,
};
use std::{env, fs, path::Path, time::Duration};

pub fn probe(work: &Path, wanted: Option<&str>) -> Result<Sandbox, BuilderError> {
    let user = Identity::choose(wanted);
    let (cgroups, no_cgroups) = match Cgroups::find() {
        Ok(cgroups) => (Some(cgroups), None),
        Err(why) => (None, Some(why)),
    };
    let mut sandbox = Sandbox { walls: Walls::Bubblewrap, cgroups, user, filter: None, level: Level::None, reason: String::new() };
    let mut reasons = Vec::new();
    if let Err(why) = sandbox.works(work)? {
        sandbox.walls = Walls::Nothing;
        reasons.push(format!("bubblewrap does not run here ({why}): install bubblewrap and allow user namespaces"));
        if let Err(why) = sandbox.works(work)? {
            reasons.push(format!("not even the limits of one process can be set ({why})"));
        }
    }
    if sandbox.walls == Walls::Bubblewrap {
        reasons.extend(sandbox.filter_calls(work)?.map(|why| format!("no filter of system calls ({why})")));
    }
    reasons.extend(user_reason(&sandbox, wanted));
    reasons.extend(no_cgroups.map(|why| format!("no limit on memory as a whole, because control groups cannot be made ({why})")));
    sandbox.level = level(&sandbox);
    sandbox.reason = reasons.join("; ");
    Ok(sandbox)
}

fn level(sandbox: &Sandbox) -> Level {
    let own_user = sandbox.user.as_ref().is_some_and(|user| user.name != NOBODY);
    match (sandbox.walls, &sandbox.user) {
        (Walls::Bubblewrap, _) if own_user && sandbox.cgroups.is_some() && sandbox.filter.is_some() => Level::Strong,
        (Walls::Bubblewrap, _) => Level::Fair,
        (Walls::Nothing, Some(_)) => Level::Weak,
        (Walls::Nothing, None) => Level::None,
    }
}

fn user_reason(sandbox: &Sandbox, wanted: Option<&str>) -> Option<String> {
    match (&sandbox.user, wanted) {
        (None, _) => Some("builds run as the user of paasd, which is not root".into()),
        (Some(user), Some(wanted)) if user.name != wanted => Some(format!("builds run as {}, because there is no user {wanted}", user.name)),
        (Some(user), None) if user.name == NOBODY => Some(format!("builds run as {NOBODY}, which other services may share; add a user paas-build")),
        _ => None,
    }
}

impl Sandbox {
    /// Writes the filter down and asks the kernel whether it holds a build to it; else says why it does not, and goes on without.
    fn filter_calls(&mut self, work: &Path) -> Result<Option<String>, BuilderError> {
        let filter = match calls::filter() {
            Ok(filter) => filter,
            Err(why) => return Ok(Some(why.to_string())),
        };
        let file = tempfile::NamedTempFile::new().at("making a file in", env::temp_dir())?;
        fs::write(file.path(), filter).at("writing", file.path())?;
        self.filter = Some(file);
        let held = self.runs(work, "grep -q '^Seccomp:[[:space:]]*2' /proc/self/status && echo here > \"$0\"/here")?;
        Ok(held.err().inspect(|_| self.filter = None))
    }

    /// Runs a program that writes into a mounted folder; the inner error says why it did not.
    fn works(&self, work: &Path) -> Result<Result<(), String>, BuilderError> {
        self.runs(work, "echo here > \"$0\"/here")
    }

    fn runs(&self, work: &Path, script: &str) -> Result<Result<(), String>, BuilderError> {
        let folder = tempfile::Builder::new().prefix("build-probe-").tempdir_in(work).at("making a folder in", work)?;
        if let Some(user) = &self.user {
            crate::disk::give(folder.path(), user).at("changing the owner of", folder.path())?;
        }
        let mut job = Job::new(self, Duration::from_secs(10));
        let inside = job.mount(folder.path(), "/build", Access::Write);
        job.command(["/bin/sh".into(), "-c".into(), script.into(), inside.into_os_string()]);
        let mut said = Vec::new();
        let ended = self.run(&job, &BuildLimits::default(), &Cancel::default(), &mut |line| said.push(line.to_string()));
        Ok(match ended {
            Ok(Ending::Exit(0)) if fs::read(folder.path().join("here")).is_ok() => Ok(()),
            Ok(ending) if said.is_empty() => Err(format!("{ending:?}")),
            Ok(_) => Err(said.join(" ")),
            Err(error) => Err(std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)),
        })
    }
}
