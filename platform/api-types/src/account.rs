use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The account that the request's key belongs to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Account {
    pub id: Uuid,
    pub email: String,
    pub name: Option<String>,
    pub beta: bool,
    pub verified: bool,
    pub two_factor_authentication: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// An account where another object names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountRef {
    pub id: Uuid,
    pub email: String,
}

/// Signing in to the dashboard with an API key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NewSession {
    pub key: String,
}
