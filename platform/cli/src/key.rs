//! Where `paas login` finds the key: never on the command line, where other users and the history would see it.
use crate::failure::{Failure, Result};
use crate::origin::Origin;
use crate::{output, session};
use std::fs::{self, File};
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A key is short; a file that is not one should not be read whole.
const MAX_KEY_BYTES: u64 = 4096;

/// The first source that has one, in the order that `paas login --help` tells.
pub fn find(server: &Origin, key_file: Option<&Path>) -> Result<String> {
    let text = match key_file {
        Some(path) => read(path)?,
        None => match session::variable("PAAS_API_KEY").map_or_else(piped, |key| Ok(Some(key)))? {
            Some(key) => key,
            None => match admin(server)? {
                Some(key) => key,
                None => ask(server)?,
            },
        },
    };
    checked(text.trim())
}

/// Whether logging in to this machine's own server needs no question.
pub fn admin_is_readable() -> bool {
    admin_file().is_ok_and(|path| File::open(path).is_ok())
}

/// Asks on the terminal with what is typed visible; an empty answer takes the default.
pub fn ask_server(default: &Origin) -> Result<Origin> {
    let answer = question(&format!("Server [{default}]: "))?;
    match answer.trim() {
        "" => Ok(default.clone()),
        text => Origin::of_server(text),
    }
}

pub fn question(words: &str) -> Result<String> {
    let mut answer = String::new();
    write!(io::stderr(), "{words}")
        .and_then(|()| io::stderr().flush())
        .and_then(|()| io::stdin().read_line(&mut answer))
        .map_err(|error| Failure::local("read the answer", error))?;
    Ok(answer)
}

fn read(path: &Path) -> Result<String> {
    let read = match path.to_str() {
        Some("-") => read_some(io::stdin()),
        _ => File::open(path).and_then(read_some),
    };
    read.map_err(|error| Failure::local(format!("read the key from {}", path.display()), error))
}

fn read_some(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MAX_KEY_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Only a pipe or a file counts as given: a service's or a test's stdin may be anything.
fn piped() -> Result<Option<String>> {
    let given = fs::metadata("/dev/stdin").is_ok_and(|stdin| stdin.is_file() || stdin.file_type().is_fifo());
    if !given {
        return Ok(None);
    }
    let text = read_some(io::stdin()).map_err(|error| Failure::local("read the key from stdin", error))?;
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// The key that `paasd` wrote for whoever runs it, used only for a server on this machine.
fn admin(server: &Origin) -> Result<Option<String>> {
    if !server.is_loopback() {
        return Ok(None);
    }
    let path = admin_file()?;
    match File::open(&path).and_then(read_some) {
        Ok(key) => {
            output::note(format_args!("Using the admin's key from {}", path.display()));
            Ok(Some(key))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Failure::local(format!("read {}", path.display()), error)),
    }
}

fn admin_file() -> Result<PathBuf> {
    let data = match session::variable("PAAS_DATA") {
        Some(data) => PathBuf::from(data),
        None => session::home()?.join(".local/share/paas"),
    };
    Ok(data.join("admin.token"))
}

fn ask(server: &Origin) -> Result<String> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "There is no key for {server}. Give one with --key-file FILE, PAAS_API_KEY or a pipe, or log in from a terminal."
        )));
    }
    let hidden = Hidden::start();
    let key = question(&format!("Key for {server} (not shown): "))?;
    drop(hidden);
    Ok(key)
}

/// While it lives, the terminal does not show what is typed.
struct Hidden;

impl Hidden {
    fn start() -> Self {
        if !stty("-echo") {
            output::warn("This terminal shows what you type.");
        }
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
        output::note("");
    }
}

fn stty(setting: &str) -> bool {
    Command::new("stty").arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// A key travels in a header: anything else than visible ASCII is a wrong file or a slip of the clipboard.
fn checked(key: &str) -> Result<String> {
    match key {
        "" => Err(Failure::Usage("The key is empty. Give one with --key-file FILE, PAAS_API_KEY or a pipe.".into())),
        key if key.chars().all(|c| c.is_ascii_graphic()) => Ok(key.to_owned()),
        _ => Err(Failure::Usage("That is not a key: a key has no spaces, line breaks or special characters. Copy it again.".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn a_key_is_one_visible_word() {
        assert_eq!(checked("paas_abc-123").unwrap(), "paas_abc-123");
        for wrong in ["", "two words", "a\nb", "kéy"] {
            assert!(checked(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
