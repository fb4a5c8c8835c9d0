//! The packages that go into a slug: read off the lock files, and off what pip installed.
//!
//! All of it may have been written by an enemy. What cannot be read is said in the push, and left out: the package manager has the last word on it.
use crate::{
    build::size,
    error::{At, BuilderError},
};
use paas_model::{Digest, build::LockFile, output::Output};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

mod cargo;
mod go;
mod npm;
mod pnpm;
mod python;
mod yarn;

/// A larger lock file is hashed, and not read.
const MAX_BYTES: usize = 16 << 20;

/// Where a package is from; sorts the SBOM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Registry {
    Npm,
    PyPi,
    Go,
    Cargo,
}

/// One version of somebody's code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    pub registry: Registry,
    /// As its registry writes it: `@scope/name`, `github.com/gin-gonic/gin`.
    pub name: String,
    pub version: String,
    pub need: Need,
    pub hash: Option<Hash>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    #[default]
    Required,
    Optional,
    /// Only whoever develops the app needs it.
    Development,
}

/// Of the package as its registry hands it out, in hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hash {
    Sha1(String),
    Sha256(String),
    Sha512(String),
}

/// Reads one kind of lock file; the error is for the operator's eyes only.
type Reader = fn(&str) -> Result<Vec<Package>, String>;

/// The lock files that are hashed, and how those are read that name all packages by themselves. (What pip installed says more than its files.)
const LOCKS: [(&str, Option<Reader>); 13] = [
    ("Cargo.lock", Some(cargo::read)),
    ("Pipfile.lock", None),
    ("bun.lock", None),
    ("go.sum", Some(go::read)),
    ("npm-shrinkwrap.json", Some(npm::read)),
    ("package-lock.json", Some(npm::read)),
    ("pdm.lock", None),
    ("pnpm-lock.yaml", Some(pnpm::read)),
    ("poetry.lock", None),
    ("pylock.toml", None),
    ("requirements.txt", None),
    ("uv.lock", None),
    ("yarn.lock", Some(yarn::read)),
];

/// What the lock files of one folder say.
#[derive(Debug, Default)]
pub struct Locked {
    pub files: Vec<LockFile>,
    pub packages: BTreeSet<Package>,
}

/// Reads the lock files in a folder, but for those named in `but`.
pub fn locked(folder: &Path, but: &[LockFile], output: &Output) -> Result<Locked, BuilderError> {
    let mut locked = Locked::default();
    for (name, reader) in LOCKS {
        let Some(bytes) = plain_file(&folder.join(name))?.filter(|_| but.iter().all(|other| other.name != name)) else { continue };
        locked.files.push(LockFile { name: name.into(), sha256: Digest::of(&bytes) });
        match reader.map(|reader| packages(&bytes, reader)) {
            Some(Ok(packages)) => locked.packages.extend(packages),
            Some(Err(why)) => {
                tracing::info!(why, name, "a lock file could not be read");
                output.detail(format!("Note: {name} could not be read; the packages it names are not in the SBOM"));
            }
            None => {}
        }
    }
    Ok(locked)
}

/// The Python packages among a slug's files.
pub fn installed(files: &[(String, PathBuf)]) -> BTreeSet<Package> {
    files.iter().filter_map(|(name, _)| python::installed(name)).collect()
}

fn packages(bytes: &[u8], reader: Reader) -> Result<Vec<Package>, String> {
    if bytes.len() > MAX_BYTES {
        return Err(format!("it is larger than {}", size(MAX_BYTES as u64)));
    }
    let packages = reader(std::str::from_utf8(bytes).map_err(|error| error.to_string())?)?;
    // A version begins with a digit; anything else is a folder, a git commit or an address.
    Ok(packages.into_iter().filter(|package| is_version(&package.version) && !package.name.is_empty()).collect())
}

fn is_version(text: &str) -> bool {
    text.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
}

/// The bytes of a file that is no link, if there is one.
fn plain_file(path: &Path) -> Result<Option<Vec<u8>>, BuilderError> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => fs::read(path).at("reading", path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).at("reading", path),
    }
}

impl Hash {
    /// The first that is understood of a "subresource integrity" text: `sha512-…` and the like, in base64.
    fn of_integrity(text: &str) -> Option<Self> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        text.split_whitespace().find_map(|part| {
            let (algorithm, digest) = part.split_once('-')?;
            let digest = BASE64_STANDARD.decode(digest).ok()?;
            match (algorithm, digest.len()) {
                ("sha512", 64) => Some(Self::Sha512(hex::encode(digest))),
                ("sha256", 32) => Some(Self::Sha256(hex::encode(digest))),
                ("sha1", 20) => Some(Self::Sha1(hex::encode(digest))),
                _ => None,
            }
        })
    }

    fn of_sha256(hex_digits: &str) -> Option<Self> {
        hex_digits.parse::<Digest>().ok().map(|digest| Self::Sha256(digest.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_hashed_and_read_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("go.sum"), "golang.org/x/net v0.1.0 h1:abc=\ngolang.org/x/net v0.1.0/go.mod h1:def=\n").unwrap();
        fs::write(folder.path().join("requirements.txt"), "flask\n").unwrap();
        let found = locked(folder.path(), &[], &Output::new(|_: &str| {})).unwrap();
        assert_eq!(found.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["go.sum", "requirements.txt"]);
        assert_eq!(found.packages.len(), 1);
        assert!(locked(folder.path(), &found.files, &Output::new(|_: &str| {})).unwrap().files.is_empty());
    }

    #[test]
    fn a_lock_file_that_is_a_link_or_makes_no_sense_names_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("yarn.lock")).unwrap();
        fs::write(folder.path().join("package-lock.json"), "{").unwrap();
        let found = locked(folder.path(), &[], &Output::new(|_: &str| {})).unwrap();
        assert_eq!(found.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["package-lock.json"]);
        assert!(found.packages.is_empty());
    }

    #[test]
    fn integrity_is_read_as_hex() {
        assert_eq!(Hash::of_integrity("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="), Some(Hash::Sha1("da39a3ee5e6b4b0d3255bfef95601890afd80709".into())));
        assert_eq!(Hash::of_integrity("md5-x sha512-short"), None);
    }
}
