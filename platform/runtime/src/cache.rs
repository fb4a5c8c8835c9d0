//! The node's private cache: native code and memory snapshots, each with a seal that is checked before use.
//!
//! `<dir>/<engine>/<kind>/<id>` is a file, `….seal` its HMAC-SHA256 under the node's key, and one of the file's place and
//! times, so that a file that nobody touched is not read again before each use. A file without a right seal is as good as no file: it is
//! made again. The seal finds what a disk, a half-written file or a copied folder did; the folder's mode (0700) keeps other users out.
//! Files are replaced by rename only, never rewritten: running instances map them.
use crate::RuntimeError;
use hmac::{Hmac, KeyInit, Mac};
use rustix::io::{ReadWriteFlags, preadv2};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    hash::{Hash, Hasher},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use wasmtime::Engine;

/// Length of a seal's part that is about the content.
const SEAL_BYTES: usize = 32;

/// Instead of a seal of the content: no content has it.
const UNREAD: [u8; SEAL_BYTES] = [0; SEAL_BYTES];

/// Whether somebody may wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    May,
    /// What is not near is as good as not there.
    Never,
}

/// A cache for the files of a node's engines.
pub(crate) struct Cache {
    /// Folder of everything that these engines can load.
    dir: PathBuf,
    scratch: PathBuf,
    key: [u8; 32],
    /// Names this start of the machine.
    boot: String,
}

