//! Keeps the snapshots of a node bounded. One that is needed again is made again; one that runs stays mapped.
use super::{Files, SNAPSHOT, resting::PACKED};
use crate::{Shared, python};
use paas_model::{Launch, Target};
use std::{collections::HashSet, fs, path::PathBuf, time::SystemTime};

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

/// Removes the snapshots of releases that are gone: the config of their app is in them.
pub(crate) fn forget(rt: &Shared, gone: &[Target]) {
    for id in needed(gone) {
        [SNAPSHOT, PACKED].iter().for_each(|kind| rt.cache.remove(kind, &id));
    }
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
