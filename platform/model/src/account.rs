//! An account: whoever may call the API.
use crate::AccountId;
use chrono::{DateTime, Utc};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub created_at: DateTime<Utc>,
}
