//! What `paasd` is to git and to the runtime: a hook by its name, or a worker by its first argument. For the tests.
use std::{env, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let args: Vec<_> = env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "worker") {
        return paas_runtime::worker_main(args[2..].to_vec());
    }
    let name = args.first().map(|name| Path::new(name).file_name().unwrap_or_default().to_string_lossy().into_owned());
    paas_receiver::hook_main(&name.unwrap_or_default())
}
