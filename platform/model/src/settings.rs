//! Settings of a release: how its app wants to be run, beside code and config vars.
use crate::limits::LimitOverrides;
use serde::{Deserialize, Serialize};

/// Each release has its own, taken over from the one before; a rollback brings back the old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub limits: LimitOverrides,
}
