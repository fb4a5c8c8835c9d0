use crate::{AccountRef, AppRef, SlugRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// The buildpacks that made the slug, in the order they ran; empty until there is a slug.
    #[serde(default)]
    pub buildpacks: Vec<BuildpackUsed>,
    /// Programs and engines that made the slug, and their versions, as the buildpacks tell them. Ours.
    #[schema(example = json!({"go": "1.27.3"}))]
    #[serde(default)]
    pub toolchain: BTreeMap<String, String>,
    /// The lock files of the source, as pushed. Ours.
    #[serde(default)]
    pub locks: Vec<LockFile>,
    /// sha256 of the bill of materials, which `…/sbom` below the build shows; null until there is a slug. Ours.
    #[serde(default)]
    pub sbom: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildpackUsed {
    #[schema(example = "javascript")]
    pub name: String,
    /// As the app names it.
    #[schema(example = "javascript")]
    pub url: String,
    /// Null for a buildpack of others: its source is fetched anew for each build. Ours.
    #[schema(example = "0.2.0")]
    pub version: Option<String>,
}

/// A file that pins what an app depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LockFile {
    #[schema(example = "package-lock.json")]
    pub name: String,
    pub sha256: String,
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
    /// The commit, or what whoever sent an archive calls its version.
    pub version: Option<String>,
    pub version_description: Option<String>,
}

/// A build of an archive that was sent to this server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewBuild {
    pub source_blob: NewSourceBlob,
    /// For this build alone; none: the app's own, or what fits.
    #[serde(default)]
    pub buildpacks: Vec<NewBuildpack>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewSourceBlob {
    /// The `get_url` of a source of this server; no other address is fetched.
    pub url: String,
    /// Up to 100 printable characters, such as a commit; the archive's sha256 if it is left out.
    pub version: Option<String>,
    /// `SHA256:` and the archive's sha256 in hex: refused if another archive arrived.
    #[schema(example = "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    pub checksum: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewBuildpack {
    /// As `paas buildpacks:set` takes it.
    #[schema(example = "javascript")]
    pub url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReleaseRef {
    pub id: Uuid,
}
