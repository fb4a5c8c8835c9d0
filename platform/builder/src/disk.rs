//! Folders that a build wrote into: measured, handed over, sealed and removed without ever following a link.
use crate::sandbox::Identity;
use std::{
    fs, io,
    ops::Add,
    os::unix::fs::{MetadataExt, PermissionsExt, lchown},
    path::{Path, PathBuf},
};

/// What a tree takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Allocated, so that a sparse file counts what it takes.
    pub bytes: u64,
    pub files: u64,
}

impl Add for Usage {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { bytes: self.bytes + other.bytes, files: self.files + other.files }
    }
}

/// Measures a tree that may change meanwhile: what vanishes or can't be read counts nothing. Stops early once `enough` is passed.
pub fn usage(root: &Path, enough: Usage) -> Usage {
    let mut sum = Usage::default();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else { continue };
            sum = sum + Usage { bytes: metadata.blocks() * 512, files: 1 };
            if sum.bytes > enough.bytes || sum.files > enough.files {
                return sum;
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    sum
}

/// Makes a user the owner of a tree.
pub fn give(root: &Path, user: &Identity) -> io::Result<()> {
    each(root, &mut |path, _| lchown(path, Some(user.uid), Some(user.gid)))
}

/// Takes a tree back after a build: everything readable, nothing writable by others or set-uid;
/// root's again, `as_root`.
/// Only for a tree that no process of the build can reach any more.
pub fn seal(root: &Path, as_root: bool) -> io::Result<()> {
    each(root, &mut |path, metadata| {
        if !metadata.is_symlink() {
            let runs = metadata.is_dir() || metadata.mode() & 0o100 != 0;
            fs::set_permissions(path, fs::Permissions::from_mode(if runs { 0o755 } else { 0o644 }))?;
        }
        if as_root { lchown(path, Some(0), Some(0)) } else { Ok(()) }
    })
}

/// Removes a tree, also one whose folders the build closed to itself.
pub fn remove(root: &Path) -> io::Result<()> {
    let removed = fs::remove_dir_all(root);
    match &removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            each(root, &mut |path, metadata| match metadata.is_dir() {
                true => fs::set_permissions(path, fs::Permissions::from_mode(0o700)),
                false => Ok(()),
            })?;
            fs::remove_dir_all(root)
        }
        _ => removed,
    }
}

/// Visits a tree, a folder before what it contains. The visitor may change the permissions of a folder and so make it readable.
fn each(root: &Path, visit: &mut impl FnMut(&Path, &fs::Metadata) -> io::Result<()>) -> io::Result<()> {
    let mut paths: Vec<PathBuf> = vec![root.to_path_buf()];
    while let Some(path) = paths.pop() {
        let metadata = fs::symlink_metadata(&path)?;
        visit(&path, &metadata)?;
        if metadata.is_dir() {
            for entry in fs::read_dir(&path)? {
                paths.push(entry?.path());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_are_neither_followed_nor_counted_as_what_they_name() {
        let outside = tempfile::tempdir().unwrap();
        let file = outside.path().join("canary");
        fs::write(&file, vec![1; 100_000]).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let tree = tempfile::tempdir().unwrap();
        symlink(outside.path(), tree.path().join("folder")).unwrap();
        symlink(&file, tree.path().join("file")).unwrap();

        let all = Usage { bytes: u64::MAX, files: u64::MAX };
        assert_eq!(usage(tree.path(), all).files, 2);
        assert!(usage(tree.path(), all).bytes < 100_000);
        seal(tree.path(), false).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        remove(tree.path()).unwrap();
        assert!(file.exists());
    }

    #[test]
    fn sealing_drops_set_uid_and_foreign_writes() {
        let tree = tempfile::tempdir().unwrap();
        let program = tree.path().join("program");
        fs::write(&program, "").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o6777)).unwrap();
        seal(tree.path(), false).unwrap();
        assert_eq!(fs::metadata(&program).unwrap().mode() & 0o7777, 0o755);
    }
}
