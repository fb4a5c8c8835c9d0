//! What an app may do, read off its imports.
use std::{collections::BTreeSet, fmt};

/// Words for people: `clock`, `config`, `files`, `http-out`, `log`, `random`, `sockets`. Files and sockets are linked, so that programs load, and denied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(pub BTreeSet<&'static str>);

/// How an import's name begins, in components and in core modules.
const WORDS: [(&str, &str); 21] = [
    ("fermyon:spin/variables", "config"),
    ("paas:app/files", "files"),
    ("paas:app/http", "http-out"),
    ("wasi:cli/environment", "config"),
    ("wasi:cli/std", "log"),
    ("wasi:clocks/", "clock"),
    ("wasi:config/", "config"),
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
    /// As they are kept and shown, sorted.
    pub fn words(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
    /// What the platform itself does for JavaScript apps.
    pub(crate) fn javascript() -> Self {
        Self(["clock", "config", "http-out", "log", "random"].into())
    }
    /// What the platform itself does for Python apps.
    pub(crate) fn python() -> Self {
        Self(["clock", "config", "http-out", "log", "random"].into())
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().copied().collect::<Vec<_>>().join(", "))
    }
}

/// Each package that components may import, with its versions. Of WASI 0.2 all versions up to the one named are meant.
const OFFERED: [(&str, &[&str]); 9] = [
    ("paas:app", &["0.1.0"]),
    ("wasi:cli", &["0.2.12", "0.3.0"]),
    ("wasi:clocks", &["0.2.12", "0.3.0"]),
    ("wasi:config", &["0.2.0-draft", "0.2.0-rc.1", "0.2.0-draft-2024-09-27"]),
    ("wasi:filesystem", &["0.2.12", "0.3.0"]),
    ("wasi:http", &["0.2.12", "0.3.0"]),
    ("wasi:io", &["0.2.12"]),
    ("wasi:random", &["0.2.12", "0.3.0"]),
    ("wasi:sockets", &["0.2.12", "0.3.0"]),
];

/// What comes closest to an import (`wasi:http/types@0.9.0`) that the platform does not offer: `wasi:http@0.3.0`.
pub(crate) fn nearest(import: &str) -> Option<String> {
    let (package, rest) = import.split_once('/')?;
    let (_, wanted) = rest.split_once('@')?;
    let (_, versions) = OFFERED.iter().find(|(name, _)| *name == package)?;
    let nearest = versions.iter().min_by_key(|version| number(version).abs_diff(number(wanted)))?;
    Some(format!("{package}@{nearest}"))
}

/// A version on a line, to compare distances: its three numbers without what follows a `-`.
fn number(version: &str) -> u64 {
    let plain = version.split('-').next().unwrap_or_default();
    plain.split('.').take(3).fold(0, |sum, part| sum * 1_000 + part.parse::<u64>().unwrap_or(0).min(999))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_version_of_the_same_package_is_named() {
        for (import, offered) in [
            ("wasi:http/types@0.2.99", Some("wasi:http@0.2.12")),
            ("wasi:http/handler@0.9.0", Some("wasi:http@0.3.0")),
            ("wasi:http/types@0.1.0", Some("wasi:http@0.2.12")),
            ("wasi:io/streams@0.3.0", Some("wasi:io@0.2.12")),
            ("wasi:config/store@0.3.0", Some("wasi:config@0.2.0-draft")),
            ("wasi:keyvalue/store@0.2.0-draft2", None),
            ("env", None),
        ] {
            assert_eq!(nearest(import).as_deref(), offered, "{import}");
        }
    }
}
