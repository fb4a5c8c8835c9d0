use crate::AccountRef;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct App {
    pub id: Uuid,
    #[schema(example = "hello")]
    pub name: String,
    /// Where the app answers, with a slash at the end.
    #[schema(example = "http://hello.localhost:8080/")]
    pub web_url: String,
    #[schema(example = "http://paas.localhost:8080/hello.git")]
    pub git_url: String,
    pub owner: AccountRef,
    pub region: Region,
    pub stack: Stack,
    pub build_stack: Stack,
    pub maintenance: bool,
    /// Always `complete`: an app exists as a whole or not at all.
    pub create_status: String,
    pub buildpack_provided_description: Option<String>,
    /// Bytes of the current slug; null before the first deploy.
    pub slug_size: Option<u64>,
    pub repo_size: Option<u64>,
    pub acm: bool,
    pub archived_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub released_at: Option<DateTime<Utc>>,
    /// Number of the release that answers now. Ours.
    pub current_release: u32,
    /// Who made the newest release. Ours.
    pub released_by: Option<String>,
}

/// An app where another object names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppRef {
    pub id: Uuid,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Region {
    pub id: Uuid,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stack {
    pub id: Uuid,
    pub name: String,
}

/// Creates an app; a name is made up when none is given.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewApp {
    #[schema(example = "hello")]
    pub name: Option<String>,
}

/// Changes an app; what is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct AppUpdate {
    pub maintenance: Option<bool>,
}
