//! A release: slug + config, numbered, never changed.
use crate::{AppId, BuildId, Digest, ReleaseId, Settings};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Counts from 1 and only grows; written `v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReleaseVersion(u32);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a release. Releases are written v1, v2, …")]
pub struct BadReleaseVersion(String);

impl ReleaseVersion {
    pub const FIRST: Self = Self(1);

    /// `None` for 0.
    pub fn new(number: u32) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }
    pub fn number(self) -> u32 {
        self.0
    }
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

/// Reads `v12` and `12`; never `v012` or `+1`.
impl FromStr for ReleaseVersion {
    type Err = BadReleaseVersion;
    fn from_str(text: &str) -> Result<Self, BadReleaseVersion> {
        let digits = text.strip_prefix('v').unwrap_or(text);
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        let number = plain.then(|| digits.parse().ok()).flatten();
        number.and_then(Self::new).ok_or_else(|| BadReleaseVersion(text.into()))
    }
}

/// Where a release is on its way.
///
/// `Built` has no number yet: a push was built and checked, its ref has not moved. Then either `Succeeded`
/// (it got a number and answers) or `Abandoned` (the ref did not move, or the process died before).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseState {
    Built,
    Succeeded,
    Failed,
    Abandoned,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub id: ReleaseId,
    pub app: AppId,
    /// `None` while `Built` and when `Abandoned`.
    pub version: Option<ReleaseVersion>,
    pub state: ReleaseState,
    /// `Deploy 4c47f1a2`, `Set FOO config vars`, `Rollback to v3`.
    pub description: String,
    /// `None` before the first deploy: there is nothing to run (H81).
    pub slug: Option<Digest>,
    /// The full commit id that the slug was built from.
    pub commit: Option<String>,
    pub build: Option<BuildId>,
    pub settings: Settings,
    /// What its code may do (`http-out`, `log`); empty without code, and for code from before this was kept.
    pub capabilities: Vec<String>,
    pub user_email: String,
    pub created_at: DateTime<Utc>,
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_the_v() {
        assert_eq!("v12".parse(), Ok(ReleaseVersion(12)));
        assert_eq!("12".parse(), Ok(ReleaseVersion(12)));
        for bad in ["", "v", "v0", "0", "v01", "-1", "+1", "v1.0", "vv1", "99999999999"] {
            assert!(bad.parse::<ReleaseVersion>().is_err(), "{bad:?}");
        }
    }
}
