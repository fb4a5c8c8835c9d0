//! The chain of programs that leads to the build's own one, each giving up something.
use super::{Identity, Sandbox, Walls, host, job::Access, job::Job};
use crate::limits::BuildLimits;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

/// Opens the filter of system calls, if one is named, as [`FILTER`]; enters the control groups named before `--`, then becomes what is named after it: no
/// process ever runs outside of its group.
const ENTER: &str = r#"[ -z "$1" ] || exec 3< "$1" || exit 125; shift; while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift; exec "$@""#;

/// The descriptor from which bubblewrap reads the filter; it closes it.
const FILTER: &str = "3";

/// `/tmp` is memory; it counts there and ends here.
const TMP_BYTES: u64 = 512 << 20;

/// cgroup → mounts (as root) → user → namespaces → limits → the program.
pub fn command(sandbox: &Sandbox, job: &Job, limits: &BuildLimits, groups: &[PathBuf]) -> Command {
    let mut chain: Vec<OsString> = Vec::new();
    let filter = sandbox.filter.as_ref().map(|file| file.path()).filter(|_| sandbox.walls == Walls::Bubblewrap);
    chain.extend(enter(groups, filter));
    match (sandbox.walls, &sandbox.user) {
        (Walls::Bubblewrap, Some(user)) => {
            chain.extend(words(["bwrap", "--unshare-pid", "--die-with-parent"]));
            chain.extend(filesystem(job));
            chain.extend(words(["--bind", "/proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--"]));
            chain.extend(become_user(user));
            chain.extend(words(["bwrap", "--bind", "/", "/"]));
            chain.extend(namespaces(job, filter));
        }
        (Walls::Bubblewrap, None) => {
            chain.push("bwrap".into());
            chain.extend(filesystem(job));
            chain.extend(words(["--dir", "/proc", "--dir", "/dev", "--remount-ro", "/"]));
            chain.extend(namespaces(job, filter));
        }
        (Walls::Nothing, user) => chain.extend(user.iter().flat_map(become_user)),
    }
    chain.extend(rlimits(limits));
    chain.extend(job.program());

    let mut command = Command::new(&chain[0]);
    command.args(&chain[1..]).env_clear().envs(&job.env);
    if sandbox.walls == Walls::Nothing {
        command.current_dir(&job.folder);
    }
    command
}

fn words<const N: usize>(words: [&str; N]) -> [OsString; N] {
    words.map(OsString::from)
}

fn enter(groups: &[PathBuf], filter: Option<&Path>) -> Vec<OsString> {
    if groups.is_empty() && filter.is_none() {
        return Vec::new();
    }
    let mut chain: Vec<OsString> = words(["/bin/sh", "-c", ENTER, "sh"]).into();
    chain.push(filter.map_or_else(OsString::new, OsString::from));
    chain.extend(groups.iter().map(OsString::from));
    chain.push("--".into());
    chain
}

fn filesystem(job: &Job) -> Vec<OsString> {
    let mut arguments = host::arguments();
    let size = TMP_BYTES.to_string();
    arguments.extend(words(["--perms", "1777", "--size", &size, "--tmpfs", "/tmp"]));
    for mount in &job.mounts {
        let how = match mount.access {
            Access::Read => "--ro-bind",
            Access::Write => "--bind",
        };
        arguments.extend(host::bind(how, &mount.outside, &mount.inside));
    }
    arguments
}

/// New namespaces of every kind; `--disable-userns`, because nested ones would open much of the kernel to the build.
fn namespaces(job: &Job, filter: Option<&Path>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = words([
        "--unshare-user",
        "--disable-userns",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--unshare-net",
        "--hostname",
        "build",
        "--die-with-parent",
        "--new-session",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ])
    .into();
    if filter.is_some() {
        arguments.extend(words(["--seccomp", FILTER]));
    }
    arguments.extend(["--chdir".into(), job.folder.clone().into(), "--".into()]);
    arguments
}

fn become_user(user: &Identity) -> Vec<OsString> {
    let (uid, gid) = (format!("--reuid={}", user.uid), format!("--regid={}", user.gid));
    words(["setpriv", &uid, &gid, "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]).into()
}

/// Set last, inside the user namespace: there the count of processes is the build's alone.
fn rlimits(limits: &BuildLimits) -> Vec<OsString> {
    let limit = |name: &str, value: u64| OsString::from(format!("--{name}={value}"));
    // Soft before hard: the first ends a process with a signal that tells why, the second with SIGKILL.
    let cpu = format!("--cpu={}:{}", limits.cpu_seconds, limits.cpu_seconds + 5);
    vec![
        "prlimit".into(),
        cpu.into(),
        limit("fsize", limits.file_bytes),
        limit("nproc", limits.processes),
        limit("nofile", 4096),
        limit("core", 0),
        "--".into(),
    ]
}
