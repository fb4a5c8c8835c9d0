//! A build: one run of a buildpack over a pushed source.
use crate::{AppId, BuildId, Digest, ReleaseId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildStatus {
    Pending,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    pub id: BuildId,
    pub app: AppId,
    pub status: BuildStatus,
    /// The full commit id.
    pub commit: String,
    /// Id of the buildpack that was used; `None` until detection ended.
    pub buildpack: Option<String>,
    pub release: Option<ReleaseId>,
    pub user_email: String,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Empty until the build ended.
    pub phases: Phases,
    /// Empty until there is a slug.
    pub record: Record,
    /// The document that names the packages in the slug; `None` until there is a slug.
    pub sbom: Option<Digest>,
}

/// What a slug was made with and of. With the commit, it explains why a slug is what it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// In the order they ran.
    pub buildpacks: Vec<BuildpackVersion>,
    /// Programs and engines and their versions, as the buildpacks tell them: `go` to `1.27.3`.
    pub toolchain: BTreeMap<String, String>,
    /// The lock files of the source, as pushed.
    pub locks: Vec<LockFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildpackVersion {
    /// `javascript`, or where somebody else's was found.
    pub name: String,
    /// `None` for somebody else's: its source is fetched anew for each build.
    pub version: Option<String>,
}

/// A file that pins what an app depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockFile {
    /// `package-lock.json`
    pub name: String,
    pub sha256: Digest,
}

/// How long the parts of a push took, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phases(pub Vec<Phase>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// `checkout`, `detect`, `toolchain`, `build`, `store`, `compile`, `boot`, `release`
    pub name: String,
    pub ms: u64,
}

impl Phases {
    /// Adds to the phase `name`; a part that took less than a millisecond is not worth a word.
    pub fn add(&mut self, name: &str, took: Duration) {
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match self.0.iter_mut().find(|phase| phase.name == name) {
            Some(phase) => phase.ms += ms,
            None if ms > 0 => self.0.push(Phase { name: name.into(), ms }),
            None => {}
        }
    }

    /// Does something and adds the time it took.
    pub fn time<T>(&mut self, name: &str, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = work();
        self.add(name, began.elapsed());
        result
    }
}

/// `checkout 0.01s, build 0.32s`
impl fmt::Display for Phases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|phase| format!("{} {:.2}s", phase.name, phase.ms as f64 / 1000.0)).collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_of_one_name_are_one_and_the_shortest_are_left_out() {
        let mut phases = Phases::default();
        for (name, ms) in [("detect", 20), ("toolchain", 0), ("build", 300), ("detect", 5)] {
            phases.add(name, Duration::from_millis(ms));
        }
        assert_eq!(phases.to_string(), "detect 0.03s, build 0.30s");
    }
}
