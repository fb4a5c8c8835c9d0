//! Keeps the snapshots of a node bounded. One that is needed again is made again; one that runs stays mapped.
use super::{
    Files, SNAPSHOT,
    resting::{self, PACKED},
};
use crate::{RuntimeError, Shared, booted, python};
use paas_model::{AppId, Launch, Target};
use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The cache's kind for the names of an app's snapshots, a line for each: a boot may be of a push that never became a release.
const BOOTED: &str = "booted";

/// The disk for snapshots of releases that are not current, of each kind: a rollback or a release's own host may want them.
const OTHERS_BYTES: u64 = 2 << 30;

/// Removes what none of `current` needs, but for the newest within [`OTHERS_BYTES`].
pub(crate) fn tidy(rt: &Shared, current: &[Target]) {
    let needed = needed(current);
    for path in [SNAPSHOT, PACKED].iter().flat_map(|kind| beyond(OTHERS_BYTES, others(rt, kind, &needed))) {
        for path in [path.clone(), path.with_extension("seal")] {
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(path = %path.display(), %error, "An old snapshot cannot be removed.");
            }
        }
    }
}

/// Notes that a snapshot is about to be there because of this app.
pub(super) fn note(rt: &Shared, app: AppId, id: &str) -> Result<(), RuntimeError> {
    let path = rt.cache.path(BOOTED, &app.to_string());
    let _one = rt.opening.lock((BOOTED, app));
    let mut ids = booted(&path);
    ids.retain(|id| resting::is_there(rt, id));
    ids.insert(id.into());
    write(rt, &path, &ids).map_err(|source| RuntimeError::Cache { path, source })
}

/// Removes the snapshots of an app that is gone, and of these releases of its: their config is in them.
pub(crate) fn forget(rt: &Shared, app: AppId, gone: &[Target]) {
    rt.zygotes.forget(app);
    let path = rt.cache.path(BOOTED, &app.to_string());
    let mut ids = needed(gone);
    ids.extend(booted(&path));
    ids.iter().for_each(|id| resting::forget(rt, id));
    if let Err(error) = fs::remove_file(&path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(path = %path.display(), %error, "The list of an app's snapshots cannot be removed.");
    }
}

fn booted(path: &Path) -> HashSet<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(String::from).collect()
}

fn write(rt: &Shared, path: &Path, ids: &HashSet<String>) -> io::Result<()> {
    let mut file = rt.cache.scratch_file()?;
    for id in ids {
        writeln!(file, "{id}")?;
    }
    rt.cache.make_folder_of(path)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Names of the snapshots of these releases; only apps that boot have any.
fn needed(current: &[Target]) -> HashSet<String> {
    let id = |target: &Target| match target.manifest.web()? {
        Launch::Javascript { .. } => Some(Files::of_target(target).ok()?.snapshot_id(target)),
        Launch::Python { .. } => Some(python::snapshot_id(target)),
        Launch::Wasm { boots: true, .. } => Some(booted::snapshot_id(target)),
        Launch::Wasm { .. } | Launch::Static(_) | Launch::Components(_) => None,
    };
    current.iter().filter_map(id).collect()
}

/// A file that may go: when it was written, what it takes on the disk, and where it is.
type Other = (SystemTime, u64, PathBuf);

/// All other snapshots.
fn others(rt: &Shared, kind: &str, needed: &HashSet<String>) -> Vec<Other> {
    let entries = fs::read_dir(rt.cache.path(kind, "")).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.path().extension().is_none() && !needed.contains(&*entry.file_name().to_string_lossy()))
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            Some((data.modified().ok()?, data.blocks() * 512, entry.path()))
        })
        .collect()
}

/// Those for which there is no room beside the ones written later.
fn beyond(bytes: u64, mut files: Vec<Other>) -> impl Iterator<Item = PathBuf> {
    files.sort();
    let mut taken = 0;
    files.into_iter().rev().filter_map(move |(_, size, path)| {
        taken += size;
        (taken > bytes).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_newest_stay_for_which_there_is_room() {
        let file = |age: u64, size| (SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 - age), size, PathBuf::from(age.to_string()));
        let gone = |bytes| beyond(bytes, vec![file(2, 20), file(3, 5), file(1, 10)]).collect::<Vec<_>>();
        assert!(gone(35).is_empty());
        assert_eq!(gone(30), [PathBuf::from("3")]);
        assert_eq!(gone(12), ["2", "3"].map(PathBuf::from));
    }
}
