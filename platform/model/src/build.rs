//! A build: one run of a buildpack over a pushed source.
use crate::{AppId, BuildId, ReleaseId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

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
}
