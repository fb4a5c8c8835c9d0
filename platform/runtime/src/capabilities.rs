//! What an app may do, read off its imports.
use std::{collections::BTreeSet, fmt};

/// Words for people: `clock`, `config`, `files`, `http-out`, `log`, `random`, `sockets`. Files and sockets are linked, so that programs load, and denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(pub BTreeSet<&'static str>);

/// How an import's name begins, in components and in core modules.
const WORDS: [(&str, &str); 17] = [
    ("wasi:cli/environment", "config"),
    ("wasi:cli/std", "log"),
    ("wasi:clocks/", "clock"),
    ("wasi:filesystem/", "files"),
    ("wasi:http/client", "http-out"),
    ("wasi:http/outgoing-handler", "http-out"),
    ("wasi:random/", "random"),
    ("wasi:sockets/", "sockets"),
    ("clock_", "clock"),
    ("environ_", "config"),
    ("fd_readdir", "files"),
    ("fd_write", "log"),
    ("path_", "files"),
    ("poll_oneoff", "clock"),
    ("random_get", "random"),
    ("sock_", "sockets"),
    ("fd_prestat", "files"),
];

impl Capabilities {
    pub(crate) fn of<'a>(imports: impl Iterator<Item = &'a str>) -> Self {
        let word = |import: &str| WORDS.iter().find(|(start, _)| import.starts_with(start)).map(|(_, word)| *word);
        Self(imports.filter_map(word).collect())
    }
    /// What the platform itself does for JavaScript apps.
    pub(crate) fn javascript() -> Self {
        Self(["clock", "config", "http-out", "log", "random"].into())
    }
    /// What the platform itself does for Python apps.
    pub(crate) fn python() -> Self {
        Self(["clock", "config", "log", "random"].into())
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().copied().collect::<Vec<_>>().join(", "))
    }
}
