//! One job from its start to the death of its last process.
use super::{Job, Sandbox, cgroup::Group, command::command, lines::Splitter};
use crate::{
    disk::{self, Usage},
    error::{At, BuilderError},
    limits::BuildLimits,
    network,
};
use nix::{
    errno::Errno,
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    fs,
    io::{self, PipeReader, Read},
    ops::Add as _,
    os::{
        fd::OwnedFd,
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    process::{Child, ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By itself, with this status; 128 + n after signal n.
    Exit(i32),
    Time,
    Cpu,
    Memory,
    Processes,
    Disk,
    Files,
    FileSize,
    /// Nobody waits for it any more.
    Cancelled,
}

/// Ends jobs from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How often the clock and the disk are looked at while a job says nothing.
const TICK: Duration = Duration::from_millis(50);
/// What the kernel may take to bury what was killed.
const BURIAL: Duration = Duration::from_secs(2);

pub fn run(sandbox: &Sandbox, job: &Job, limits: &BuildLimits, cancel: &Cancel, line: &mut dyn FnMut(&str)) -> Result<Ending, BuilderError> {
    let group = sandbox.cgroups.as_ref().map(|cgroups| cgroups.group(limits)).transpose().at("making a control group below", "/sys/fs/cgroup")?;
    let (ours, theirs) = UnixStream::pair().at("making a socket for", "a build")?;
    let (mut child, chunks) =
        spawn(sandbox, job, limits, group.as_ref(), theirs).at("starting", job.arguments.first().cloned().unwrap_or_default())?;
    // Until the end of this function; then all its connections are cut.
    let _way_out = job.network.as_ref().map(|network| network::serve(network, ours));
    let mut output = Splitter::new(limits.output_bytes);
    let watch = Watch { job, limits, cancel, end: Instant::now() + job.time };

    let ending = watch.wait(&mut child, &chunks, &mut |chunk| output.push(chunk, line));
    let buried = bury(&mut child);
    drain(&chunks, &mut |chunk| output.push(chunk, line));
    output.finish(line);
    buried.at("ending", job.arguments.first().cloned().unwrap_or_default())?;
    ending.at("waiting for", job.arguments.first().cloned().unwrap_or_default()).map(|ending| with_group(ending, group.as_ref()))
}

/// A job that may fetch gets `socket` as its standard input, over which the way out is handed to us; others get none.
fn spawn(sandbox: &Sandbox, job: &Job, limits: &BuildLimits, group: Option<&Group>, socket: UnixStream) -> io::Result<(Child, Receiver<Vec<u8>>)> {
    let (reader, writer) = io::pipe()?;
    let mut command = command(sandbox, job, limits, group.map_or(&[], |group| &group.folders));
    let stdin = if job.network.is_some() { OwnedFd::from(socket).into() } else { Stdio::null() };
    command.stdin(stdin).stdout(writer.try_clone()?).stderr(writer).process_group(0);
    // The command, dropped here, holds the last of our ends of the pipe.
    Ok((command.spawn()?, read(reader)))
}

/// Reads on a thread of its own, so that a silent job can be watched; few chunks wait, so that a loud one does too.
fn read(mut reader: PipeReader) -> Receiver<Vec<u8>> {
    let (sender, chunks) = sync_channel(4);
    thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    chunks
}

struct Watch<'a> {
    job: &'a Job,
    limits: &'a BuildLimits,
    cancel: &'a Cancel,
    end: Instant,
}

impl Watch<'_> {
    /// Waits until the job exits or goes too far.
    fn wait(&self, child: &mut Child, chunks: &Receiver<Vec<u8>>, take: &mut dyn FnMut(&[u8])) -> io::Result<Ending> {
        let mut look_at_disk = Instant::now() + TICK;
        loop {
            match chunks.recv_timeout(TICK) {
                Ok(chunk) => take(&chunk),
                Err(RecvTimeoutError::Timeout) => {}
                // Everything was closed: it is about to exit, or goes on in silence.
                Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(2)),
            }
            if let Some(status) = child.try_wait()? {
                return Ok(ending(status));
            }
            if self.cancel.is_set() {
                return Ok(Ending::Cancelled);
            }
            if Instant::now() >= self.end {
                return Ok(Ending::Time);
            }
            if Instant::now() >= look_at_disk {
                let began = Instant::now();
                if let Some(ending) = self.disk() {
                    return Ok(ending);
                }
                look_at_disk = Instant::now() + (10 * began.elapsed()).max(4 * TICK);
            }
        }
    }

    fn disk(&self) -> Option<Ending> {
        let enough = Usage { bytes: self.limits.disk_bytes, files: self.limits.disk_files };
        let used = self.job.watched.iter().map(|folder| disk::usage(folder, enough)).fold(Usage::default(), Usage::add);
        match used {
            Usage { bytes, .. } if bytes > enough.bytes => Some(Ending::Disk),
            Usage { files, .. } if files > enough.files => Some(Ending::Files),
            _ => None,
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    match code - 128 {
        signal if signal == Signal::SIGXCPU as i32 => Ending::Cpu,
        signal if signal == Signal::SIGXFSZ as i32 => Ending::FileSize,
        _ => Ending::Exit(code),
    }
}

/// A failure's cause is what the group ran out of, if anything.
fn with_group(ending: Ending, group: Option<&Group>) -> Ending {
    match (ending, group) {
        (Ending::Exit(1..), Some(group)) if group.out_of_memory() => Ending::Memory,
        (Ending::Exit(1..) | Ending::Time, Some(group)) if group.out_of_processes() => Ending::Processes,
        _ => ending,
    }
}

/// Kills what is left: the outermost processes are in our process group, and all others in namespaces that end with them.
fn bury(child: &mut Child) -> io::Result<()> {
    let group = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
    let deadline = Instant::now() + BURIAL;
    while killpg(group, Signal::SIGKILL) != Err(Errno::ESRCH) && lives(group) {
        child.try_wait()?;
        if Instant::now() > deadline {
            tracing::warn!(%group, "processes of a build are still there after they were killed");
            break;
        }
        thread::sleep(Duration::from_millis(1));
    }
    child.wait().map(drop)
}

/// Whether a process of the group is more than a zombie, which the machine's init may take its time to reap. The first process of a
/// namespace becomes one only after all others in there are gone.
fn lives(group: Pid) -> bool {
    let stats = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats.into_iter().any(|stat| {
        // `pid (name) state parent group …`; the name may contain anything.
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        let (state, of) = (fields.next(), fields.nth(1));
        of.and_then(|of| of.parse().ok()) == Some(group.as_raw()) && !matches!(state, Some("Z" | "X"))
    })
}

/// Takes what was written before the end.
fn drain(chunks: &Receiver<Vec<u8>>, take: &mut dyn FnMut(&[u8])) {
    let deadline = Instant::now() + BURIAL;
    while let Ok(chunk) = chunks.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        take(&chunk);
    }
}
