//! A worker that has started the engine and parsed what an app stands on, and from then on is forked for each boot of the app: its side.
//!
//! Parsing packages takes longer than all else of a boot, and is the same for every release until the packages change. Nothing of a release is in it: the fork is
//! where the engine asks for the app's own code, before anything of it or its packages has run, or has read the environment.
use super::{
    boot::{BootError, MAIN, Wait},
    worker::{Job, Parts, Watch, exit_code, finish, read_json},
};
use nix::{
    sys::{
        prctl,
        signal::Signal,
        wait::{WaitStatus, waitpid},
    },
    unistd::{ForkResult, dup2_stderr, fork},
};
use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

/// What a boot's end is called on standard output, if it was by a signal.
pub(super) const KILLED: &str = "killed";

/// `worker zygote <job.json>`: the job's app does not matter. Each line of input is the path of a job to do, and is answered with the status it ended with.
pub(crate) fn zygote_main(args: &[OsString]) -> ExitCode {
    let [path] = args else {
        eprintln!("usage: worker zygote JOB");
        return ExitCode::FAILURE;
    };
    exit_code(read_json(Path::new(path)).map_err(BootError::engine).and_then(serve))
}

fn serve(job: Job) -> Result<(), BootError> {
    // The engine's files are then read by this thread, and a fork has the one thread that there is.
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(BootError::engine)?;
    let _entered = runtime.enter();
    let parts = Parts::open(&job)?;
    let watch = Watch::start(&parts.engine).map_err(BootError::engine)?;
    let ordered = Arc::<Mutex<Option<Job>>>::default();
    let wait: Wait = {
        let (engine, ordered, sources) = (parts.engine.clone(), ordered.clone(), job.order.sources.clone());
        Box::new(move || {
            watch.stop()?;
            let order = next(&sources)?;
            Watch::start(&engine)?;
            *ordered.lock().unwrap_or_else(PoisonError::into_inner) = Some(order.clone());
            Ok((order.order, order.module))
        })
    };
    let booted = parts.boot(&job, Some(wait));
    let ordered = ordered.lock().unwrap_or_else(PoisonError::into_inner).take();
    // Without an order the engine has not come that far.
    finish(&parts, ordered.unwrap_or(job), booted)
}

/// Waits for an order, and returns in a process that carries it out. Where orders end, so does this process.
fn next(sources: &Path) -> io::Result<Job> {
    let mut line = String::new();
    loop {
        line.clear();
        if io::stdin().read_line(&mut line)? == 0 {
            std::process::exit(0);
        }
        match fork_here()? {
            ForkResult::Child => {
                // No fault of the app's.
                let failed = |error| {
                    eprintln!("{error}");
                    std::process::exit(1)
                };
                return Ok(take(Path::new(line.trim_end()), sources).unwrap_or_else(failed));
            }
            ForkResult::Parent { child } => {
                match waitpid(child, None)? {
                    WaitStatus::Exited(_, status) => println!("{status}"),
                    _ => println!("{KILLED}"),
                }
                io::stdout().flush()?;
            }
        }
    }
}

/// In the child: what it has to do.
fn take(job: &Path, sources: &Path) -> io::Result<Job> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let job: Job = read_json(job)?;
    dup2_stderr(fs::File::create(&job.said)?)?;
    fs::copy(job.order.sources.join(MAIN), sources.join(MAIN))?;
    Ok(job)
}

#[allow(unsafe_code)]
fn fork_here() -> io::Result<ForkResult> {
    let threads = fs::read_dir("/proc/self/task")?.count();
    if threads > 1 {
        return Err(io::Error::other(format!("{threads} threads run, of which a fork would have one")));
    }
    // SAFETY: this is the only thread, so no lock is held by one that the child would lack.
    Ok(unsafe { fork() }?)
}
