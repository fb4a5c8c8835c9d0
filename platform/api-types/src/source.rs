use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A place for an archive of source, for an hour.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Source {
    pub source_blob: SourceUrls,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SourceUrls {
    /// What a build names; who knows it may read the archive.
    pub get_url: String,
    /// Takes the archive (`.tar.gz`), once, by PUT.
    pub put_url: String,
}

/// What a slug that was built elsewhere is told by its sender.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewSlug {
    /// Up to 100 printable characters, such as a commit; the archive's sha256 if it is left out.
    pub commit: Option<String>,
}

/// A place for a slug that was built elsewhere, for an hour.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Slug {
    /// What a release names.
    pub id: Uuid,
    pub blob: SlugBlob,
    pub commit: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SlugBlob {
    /// `put`
    pub method: String,
    /// Takes the slug, once: a `.tar.gz` of `slug.toml` and the files it names.
    pub url: String,
}
