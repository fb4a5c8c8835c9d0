//! Settings of a release: how its app wants to be run, beside code and config vars.
use crate::{Declared, Egress, limits::LimitOverrides};
use serde::{Deserialize, Serialize};

/// Each release has its own, taken over from the one before; a rollback brings back the old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub limits: LimitOverrides,
    /// The hosts that the app may call.
    #[serde(skip_serializing_if = "Egress::is_empty")]
    pub egress: Egress,
    /// What the source says of further processes.
    #[serde(skip_serializing_if = "Declared::is_empty")]
    pub declared: Declared,
}

/// What a source asks for: all that of its release's settings is not the owner's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The hosts that the app wants to call.
    pub egress: Egress,
    pub declared: Declared,
}

impl Settings {
    /// Of a release by a push: those of the one before, the hosts that the source asks for, and what it declares.
    pub fn deployed(mut self, asked: Asked) -> Self {
        self.egress.0.extend(asked.egress.0);
        self.declared = asked.declared;
        self
    }

    /// What its source asked for; the hosts that its owner allowed are among them.
    pub fn asked(self) -> Asked {
        Asked { egress: self.egress, declared: self.declared }
    }
}
