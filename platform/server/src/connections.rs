//! How many visitors there is room for: each connection is an open file.
use crate::config::Serve;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use paas_router::Connections;

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
    Ok(wanted)
}
