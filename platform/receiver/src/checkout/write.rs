//! Writes a planned source. Every name is opened relative to the folder above it, itself held open, and must be new: no link, whether
//! from the source or put there meanwhile by somebody else, is ever followed.
use super::{
    CheckoutError, CheckoutStats,
    plan::{Content, Folder, Node},
    refused,
};
use crate::ReceiverError;
use git2::{Blob, Repository};
use nix::{
    fcntl::{OFlag, open, openat},
    sys::stat::{Mode, fchmod, mkdirat},
    unistd::symlinkat,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    ops::Deref,
    os::{fd::OwnedFd, unix::fs::FileExt},
    path::{Path, PathBuf},
};

/// What a file of Git LFS begins with when only its pointer was committed (git-lfs specification, "The Pointer").
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What the plan's contents are read from.
pub(super) enum Origin<'a> {
    Git(&'a Repository),
    /// An unpacked archive.
    Archive(&'a File),
}

pub(super) fn write(origin: &Origin<'_>, root: &Folder, into: &Path) -> Result<CheckoutStats, CheckoutError> {
    let failed = |error| CheckoutError::Fault(ReceiverError::file("opening the source's folder", into)(error));
    fs::create_dir_all(into).map_err(failed)?;
    let folder = open(into, FOLDER, Mode::empty()).map_err(|error| failed(error.into()))?;
    let mut writer = Writer { origin, into, stats: CheckoutStats::default() };
    writer.folder(&folder, root, "")?;
    Ok(writer.stats)
}

const FOLDER: OFlag = OFlag::O_DIRECTORY.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);
const NEW_FILE: OFlag = OFlag::O_WRONLY.union(OFlag::O_CREAT).union(OFlag::O_EXCL).union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

struct Writer<'a> {
    origin: &'a Origin<'a>,
    into: &'a Path,
    stats: CheckoutStats,
}

impl Writer<'_> {
    fn folder(&mut self, at: &OwnedFd, folder: &Folder, path: &str) -> Result<(), CheckoutError> {
        for (name, node) in folder {
            let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
            match node {
                Node::Folder(inner) => {
                    let made = make_folder(at, name).map_err(|error| self.fault(&path, error))?;
                    self.folder(&made, inner, &path)?;
                }
                Node::File { content, executable } => self.file(at, name, *content, *executable, &path)?,
                Node::Link { target } => {
                    symlinkat(target.as_str(), at, name.as_str()).map_err(|error| self.fault(&path, error.into()))?;
                    self.stats.files += 1;
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, at: &OwnedFd, name: &str, content: Content, executable: bool, path: &str) -> Result<(), CheckoutError> {
        let content = self.origin.read(content, self.into)?;
        if content.starts_with(LFS_POINTER) && content.len() < 1024 {
            return refused(
                path,
                "is a pointer of Git LFS, and LFS files are not fetched. Add the file itself (git lfs migrate export), then push again.",
            );
        }
        make_file(at, name, executable).and_then(|mut file| file.write_all(&content)).map_err(|error| self.fault(path, error))?;
        self.stats.files += 1;
        self.stats.bytes += content.len() as u64;
        Ok(())
    }

    fn fault(&self, path: &str, error: io::Error) -> CheckoutError {
        let path: PathBuf = self.into.join(path);
        CheckoutError::Fault(ReceiverError::file("writing the source", path)(error))
    }
}

impl<'a> Origin<'a> {
    fn read(&self, content: Content, into: &Path) -> Result<Read<'a>, CheckoutError> {
        match (self, content) {
            (Self::Git(repository), Content::Blob(id)) => Ok(Read::Blob(repository.find_blob(id)?)),
            (Self::Archive(file), Content::Range { at, bytes }) => {
                let mut read = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX)];
                let failed = |error| CheckoutError::Fault(ReceiverError::file("reading the archive for", into)(error));
                file.read_exact_at(&mut read, at).map(|()| Read::Bytes(read)).map_err(failed)
            }
            _ => unreachable!("a plan is written from what it was made of"),
        }
    }
}

/// One file's bytes. They are in memory whole: a source's files are limited to far less.
enum Read<'a> {
    Blob(Blob<'a>),
    Bytes(Vec<u8>),
}

impl Deref for Read<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Blob(blob) => blob.content(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// The modes are exact: our umask says nothing about who builds.
fn make_folder(at: &OwnedFd, name: &str) -> io::Result<OwnedFd> {
    mkdirat(at, name, Mode::S_IRWXU)?;
    let folder = openat(at, name, FOLDER, Mode::empty())?;
    fchmod(&folder, Mode::from_bits_truncate(0o755))?;
    Ok(folder)
}

fn make_file(at: &OwnedFd, name: &str, executable: bool) -> io::Result<File> {
    let file = openat(at, name, NEW_FILE, Mode::S_IRUSR | Mode::S_IWUSR)?;
    fchmod(&file, Mode::from_bits_truncate(if executable { 0o755 } else { 0o644 }))?;
    Ok(File::from(file))
}
