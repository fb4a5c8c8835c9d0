//! A source as it will be written: names that are safe, sizes that are known, before a byte of a file is read.
use super::{CheckoutError, CheckoutLimits, refused};
use git2::{ObjectType, Odb, Oid, Repository};
use std::collections::{BTreeMap, btree_map::Entry};

pub(super) type Folder = BTreeMap<String, Node>;

pub(super) enum Node {
    Folder(Folder),
    File { content: Content, executable: bool },
    Link { target: String },
}

/// Where a file's bytes are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    Blob(Oid),
    /// Of an unpacked archive.
    Range {
        at: u64,
        bytes: u64,
    },
}

/// Linux's limits for a name (NAME_MAX) and a link's target (PATH_MAX, with its NUL).
const MAX_NAME_BYTES: usize = 255;
const MAX_TARGET_BYTES: usize = 4095;

pub(super) fn plan(repository: &Repository, tree: Oid, limits: &CheckoutLimits) -> Result<Folder, CheckoutError> {
    let odb = repository.odb()?;
    Planner { repository, odb, counted: Counted::new(limits) }.folder(tree, "", 0)
}

struct Planner<'a> {
    repository: &'a Repository,
    odb: Odb<'a>,
    counted: Counted<'a>,
}

impl Planner<'_> {
    fn folder(&mut self, id: Oid, path: &str, depth: usize) -> Result<Folder, CheckoutError> {
        self.counted.depth(path, depth)?;
        // A tree of allowed entries is far smaller than this; a larger one isn't even read.
        let largest = self.counted.limits.entries * (MAX_NAME_BYTES + 32);
        if self.odb.read_header(id)?.0 > largest {
            return self.counted.too_many();
        }
        let tree = self.repository.find_tree(id)?;
        let mut folder = Folder::new();
        for entry in &tree {
            let name = checked_name(entry.name_bytes(), path)?;
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            let node = self.node(entry.id(), entry.filemode_raw(), &path, depth)?;
            match folder.entry(name) {
                Entry::Vacant(place) => place.insert(node),
                Entry::Occupied(_) => return twice(&path),
            };
        }
        Ok(folder)
    }

    fn node(&mut self, id: Oid, mode: i32, path: &str, depth: usize) -> Result<Node, CheckoutError> {
        self.counted.entry(path)?;
        // The kinds of gitformat-index(5); permission bits other than the owner's "x" have no meaning to git.
        match mode & 0o170_000 {
            0o040_000 => self.folder(id, path, depth + 1).map(Node::Folder),
            0o100_000 => self.file(id, mode, path),
            0o120_000 => self.link(id, path),
            0o160_000 => refused(path, "is a submodule, and submodules are not fetched. Add its files to this repository, then push again."),
            _ => refused(path, "is neither file, folder nor link. Remove it, then push again."),
        }
    }

    fn file(&mut self, id: Oid, mode: i32, path: &str) -> Result<Node, CheckoutError> {
        let bytes = self.blob_size(id, path)?;
        self.counted.file(path, bytes)?;
        Ok(Node::File { content: Content::Blob(id), executable: mode & 0o100 != 0 })
    }

    fn link(&mut self, id: Oid, path: &str) -> Result<Node, CheckoutError> {
        if self.blob_size(id, path)? > MAX_TARGET_BYTES as u64 {
            return long_target(path);
        }
        checked_target(self.repository.find_blob(id)?.content(), path).map(|target| Node::Link { target })
    }

    /// From the object's header: a blob that unpacks to gigabytes is never unpacked.
    fn blob_size(&self, id: Oid, path: &str) -> Result<u64, CheckoutError> {
        match self.odb.read_header(id)? {
            (bytes, ObjectType::Blob) => Ok(bytes as u64),
            _ => refused(path, "is said to be a file and is none. Remove it, then push again."),
        }
    }
}

/// What a source has taken of its limits.
pub(super) struct Counted<'a> {
    limits: &'a CheckoutLimits,
    entries: usize,
    bytes: u64,
}

impl<'a> Counted<'a> {
    pub(super) fn new(limits: &'a CheckoutLimits) -> Self {
        Self { limits, entries: 0, bytes: 0 }
    }

