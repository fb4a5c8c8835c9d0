//! Slugs' files as folders on this node's disk: made when a release needs one, removed when none does and there are too many.
use super::Folder;
use crate::{RuntimeError, Shared, compile::blocking};
use paas_model::{Digest, Target, slug::BlobDir};
use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::SystemTime,
};

/// Folders that no current release needs, beyond these, go, the longest unused first. One that is needed again is made again.
const KEPT: usize = 1_000;
/// Beside a folder: the start of the machine on which it was seen whole.
const SEEN: &str = "seen";

/// All folders of a node: `<root>/<slug's digest>`.
pub(crate) struct Trees {
    root: PathBuf,
    /// Names this start of the machine.
    boot: String,
    known: Mutex<HashMap<Digest, Weak<Folder>>>,
}

/// A slug's folder, which stays while this lives.
pub(crate) type Tree = Arc<Folder>;

impl Trees {
    pub(crate) fn new(root: PathBuf, boot: String) -> Self {
        Self { root, boot, known: Mutex::default() }
    }

    /// The folder of the slug that `target` runs, made now if it is not there; `None` if its app sees no files.
    pub(crate) async fn of(rt: &Arc<Shared>, target: &Target) -> Result<Option<Tree>, RuntimeError> {
        let (rt, target) = (rt.clone(), target.clone());
        blocking(move || Self::find(&rt, &target)).await?
    }

    /// As [`Trees::of`], for a thread that may wait for the disk.
    pub(crate) fn find(rt: &Shared, target: &Target) -> Result<Option<Tree>, RuntimeError> {
        if target.manifest.app_files.is_none() {
            return Ok(None);
        }
        if let Some(tree) = rt.trees.known(target.slug) {
            return Ok(Some(tree));
        }
        let _one = rt.opening.lock(("files", target.slug));
        match rt.trees.known(target.slug) {
            Some(tree) => Ok(Some(tree)),
            None => rt.trees.open(rt, target).map(Some),
        }
    }

    /// Whether [`Trees::find`] waits for no disk.
    pub(crate) fn is_near(rt: &Shared, target: &Target) -> bool {
        target.manifest.app_files.is_none() || rt.trees.known(target.slug).is_some()
    }

    fn known(&self, slug: Digest) -> Option<Tree> {
        self.all().get(&slug)?.upgrade()
    }

    fn open(&self, rt: &Shared, target: &Target) -> Result<Tree, RuntimeError> {
        let path = self.root.join(target.slug.to_string());
        let fails = |source| RuntimeError::Cache { path: path.clone(), source };
        if !self.was_seen(&path) {
            if !is_whole(&path, target) {
                let scratch = rt.cache.scratch()?;
                make(scratch.path(), &path, target, &rt.blobs).map_err(fails)?;
            }
            fs::write(path.with_extension(SEEN), &self.boot).map_err(fails)?;
        }
        // Its time says when it was last needed.
        File::open(&path).and_then(|folder| folder.set_modified(SystemTime::now())).map_err(fails)?;
        let tree = Arc::new(Folder::new(path));
        self.all().insert(target.slug, Arc::downgrade(&tree));
        Ok(tree)
    }

    /// Whether all of it was there since the machine started: nobody but us touches it, and looking for thousands of files takes milliseconds.
    fn was_seen(&self, path: &Path) -> bool {
        path.is_dir() && fs::read_to_string(path.with_extension(SEEN)).is_ok_and(|boot| boot == self.boot)
    }

    /// Keeps the folders of a node bounded.
    pub(crate) fn tidy(&self, current: &[Target]) {
        let mut known = self.all();
        known.retain(|_, tree| tree.strong_count() > 0);
        let needed: HashSet<Digest> = known.keys().copied().chain(current.iter().flat_map(slugs)).collect();
        drop(known);
        let slug = |path: &Path| path.file_name()?.to_str()?.parse::<Digest>().ok();
        let unused = |entry: fs::DirEntry| {
            let path = entry.path();
            slug(&path).filter(|slug| !needed.contains(slug))?;
            Some((entry.metadata().ok()?.modified().ok()?, path))
        };
        let mut unused: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.root).into_iter().flatten().flatten().filter_map(unused).collect();
        unused.sort();
        for (_, path) in unused.iter().rev().skip(KEPT) {
            // Its mark goes first: what is half removed is made again.
            let marked =
                fs::remove_file(path.with_extension(SEEN)).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) });
            if let Err(error) = marked.and_then(|()| fs::remove_dir_all(path)) {
                tracing::warn!(path = %path.display(), %error, "A slug's unused files cannot be removed.");
            }
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Weak<Folder>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The slugs whose files a release sees: those of its components, if it has several.
fn slugs(target: &Target) -> Vec<Digest> {
    match target.manifest.components() {
        None => vec![target.slug],
        Some(parts) => parts.components.values().map(|component| target.part(parts, component).slug).collect(),
    }
}

/// Whether all files are there with their sizes: a disk that was full or a power cut may have left less.
fn is_whole(path: &Path, target: &Target) -> bool {
    let is_there = |name: &str, size: u64| fs::symlink_metadata(path.join(name)).is_ok_and(|found| found.is_file() && found.len() == size);
    path.is_dir() && target.manifest.app_files().is_some_and(|mut files| files.all(|(name, file)| is_there(name, file.size)))
}

/// Makes the folder under another name and moves it to its place whole.
fn make(scratch: &Path, path: &Path, target: &Target, blobs: &BlobDir) -> io::Result<()> {
    let new = scratch.join("new");
    fs::create_dir(&new)?;
    for (name, file) in target.manifest.app_files().into_iter().flatten() {
        let place = new.join(name);
        fs::create_dir_all(place.parent().expect("it lies below `new`"))?;
        place_blob(&blobs.path(&file.digest), &place)?;
    }
    fs::create_dir_all(path.parent().expect("it lies below the root"))?;
    if path.exists() {
        fs::rename(path, scratch.join("damaged"))?;
    }
    fs::rename(&new, path)
}

/// A hard link takes no room; a copy where there can be none: another file system, or too many links.
fn place_blob(blob: &Path, place: &Path) -> io::Result<()> {
    fs::hard_link(blob, place).or_else(|_| fs::copy(blob, place).map(|_| ()))
}
