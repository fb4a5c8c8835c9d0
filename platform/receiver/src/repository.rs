//! The bare repositories: making, removing, reading and tidying them. All of it blocks.
use crate::ReceiverError;
use git2::{ErrorCode, Repository, RepositoryInitOptions};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Leftovers of younger pushes stay: the git of a paasd that was killed may still be ending.
const STALE: Duration = Duration::from_secs(60 * 60);

/// The objects of a repository together with those of a push that isn't accepted yet.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    pub repository: PathBuf,
    /// Where git put the pushed objects; `None` if the push brought none.
    pub quarantine: Option<PathBuf>,
}

impl Objects {
    pub fn open(&self) -> Result<Repository, git2::Error> {
        let repository = Repository::open_bare(&self.repository)?;
        if let Some(quarantine) = &self.quarantine {
            let path = quarantine.to_str().ok_or_else(|| git2::Error::from_str("the quarantine's path is not UTF-8"))?;
            repository.odb()?.add_disk_alternate(path)?;
        }
        Ok(repository)
    }
}

pub(crate) fn create(path: &Path) -> Result<(), ReceiverError> {
    if path.join("HEAD").is_file() {
        return Ok(());
    }
    let mut options = RepositoryInitOptions::new();
    options.bare(true).mkpath(true).external_template(false).initial_head("main");
    Repository::init_opts(path, &options).map(drop).map_err(ReceiverError::repository("making a repository"))
}

/// Under another name first: a repository that is half removed must not be taken for one.
pub(crate) fn delete(path: &Path) -> Result<(), ReceiverError> {
    let doomed = path.with_extension(format!("deleted-{}", uuid::Uuid::new_v4()));
    match fs::rename(path, &doomed) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(ReceiverError::file("removing a repository", path)(error)),
        Ok(()) => fs::remove_dir_all(&doomed).map_err(ReceiverError::file("removing a repository", doomed)),
    }
}

pub(crate) fn reference(path: &Path, name: &str) -> Result<Option<String>, ReceiverError> {
    match Repository::open_bare(path).and_then(|repository| repository.refname_to_id(name)) {
        Ok(id) => Ok(Some(id.to_string())),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(ReceiverError::repository("reading a ref")(error)),
    }
}

/// Removes what pushes that were cut off left behind, and repositories whose removal was. What cannot be removed only takes space.
pub(crate) fn sweep(repos: &Path) -> Result<(), ReceiverError> {
    for repository in entries(repos)? {
        if name_of(&repository).contains(".deleted-") {
            clear(&repository);
            continue;
        }
        let objects = entries(&repository.join("objects"))?;
        objects.iter().filter(|path| is_quarantine(path) && is_stale(path)).for_each(|leftover| clear(leftover));
    }
    Ok(())
}

fn clear(leftover: &Path) {
    match fs::remove_dir_all(leftover) {
        Ok(()) => tracing::info!(path = %leftover.display(), "removed what was left behind"),
        Err(error) => tracing::warn!(path = %leftover.display(), error = &error as &dyn std::error::Error, "removing what was left behind failed"),
    }
}

/// git's name for it is `tmp_objdir-incoming-XXXXXX`, and was `incoming-XXXXXX` before version 2.36.
pub(crate) fn is_quarantine(path: &Path) -> bool {
    let name = name_of(path);
    name.starts_with("tmp_objdir-incoming-") || name.starts_with("incoming-")
}

fn is_stale(path: &Path) -> bool {
    let modified = path.symlink_metadata().and_then(|metadata| metadata.modified());
    modified.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > STALE))
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The paths in a folder; none if there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReceiverError> {
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect());
    match listed {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        other => other.map_err(ReceiverError::file("listing a folder", folder)),
    }
}
