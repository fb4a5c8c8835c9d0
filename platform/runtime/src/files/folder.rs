//! One folder, read without handles that outlive a call: what `paas:app/files` says of it.
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A larger file is not read as a whole: the host would hold it beside the guest's own memory.
const MAX_READ_BYTES: u64 = 16 << 20;

/// A folder without links of any kind that lead out of it.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    File { size: u64 },
    Folder,
}

/// The app asked for more than one call gives.
#[derive(Debug, thiserror::Error)]
#[error("/app/{path} has {size} bytes, more than the {} MiB that can be read at once. Make the file smaller, or split it.", MAX_READ_BYTES >> 20)]
pub(crate) struct TooLarge {
    path: String,
    size: u64,
}

impl Folder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn stat(&self, path: &str) -> Option<Entry> {
        let found = fs::symlink_metadata(self.inside(path)?).ok()?;
        match found.file_type() {
            kind if kind.is_file() => Some(Entry::File { size: found.len() }),
            kind if kind.is_dir() => Some(Entry::Folder),
            _ => None,
        }
    }

    /// A file's content; `None` if there is no such file.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TooLarge> {
        let Some(Entry::File { size }) = self.stat(path) else { return Ok(None) };
        if size > MAX_READ_BYTES {
            return Err(TooLarge { path: path.into(), size });
        }
        Ok(self.inside(path).and_then(|file| read(&file, size).ok()))
    }

    /// The names in a folder, sorted; `None` if there is no such folder.
    pub(crate) fn list(&self, path: &str) -> Option<Vec<String>> {
        let entries = fs::read_dir(self.inside(path)?).ok()?;
        let names: Result<Vec<OsString>, io::Error> = entries.map(|entry| Ok(entry?.file_name())).collect();
        let mut names: Vec<String> = names.ok()?.into_iter().filter_map(|name| name.into_string().ok()).collect();
        names.sort();
        Some(names)
    }

    /// Where a path leads, or `None` if it is none of this folder.
    fn inside(&self, path: &str) -> Option<PathBuf> {
        if path.is_empty() {
            return Some(self.0.clone());
        }
        let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\0');
        path.split('/').all(plain).then(|| self.0.join(path))
    }
}

fn read(path: &Path, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(size as usize);
    File::open(path)?.take(MAX_READ_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_inside_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("secret"), "s").unwrap();
        let root = dir.path().join("tree");
        fs::create_dir_all(root.join("a")).unwrap();
        fs::write(root.join("a/b"), "hello").unwrap();
        fs::write(root.join("z"), "").unwrap();
        std::os::unix::fs::symlink(dir.path().join("secret"), root.join("link")).unwrap();
        let folder = Folder::new(root.clone());

        assert_eq!(folder.stat(""), Some(Entry::Folder));
        assert_eq!(folder.stat("a/b"), Some(Entry::File { size: 5 }));
        assert_eq!(folder.read("a/b").unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(folder.list("").unwrap(), ["a", "link", "z"]);
        assert_eq!(folder.list("a").unwrap(), ["b"]);
        for path in ["a", "nope", "link", "../secret", "a/../../secret", "/etc/passwd", "a//b", "./a/b", "a/b/", "a/b\0", ".."] {
            assert_eq!(folder.read(path).unwrap(), None, "{path:?}");
        }
        for path in ["a/b", "..", "/", ".", "a/..", "nope"] {
            assert_eq!(folder.list(path), None, "{path:?}");
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_named() {
        let dir = tempfile::tempdir().unwrap();
        File::create(dir.path().join("big")).unwrap().set_len(MAX_READ_BYTES + 1).unwrap();
        let refused = Folder::new(dir.path().into()).read("big").unwrap_err();
        assert!(refused.to_string().starts_with("/app/big has 16777217 bytes, more than the 16 MiB"), "{refused}");
    }
}
