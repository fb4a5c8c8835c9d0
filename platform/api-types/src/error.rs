use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every refusal of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Error {
    /// For programs: `not_found`, `unauthorized`, `invalid_params`, `conflict`, …
    #[schema(example = "not_found")]
    pub id: String,
    /// For people; says what to do next.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
