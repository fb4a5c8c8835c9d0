use crate::{AccountRef, AppRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Release {
    pub id: Uuid,
    pub app: AppRef,
    pub version: u32,
    /// `succeeded`, `failed` or `pending`
    #[schema(example = "succeeded")]
    pub status: String,
    pub current: bool,
    #[schema(example = "Deploy 4c47f1a2")]
    pub description: String,
    pub user: AccountRef,
    pub slug: Option<SlugRef>,
    pub addon_plan_names: Vec<String>,
    /// The build's output; null when the release was not made by a build.
    pub output_stream_url: Option<String>,
    pub eligible_for_rollback: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Where this very release answers, for as long as it is kept. Ours.
    #[schema(example = "http://hello--v3.localhost:8080/")]
    pub web_url: String,
    /// The commit that was deployed. Ours.
    pub commit: Option<String>,
    /// The build that made the slug. Ours.
    pub build: Option<Uuid>,
    /// What its code may do, read off its imports. Ours.
    #[schema(example = json!(["config", "http-out", "log"]))]
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// The hosts that it may call. Ours.
    #[schema(example = json!(["api.example.com"]))]
    #[serde(default)]
    pub egress: Vec<String>,
    /// The Procfile's process types and their commands; `web` and `release` run, others are recorded. Ours.
    #[schema(example = json!({"web": "node server.js", "worker": "node worker.js"}))]
    #[serde(default)]
    pub process_types: BTreeMap<String, String>,
    /// The commands that app.json wants to run at times; they are recorded, and not run yet. Ours.
    #[serde(default)]
    pub cron: Vec<Cron>,
}

/// A command and when it wants to run, as Dokku writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cron {
    pub command: String,
    #[schema(example = "0 3 * * *")]
    pub schedule: String,
    pub maintenance: bool,
    /// `allow`, `forbid` or `replace`
    pub concurrency_policy: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlugRef {
    /// sha256 of the slug.
    pub id: String,
}

/// `release` names an earlier release (id or number) to go back to; `slug` the id of a slug that was sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewRelease {
    pub release: Option<String>,
    pub slug: Option<String>,
    pub description: Option<String>,
}
