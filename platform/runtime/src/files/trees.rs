//! Slugs' files as folders on this node's disk: made when a release needs one, removed when none does and there are too many.
use super::Folder;
use crate::{RuntimeError, Shared, compile::blocking};
use paas_model::{Digest, Target, slug::BlobDir};
use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::SystemTime,
};

/// Unused folders beyond these go, the longest unused first. One that is needed again is made again.
const KEPT: usize = 1_000;

/// All folders of a node: `<root>/<slug's digest>`.
pub(crate) struct Trees {
    root: PathBuf,
    known: Mutex<HashMap<Digest, Weak<Folder>>>,
}

/// A slug's folder, which stays while this lives.
pub(crate) type Tree = Arc<Folder>;

impl Trees {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self { root, known: Mutex::default() }
    }

    /// The folder of the slug that `target` runs, made now if it is not there; `None` if its app sees no files.
    pub(crate) async fn of(rt: &Arc<Shared>, target: &Target) -> Result<Option<Tree>, RuntimeError> {
        if target.manifest.app_files.is_none() {
            return Ok(None);
        }
        if let Some(tree) = rt.trees.known(target.slug) {
            return Ok(Some(tree));
        }
        let lock = rt.making.lock(&format!("files of {}", target.slug));
        let _making = lock.lock().await;
        if let Some(tree) = rt.trees.known(target.slug) {
            return Ok(Some(tree));
        }
        let (rt, target) = (rt.clone(), target.clone());
        blocking(move || rt.trees.open(&rt, &target)).await?.map(Some)
    }

    fn known(&self, slug: Digest) -> Option<Tree> {
        self.all().get(&slug)?.upgrade()
    }

    fn open(&self, rt: &Shared, target: &Target) -> Result<Tree, RuntimeError> {
        let path = self.root.join(target.slug.to_string());
        let fails = |source| RuntimeError::Cache { path: path.clone(), source };
        if !is_whole(&path, target) {
            let scratch = rt.cache.scratch()?;
            make(scratch.path(), &path, target, &rt.blobs).map_err(fails)?;
        }
        // Its time says when it was last needed.
        File::open(&path).and_then(|folder| folder.set_modified(SystemTime::now())).map_err(fails)?;
        let tree = Arc::new(Folder::new(path.clone()));
        self.all().insert(target.slug, Arc::downgrade(&tree));
        self.forget_unused();
        Ok(tree)
    }

    /// Keeps the folders of a node bounded.
    fn forget_unused(&self) {
        let mut known = self.all();
        known.retain(|_, tree| tree.strong_count() > 0);
        let used = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse().ok()).is_some_and(|slug: Digest| known.contains_key(&slug));
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut unused: Vec<(SystemTime, PathBuf)> =
            entries.filter(|entry| !used(&entry.path())).filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
        unused.sort();
        for (_, path) in unused.iter().rev().skip(KEPT) {
            if let Err(error) = fs::remove_dir_all(path) {
                tracing::warn!(path = %path.display(), %error, "A slug's unused files cannot be removed.");
            }
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Weak<Folder>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
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
