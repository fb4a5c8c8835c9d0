//! How many visitors there is room for: each connection is an open file.
use crate::config::Serve;
use nix::{
    fcntl::{FcntlArg, fcntl},
    sys::resource::{Resource, getrlimit, setrlimit},
    unistd::close,
};
use paas_router::Connections;
use std::{io, os::fd::RawFd};

/// However many files the system allows.
const MOST: u64 = 16_384;

/// Lifts the limit of open files as far as the system lets us, and gives visitors three quarters of it.
pub fn of(options: &Serve) -> Connections {
    let files = open_files().unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit of open files could not be lifted");
        1_024
    });
    let total = options.max_connections.map_or((files / 4 * 3).min(MOST), u64::from);
    Connections::new(usize::try_from(total).unwrap_or(usize::MAX), options.max_connections_per_address.map(|most| most as usize))
}

fn open_files() -> nix::Result<u64> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // Some systems allow a thousand million, and some programs that we start close each one that they might have.
    let wanted = hard.min(4 * MOST).max(soft);
    setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)?;
    reserve(wanted.min(4 * MOST))?;
    Ok(wanted)
}

/// Has the kernel make its table of our open files as large as it may become. It doubles the table when it is full, and whoever opens the file that is one too many
/// waits for all processors to have left the old one: 15 to 20 milliseconds, for a visitor or the first request of an app.
fn reserve(files: u64) -> nix::Result<()> {
    let last = RawFd::try_from(files - 1).unwrap_or(RawFd::MAX);
    let highest = fcntl(io::stdin(), FcntlArg::F_DUPFD_CLOEXEC(last))?;
    close(highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_table_of_open_files_is_as_large_as_it_may_become() {
        let files = open_files().unwrap().min(4 * MOST);
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap().trim();
        assert!(size.parse::<u64>().unwrap() >= files, "{size} of {files}");
    }
}