    pub(super) fn depth(&self, path: &str, depth: usize) -> Result<(), CheckoutError> {
        match depth > self.limits.depth {
            true => refused(path, format_args!("is more than {} folders deep. Move it up, then push again.", self.limits.depth)),
            false => Ok(()),
        }
    }

    /// One more file, link or folder.
    pub(super) fn entry(&mut self, path: &str) -> Result<(), CheckoutError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return self.too_many();
        }
        if path.len() > self.limits.path_bytes {
            let shown = &path[..path.floor_char_boundary(100)];
            return refused(shown, format_args!("… is a path of more than {} bytes. Shorten it, then push again.", self.limits.path_bytes));
        }
        Ok(())
    }

    pub(super) fn file(&mut self, path: &str, bytes: u64) -> Result<(), CheckoutError> {
        if bytes > self.limits.file_bytes {
            return refused(
                path,
                format_args!("has {bytes} bytes; a file may have {}. Take it out of the commit, then push again.", self.limits.file_bytes),
            );
        }
        self.bytes += bytes;
        if self.bytes > self.limits.total_bytes {
            let text = format!("The source has more than {} bytes. Remove what the build doesn't need, then push again.", self.limits.total_bytes);
            return Err(CheckoutError::Refused(text));
        }
        Ok(())
    }

    fn too_many<T>(&self) -> Result<T, CheckoutError> {
        let text =
            format!("The source has more than {} files and folders. Remove what the build doesn't need, then push again.", self.limits.entries);
        Err(CheckoutError::Refused(text))
    }
}

pub(super) fn twice<T>(path: &str) -> Result<T, CheckoutError> {
    refused(path, "is in the source twice. Remove one of the two, then push again.")
}

/// Where a link leads, as text; whether it may lead there is checked when all of the source is known.
pub(super) fn checked_target(target: &[u8], path: &str) -> Result<String, CheckoutError> {
    if target.len() > MAX_TARGET_BYTES {
        return long_target(path);
    }
    match std::str::from_utf8(target) {
        Ok(target) if !target.is_empty() && !target.contains(char::is_control) => Ok(target.into()),
        _ => refused(path, "is a link to an unreadable path. Remove it, then push again."),
    }
}

fn long_target<T>(path: &str) -> Result<T, CheckoutError> {
    refused(path, format_args!("is a link to a path of more than {MAX_TARGET_BYTES} bytes. Shorten it, then push again."))
}

/// git's fsck has refused most of these before; here they would be written to disk.
pub(super) fn checked_name(name: &[u8], folder: &str) -> Result<String, CheckoutError> {
    let shown = || {
        let name = String::from_utf8_lossy(name);
        let name = &name[..name.floor_char_boundary(100)];
        if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
    };
    let Ok(text) = std::str::from_utf8(name) else {
        return refused(&shown(), "has a name that is not UTF-8. Rename it, then push again.");
    };
    if text.len() > MAX_NAME_BYTES {
        return refused(&shown(), format_args!("… has a name of more than {MAX_NAME_BYTES} bytes. Shorten it, then push again."));
    }
    if text.contains(char::is_control) {
        return refused(&shown(), "has control characters in its name. Rename it, then push again.");
    }
    let git = [".git", "git~1"].iter().any(|reserved| text.eq_ignore_ascii_case(reserved));
    if git || ["", ".", ".."].contains(&text) || text.contains('/') {
        return refused(&shown(), "has a name that is not allowed in a source. Rename it, then push again.");
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["a", ".gitignore", ".gitmodules", "é", "a b", "..a", "git", "-rf"] {
            assert_eq!(checked_name(name.as_bytes(), "").unwrap(), name);
        }
    }

    #[test]
    fn a_name_that_is_not_one_is_refused_and_shown_without_harm() {
        for name in ["", ".", "..", ".git", ".GIT", "GIT~1", "a/b", "a\nb", "a\u{1b}[2Jb", &"x".repeat(256)] {
            let refusal = checked_name(name.as_bytes(), "folder").unwrap_err().to_string();
            assert!(refusal.starts_with("folder/") && !refusal.contains(char::is_control), "{refusal}");
        }
        assert!(checked_name(b"\xff", "").unwrap_err().to_string().contains("not UTF-8"));
    }
}