impl Cache {
    /// Opens the cache, and removes what earlier engines and dead processes left in it.
    pub(crate) fn open<'a>(root: &Path, engines: impl IntoIterator<Item = &'a Engine>) -> Result<Self, RuntimeError> {
        let fails = |source| RuntimeError::Cache { path: root.into(), source };
        let name = compatibility(engines);
        let cache = Self { dir: root.join(&name), scratch: root.join("scratch"), key: key(root).map_err(fails)?, boot: boot().map_err(fails)? };
        sweep(root, &name).map_err(fails)?;
        make_dir(&cache.dir).map_err(fails)?;
        make_dir(&cache.scratch).map_err(fails)?;
        Ok(cache)
    }

    /// A fresh folder for a worker to write in, removed on drop; files are moved from it into the cache.
    pub(crate) fn scratch(&self) -> Result<tempfile::TempDir, RuntimeError> {
        tempfile::tempdir_in(&self.scratch).map_err(|source| self.fails(source))
    }

    /// A fresh file that is moved from there into the cache, or removed on drop.
    pub(crate) fn scratch_file(&self) -> io::Result<tempfile::NamedTempFile> {
        tempfile::NamedTempFile::new_in(&self.scratch)
    }

    /// Moves `from` (on the same file system, see [`Cache::scratch`]) into the cache.
    pub(crate) fn put(&self, kind: &str, id: &str, from: &Path) -> Result<(), RuntimeError> {
        self.try_put(kind, id, from).map_err(|source| self.fails(source))
    }

    fn try_put(&self, kind: &str, id: &str, from: &Path) -> io::Result<()> {
        let path = self.path(kind, id);
        self.make_folder_of(&path)?;
        let seal = self.seal(kind, id, &mut File::open(from)?)?.finalize().into_bytes();
        let unsealed = from.with_extension("seal");
        private_file(&unsealed)?.write_all(&seal)?;
        fs::rename(&unsealed, seal_path(&path))?;
        fs::rename(from, &path)?;
        // Only now does it have the times by which it is known again.
        self.remember(&path, &seal, self.identity(kind, id, &File::open(&path)?)?)
    }

    /// As [`Cache::put`], for what can be made again from another file of the cache: its content is not read, so it is known again by its place and times alone.
    pub(crate) fn put_unread(&self, kind: &str, id: &str, from: tempfile::NamedTempFile) -> io::Result<()> {
        let path = self.path(kind, id);
        self.make_folder_of(&path)?;
        let file = from.persist(&path).map_err(|error| error.error)?;
        self.remember(&path, &UNREAD, self.identity(kind, id, &file)?)
    }

    /// The seal of a file's content, which no other content has.
    pub(crate) fn content_seal(&self, kind: &str, id: &str) -> io::Result<Option<[u8; SEAL_BYTES]>> {
        Ok(fs::read(seal_path(&self.path(kind, id)))?.first_chunk().copied())
    }

    /// The file, if it is there and its seal is right; else it is removed, so that it is made again. May read it whole: call it where blocking is allowed.
    pub(crate) fn get(&self, kind: &str, id: &str) -> Option<File> {
        let path = self.path(kind, id);
        let mut file = File::open(&path).ok()?;
        match self.verify(kind, id, &path, &mut file) {
            Ok(true) => return Some(file),
            Ok(false) => tracing::warn!(path = %path.display(), "A cached file is damaged or not ours: it is made again."),
            Err(error) => tracing::warn!(path = %path.display(), %error, "A cached file cannot be read: it is made again."),
        }
        self.remove(kind, id);
        None
    }

    /// As [`Cache::get`], of a file that nobody has touched and that the system has in memory, as far as its first page tells: mapping it waits for no disk.
    pub(crate) fn get_near(&self, kind: &str, id: &str) -> Option<File> {
        let path = self.path(kind, id);
        let file = File::open(&path).ok()?;
        let mut byte = [0];
        let first = preadv2(&file, &mut [io::IoSliceMut::new(&mut byte)], 0, ReadWriteFlags::NOWAIT);
        let near = first == Ok(1) && Sealed::of(&path)?.is_untouched(self.identity(kind, id, &file).ok()?);
        near.then_some(file)
    }

    /// [`Cache::get`] or [`Cache::get_near`].
    pub(crate) fn find(&self, kind: &str, id: &str, wait: Wait) -> Option<File> {
        match wait {
            Wait::May => self.get(kind, id),
            Wait::Never => self.get_near(kind, id),
        }
    }

    /// Removes a file that is of no use. What runs on it keeps it until its end.
    pub(crate) fn remove(&self, kind: &str, id: &str) {
        for path in self.files_of(kind, id) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "A cached file cannot be removed.")
                }
                _ => {}
            }
        }
    }

    /// A file that has not been touched since this machine sealed it, or checked its seal, is not read again.
    fn verify(&self, kind: &str, id: &str, path: &Path, file: &mut File) -> io::Result<bool> {
        let Some(sealed) = Sealed::of(path) else { return Ok(false) };
        let identity = self.identity(kind, id, file)?;
        if sealed.is_untouched(identity.clone()) {
            return Ok(true);
        }
        if self.seal(kind, id, file)?.verify_slice(sealed.content()).is_err() {
            return Ok(false);
        }
        self.remember(path, sealed.content(), identity)?;
        Ok(true)
    }

    /// Writes the seal anew, with what tells that the file is still the same one.
    fn remember(&self, path: &Path, content: &[u8], identity: Hmac<Sha256>) -> io::Result<()> {
        let mut fresh = self.scratch_file()?;
        fresh.write_all(&[content, &identity.chain_update(content).finalize().into_bytes()[..]].concat())?;
        fresh.persist(seal_path(path)).map(|_| ()).map_err(|error| error.error)
    }

    /// The file's place, size and times on this start of the machine: after a power cut its content counts again.
    fn identity(&self, kind: &str, id: &str, file: &File) -> io::Result<Hmac<Sha256>> {
        let data = file.metadata()?;
        let times = (data.mtime(), data.mtime_nsec(), data.ctime(), data.ctime_nsec());
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(
            format!("untouched {kind}/{id}\n{} {:?}\n{}\n", self.boot, (data.dev(), data.ino(), data.len()), format_args!("{times:?}")).as_bytes(),
        );
        Ok(mac)
    }

    /// The name is sealed too, so that one app's code cannot stand in for another's.
    fn seal(&self, kind: &str, id: &str, file: &mut File) -> io::Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(format!("{kind}/{id}\n").as_bytes());
        let mut buffer = vec![0; 256 << 10];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(mac),
                n => mac.update(&buffer[..n]),
            }
        }
    }

    /// The file and its seal, in the order in which they are removed.
    pub(crate) fn files_of(&self, kind: &str, id: &str) -> [PathBuf; 2] {
        let path = self.path(kind, id);
        [seal_path(&path), path]
    }

    /// Names this start of the machine.
    pub(crate) fn boot(&self) -> &str {
        &self.boot
    }

    /// Where a file is, or would be.
    pub(crate) fn path(&self, kind: &str, id: &str) -> PathBuf {
        self.dir.join(kind).join(id)
    }
    /// Makes the folder that a file of the cache lies in.
    pub(crate) fn make_folder_of(&self, path: &Path) -> io::Result<()> {
        make_dir(path.parent().expect("a cache path has a folder"))
    }
    fn fails(&self, source: io::Error) -> RuntimeError {
        RuntimeError::Cache { path: self.dir.clone(), source }
    }
}

/// What a seal's file holds, or the part of it that is there.
struct Sealed {
    bytes: [u8; 2 * SEAL_BYTES],
    length: usize,
}

