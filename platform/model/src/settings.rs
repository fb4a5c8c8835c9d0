//! Settings of a release: how its app wants to be run, beside code and config vars.
use crate::{Egress, limits::LimitOverrides};
use serde::{Deserialize, Serialize};

/// Each release has its own, taken over from the one before; a rollback brings back the old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub limits: LimitOverrides,
    /// The hosts that the app may call.
    #[serde(skip_serializing_if = "Egress::is_empty")]
    pub egress: Egress,
}

impl Settings {
    /// Of a release by a push: those of the one before, and the hosts that the pushed app.json asks for.
    pub fn deployed(mut self, asked: Egress) -> Self {
        self.egress.0.extend(asked.0);
        self
    }
}
