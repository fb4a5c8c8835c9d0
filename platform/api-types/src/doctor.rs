use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One thing that the platform looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    #[schema(example = "build sandbox")]
    pub name: String,
    /// `ok`, or `warning`: it works, but not as well or as safely as it could; or `failed`.
    #[schema(example = "ok")]
    pub status: String,
    /// What was found, and what to do about it.
    pub detail: String,
}
