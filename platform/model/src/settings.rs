//! Settings of a release: how its app wants to be run, beside code and config vars.
use crate::{
    Declared, Egress,
    egress::{BadEgress, EgressPatch},
    limits::LimitOverrides,
};
use serde::{Deserialize, Serialize};

/// Each release has its own, taken over from the one before; a rollback brings back the old ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub limits: LimitOverrides,
    /// The hosts that the app may call.
    #[serde(skip_serializing_if = "Egress::is_empty")]
    pub egress: Egress,
    /// Those that its source asks for: a push allows them once, so that one which the owner denies stays denied.
    #[serde(skip_serializing_if = "Egress::is_empty")]
    pub asked: Egress,
    /// Those that the owner has allowed: they stay when the source no longer asks for them.
    #[serde(skip_serializing_if = "Egress::is_empty")]
    pub granted: Egress,
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
    /// Of a release by a push: those of the one before, what the source asks for that it did not ask for then, and what it declares. Hosts that only the
    /// source had asked for go when it no longer does.
    pub fn deployed(mut self, asked: Asked) -> Self {
        let no_more = |rule: &_| self.asked.0.contains(rule) && !asked.egress.0.contains(rule) && !self.granted.0.contains(rule);
        self.egress.0.retain(|rule| !no_more(rule));
        self.egress.0.extend(asked.egress.0.difference(&self.asked.0).cloned());
        self.asked = asked.egress;
        self.declared = asked.declared;
        self
    }

    /// What its source asked for.
    pub fn asked(self) -> Asked {
        Asked { egress: self.asked, declared: self.declared }
    }

    /// With the owner's change of the hosts.
    pub fn allowing(mut self, patch: &EgressPatch) -> Result<Self, BadEgress> {
        self.egress = self.egress.patched(patch)?;
        self.granted.0.retain(|rule| !patch.deny.contains(rule));
        self.granted.0.extend(patch.allow.iter().cloned());
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Egress {
        Egress(text.split_whitespace().map(|host| host.parse().unwrap()).collect())
    }

    /// A push of a source that asks for these.
    fn push(settings: Settings, asked: &str) -> Settings {
        settings.deployed(Asked { egress: hosts(asked), ..Asked::default() })
    }

    fn change(settings: Settings, allow: &str, deny: &str) -> Settings {
        let list = |text: &str| hosts(text).0.into_iter().collect();
        settings.allowing(&EgressPatch { allow: list(allow), deny: list(deny) }).unwrap()
    }

    #[test]
    fn what_the_owner_denies_stays_denied_while_the_source_asks_for_it() {
        let first = push(Settings::default(), "a.test b.test");
        assert_eq!(first.egress, hosts("a.test b.test"));
        let denied = change(first, "", "a.test");
        assert_eq!(push(denied.clone(), "a.test b.test c.test").egress, hosts("b.test c.test"));
        assert_eq!(push(push(denied.clone(), "b.test"), "a.test b.test").egress, hosts("a.test b.test"), "asked for anew");
        assert_eq!(push(change(denied, "a.test", ""), "a.test").egress, hosts("a.test"));
    }

    #[test]
    fn what_the_source_no_longer_asks_for_goes_unless_the_owner_has_allowed_it() {
        let settings = change(push(Settings::default(), "a.test b.test"), "a.test c.test", "");
        assert_eq!(push(settings.clone(), "").egress, hosts("a.test c.test"));
        assert_eq!(push(change(settings, "", "a.test"), "").egress, hosts("c.test"));
    }

    #[test]
    fn hosts_of_before_it_was_known_who_asked_for_them_stay() {
        let old: Settings = serde_json::from_str(r#"{ "egress": ["a.test", "b.test"] }"#).unwrap();
        assert_eq!(push(push(old, "a.test"), "a.test").egress, hosts("a.test b.test"));
    }

    #[test]
    fn what_a_built_release_keeps_is_what_its_source_asked_for() {
        let asked = Asked { egress: hosts("a.test"), ..Asked::default() };
        let kept: Settings = serde_json::from_value(serde_json::to_value(Settings::default().deployed(asked.clone())).unwrap()).unwrap();
        assert_eq!(kept.asked(), asked);
    }
}
