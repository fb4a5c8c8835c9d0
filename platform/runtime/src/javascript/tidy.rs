//! Keeps the snapshots of a node bounded. One that is needed again is made again; one that runs stays mapped.
use super::{
    Files, SNAPSHOT,
    resting::{self, PACKED},
};
use crate::{RuntimeError, Shared, python};
use paas_model::{AppId, Launch, Target};
use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// The cache's kind for the names of an app's snapshots, a line for each: a boot may be of a push that never became a release.
const BOOTED: &str = "booted";

/// Snapshots of releases that are not current: a rollback or a release's own host may want them. About 2 GB on disk.
const OTHERS: usize = 1_000;

/// Removes what none of `current` needs, but for the newest [`OTHERS`].
pub(crate) fn tidy(rt: &Shared, current: &[Target]) {
    let needed = needed(current);
    for (_, path) in [SNAPSHOT, PACKED].iter().flat_map(|kind| others(rt, kind, &needed).into_iter().rev().skip(OTHERS)) {
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

/// Names of the snapshots of these releases; only interpreted apps have any.
fn needed(current: &[Target]) -> HashSet<String> {
    let id = |target: &Target| match target.manifest.web()? {
        Launch::Javascript { .. } => Some(Files::of_target(target).ok()?.snapshot_id(target)),
        Launch::Python { .. } => Some(python::snapshot_id(target)),
        Launch::Wasm { .. } | Launch::Static(_) | Launch::Components(_) => None,
    };
    current.iter().filter_map(id).collect()
}

/// All other snapshots, oldest first.
fn others(rt: &Shared, kind: &str, needed: &HashSet<String>) -> Vec<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(rt.cache.path(kind, "")).into_iter().flatten().flatten();
    let mut others: Vec<(SystemTime, PathBuf)> = entries
        .filter(|entry| entry.path().extension().is_none() && !needed.contains(&*entry.file_name().to_string_lossy()))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    others.sort();
    others
}
