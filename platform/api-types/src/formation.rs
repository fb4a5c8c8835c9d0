use crate::{AccountRef, AppRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How many instances a process type has. Instances are made per request here, so `web` counts as one while there is code.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Formation {
    pub id: Uuid,
    pub app: AppRef,
    /// The process type.
    #[serde(rename = "type")]
    #[schema(example = "web")]
    pub process_type: String,
    /// How it is started, in words.
    pub command: String,
    /// How many run: one `web` while there is code, and none of what is only recorded.
    pub quantity: u32,
    pub size: String,
    /// What the formation of app.json asks for; it is recorded. Ours.
    #[serde(default)]
    pub declared: Option<DeclaredFormation>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeclaredFormation {
    pub quantity: Option<u32>,
    pub size: Option<String>,
}

/// What Heroku calls a dyno: that a process type of the current release answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Dyno {
    pub id: Uuid,
    pub app: AppRef,
    #[schema(example = "web.1")]
    pub name: String,
    #[serde(rename = "type")]
    #[schema(example = "web")]
    pub process_type: String,
    /// How it is started, in words.
    pub command: String,
    pub size: String,
    /// `up`
    pub state: String,
    pub release: DynoRelease,
    pub attach_url: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The release that a dyno runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DynoRelease {
    pub id: Uuid,
    pub version: u32,
}

/// Someone who may work on an app.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Collaborator {
    pub id: Uuid,
    pub app: AppRef,
    pub user: AccountRef,
    /// `owner`
    pub role: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
