//! The file that the server writes its own log to.
use std::{
    fs, io,
    io::{Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// A larger log is put aside at the next start.
const MAX_BYTES: u64 = 16 << 20;
const TAIL_LINES: usize = 20;

/// Puts a large log aside; says where the next words will begin.
pub(super) fn rotate(log: &Path) -> io::Result<u64> {
    match fs::metadata(log) {
        Ok(found) if found.len() <= MAX_BYTES => Ok(found.len()),
        Ok(_) => fs::rename(log, log.with_extension("log.old")).map(|()| 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

pub(super) fn open(log: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(log)
}

/// The last lines after `start`; what cannot be read is said instead.
pub(super) fn tail(log: &Path, start: u64) -> String {
    let read = || {
        let mut file = fs::File::open(log)?;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes)?;
        io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    match read() {
        Ok(text) => {
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
        }
        Err(error) => format!("(it could not be read: {error})"),
    }
}
