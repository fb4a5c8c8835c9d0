use crate::{AccountRef, AppRef, SlugRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Build {
    pub id: Uuid,
    pub app: AppRef,
    pub user: AccountRef,
    /// `pending`, `succeeded` or `failed`
    #[schema(example = "succeeded")]
    pub status: String,
    pub source_blob: SourceBlob,
    /// Streams the output: what there is, then what comes, until the build ends. Plain text.
    pub output_stream_url: String,
    /// Id of the buildpack used; null until detection ended. Ours.
    pub buildpack: Option<String>,
    pub release: Option<ReleaseRef>,
    pub slug: Option<SlugRef>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When it ended; null while it runs. Ours.
    pub finished_at: Option<DateTime<Utc>>,
    /// How long its parts took, in their order; empty while it runs. Ours.
    #[serde(default)]
    pub phases: Vec<BuildPhase>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildPhase {
    /// `checkout`, `detect`, `toolchain`, `build`, `store`, `compile`, `boot`, `release`
    #[schema(example = "build")]
    pub name: String,
    /// Milliseconds.
    pub ms: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SourceBlob {
    pub url: Option<String>,
    /// The commit.
    pub version: Option<String>,
    pub version_description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseRef {
    pub id: Uuid,
}
