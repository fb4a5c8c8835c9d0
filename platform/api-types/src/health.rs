use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether this process serves. Apps go on answering while the store is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`
    pub status: String,
    /// `ok` or `unavailable`
    pub store: String,
}