impl Sealed {
    fn of(path: &Path) -> Option<Self> {
        let mut bytes = [0; 2 * SEAL_BYTES];
        let length = File::open(seal_path(path)).ok()?.read(&mut bytes).ok()?;
        Some(Self { bytes, length })
    }
    fn content(&self) -> &[u8] {
        &self.bytes[..self.length.min(SEAL_BYTES)]
    }
    /// Whether the file was the same one when it was sealed, or its seal was last checked.
    fn is_untouched(&self, identity: Hmac<Sha256>) -> bool {
        identity.chain_update(self.content()).verify_slice(&self.bytes[self.content().len()..self.length]).is_ok()
    }
}

/// Where an open file can be opened again by name, even if its own name now belongs to another file.
pub(crate) fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Names everything that compiled code depends on: engine version, settings, processor features.
pub(crate) fn compatibility<'a>(engines: impl IntoIterator<Item = &'a Engine>) -> String {
    struct Sha(Sha256);
    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hasher = Sha(Sha256::new());
    engines.into_iter().for_each(|engine| engine.precompile_compatibility_hash().hash(&mut hasher));
    format!("engine-{}", &hex::encode(hasher.0.finalize())[..16])
}

fn boot() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
}

/// The node's key, made on first use.
fn key(root: &Path) -> io::Result<[u8; 32]> {
    make_dir(root)?;
    let path = root.join("key");
    if let Ok(mut file) = private_file(&path) {
        file.write_all(&rand::random::<[u8; 32]>())?;
        file.sync_all()?;
    }
    match fs::read(&path)?.try_into() {
        Ok(key) => Ok(key),
        Err(_) => {
            fs::remove_file(&path)?;
            Err(io::Error::other("its key is damaged and was removed. Start again: all apps are compiled anew."))
        }
    }
}

fn sweep(root: &Path, current: &str) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("engine-") && name != current {
            fs::remove_dir_all(entry.path())?;
        }
    }
    sweep_scratch(&root.join("scratch"))
}

/// Removes what a killed process left; younger things may be another process's, which shares the cache.
fn sweep_scratch(scratch: &Path) -> io::Result<()> {
    const ABANDONED_AFTER: Duration = Duration::from_secs(3600);
    let Ok(entries) = fs::read_dir(scratch) else { return Ok(()) };
    for entry in entries {
        let (path, data) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let old = data.modified()?.elapsed().is_ok_and(|age| age > ABANDONED_AFTER);
        match old {
            true if data.is_dir() => fs::remove_dir_all(path)?,
            true => fs::remove_file(path)?,
            false => {}
        }
    }
    Ok(())
}

fn make_dir(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}
fn seal_path(path: &Path) -> PathBuf {
    path.with_extension("seal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(root: &Path) -> Cache {
        Cache::open(root, [&crate::engine::for_worker(crate::engine::Kind::Plain).unwrap()]).unwrap()
    }
    fn put(cache: &Cache, id: &str, content: &[u8]) {
        let dir = cache.scratch().unwrap();
        fs::write(dir.path().join("out"), content).unwrap();
        cache.put("code", id, &dir.path().join("out")).unwrap();
    }

    #[test]
    fn what_was_put_is_found_again_after_a_restart() {
        let root = tempfile::tempdir().unwrap();
        put(&cache(root.path()), "a", b"native");
        let mut content = String::new();
        let mut file = fs::File::open(path_of(&cache(root.path()).get("code", "a").unwrap())).unwrap();
        file.read_to_string(&mut content).unwrap();
        assert_eq!(content, "native");
    }

    #[test]
    fn a_changed_swapped_or_unsealed_file_is_not_found() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path());
        for id in ["changed", "swapped", "unsealed"] {
            put(&cache, id, id.as_bytes());
        }
        fs::write(cache.path("code", "changed"), b"Changed").unwrap();
        fs::copy(cache.path("code", "unsealed"), cache.path("code", "swapped")).unwrap();
        fs::copy(seal_path(&cache.path("code", "unsealed")), seal_path(&cache.path("code", "swapped"))).unwrap();
        fs::remove_file(seal_path(&cache.path("code", "unsealed"))).unwrap();
        for id in ["changed", "swapped", "unsealed", "never put"] {
            assert!(cache.get("code", id).is_none(), "{id}");
        }
    }

    #[test]
    fn other_users_cannot_look_inside() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("cache");
        let cache = cache(&dir);
        for path in [&dir, &cache.dir] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o700);
        }
        assert_eq!(fs::metadata(dir.join("key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
