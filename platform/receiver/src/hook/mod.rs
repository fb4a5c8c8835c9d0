//! The way from git's hook back to us: a socket, JSON lines, and a verdict.
//!
//! The hook sends one [`Question`]; we answer with any number of [`Reply::Line`] and one [`Reply::Verdict`]. Both ends are the same
//! build of the same program, so the form has no version.
use crate::Update;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use uuid::Uuid;

pub(crate) mod client;
mod output;
pub(crate) mod server;

/// Environment variable: path of the socket.
pub(crate) const SOCKET: &str = "PAAS_HOOK_SOCKET";
/// Environment variable: id of the push, which nobody else knows.
pub(crate) const PUSH: &str = "PAAS_PUSH_ID";
/// A question's size: room for some ten thousand refs.
const MAX_QUESTION_BYTES: u64 = 4 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Hook {
    PreReceive,
    PostReceive,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    push: Uuid,
    hook: Hook,
    /// Lines of git's: `<old> <new> <name>`.
    updates: Vec<String>,
    quarantine: Option<PathBuf>,
    options: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum Reply {
    Line(String),
    /// `true`: accepted. The last reply.
    Verdict(bool),
}

/// Reads git's line about a ref.
fn parse_update(line: &str) -> Option<Update> {
    let mut parts = line.splitn(3, ' ');
    let (old, new, name) = (parts.next()?, parts.next()?, parts.next()?);
    let formed = |id: &str| (id.len() == 40 || id.len() == 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
    let id = |id: &str| id.bytes().any(|b| b != b'0').then(|| id.to_ascii_lowercase());
    (formed(old) && formed(new)).then(|| Update { old: id(old), new: id(new), name: name.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_read_as_git_writes_it() {
        let (zeros, id) = ("0".repeat(40), "a".repeat(40));
        let created = parse_update(&format!("{zeros} {id} refs/heads/main"));
        assert_eq!(created, Some(Update { old: None, new: Some(id.clone()), name: "refs/heads/main".into() }));
        for line in ["", "a b c", &format!("{id} {id}"), &format!("{id}x {id} refs/heads/main")] {
            assert_eq!(parse_update(line), None, "{line:?}");
        }
    }
}
