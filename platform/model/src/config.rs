//! Config vars and the rules they keep.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// All keys and values of an app together, in bytes.
pub const MAX_TOTAL_BYTES: usize = 64 * 1024;

/// The config vars of one release, sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfigVars(pub BTreeMap<String, String>);

/// A change: `Some` sets, `None` removes.
pub type ConfigPatch = BTreeMap<String, Option<String>>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    #[error("Config var {0:?} is not a valid name. Use letters, digits and underscores, and do not begin with a digit or two underscores.")]
    Key(String),
    #[error("Config var {0} is reserved: names that begin with PAAS_ belong to the platform.")]
    Reserved(String),
    #[error("The value of {0} contains a NUL byte.")]
    Nul(String),
    #[error("Config vars are limited to 64 KB in total; this change would make them {0} bytes.")]
    TooLarge(usize),
}

impl ConfigVars {
    /// These vars, and those of `defaults` that are not among them.
    pub fn with_defaults(&self, defaults: &Self) -> Self {
        let mut vars = defaults.0.clone();
        vars.extend(self.0.clone());
        Self(vars)
    }

    /// These vars with the patch applied, or why not.
    pub fn patched(&self, patch: &ConfigPatch) -> Result<Self, BadConfig> {
        let mut vars = self.0.clone();
        for (key, value) in patch {
            check_key(key)?;
            match value {
                Some(value) if value.contains('\0') => return Err(BadConfig::Nul(key.clone())),
                Some(value) => vars.insert(key.clone(), value.clone()),
                None => vars.remove(key),
            };
        }
        let total = vars.iter().map(|(key, value)| key.len() + value.len()).sum();
        if total > MAX_TOTAL_BYTES {
            return Err(BadConfig::TooLarge(total));
        }
        Ok(Self(vars))
    }
}

pub(crate) fn check_key(key: &str) -> Result<(), BadConfig> {
    let mut bytes = key.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    let formed = first && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') && !key.starts_with("__");
    if !formed || key.len() > 256 {
        return Err(BadConfig::Key(key.into()));
    }
    if key.starts_with("PAAS_") {
        return Err(BadConfig::Reserved(key.into()));
    }
    Ok(())
}

/// The description of the release that a patch makes: `Set A, B config vars`, `Remove C config vars`.
pub fn describe(patch: &ConfigPatch) -> String {
    let keys = |set: bool| patch.iter().filter(|(_, v)| v.is_some() == set).map(|(k, _)| k.as_str()).collect::<Vec<_>>();
    describe_change(&keys(true), &keys(false), "config vars")
}

/// `Set A, B limits`, `Remove C limits`, or both.
pub(crate) fn describe_change(set: &[&str], removed: &[&str], noun: &str) -> String {
    match (set.join(", "), removed.join(", ")) {
        (set, removed) if removed.is_empty() => format!("Set {set} {noun}"),
        (set, removed) if set.is_empty() => format!("Remove {removed} {noun}"),
        (set, removed) => format!("Set {set} and remove {removed} {noun}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(key: &str, value: Option<&str>) -> ConfigPatch {
        [(key.to_string(), value.map(String::from))].into()
    }

    #[test]
    fn a_patch_sets_and_removes() {
        let vars = ConfigVars::default().patched(&patch("A", Some("1"))).unwrap();
        assert_eq!(vars.0["A"], "1");
        assert_eq!(vars.patched(&patch("A", None)).unwrap(), ConfigVars::default());
    }

    #[test]
    fn bad_names_and_values_are_refused() {
        for key in ["", "1A", "A-B", "__A", "A B", "É", "A=B"] {
            let refused = ConfigVars::default().patched(&patch(key, Some("x")));
            assert_eq!(refused, Err(BadConfig::Key(key.into())));
        }
        assert!(matches!(ConfigVars::default().patched(&patch("PAAS_X", Some("x"))), Err(BadConfig::Reserved(_))));
        assert!(matches!(ConfigVars::default().patched(&patch("A", Some("\0"))), Err(BadConfig::Nul(_))));
        let big = "x".repeat(MAX_TOTAL_BYTES);
        assert_eq!(ConfigVars::default().patched(&patch("A", Some(&big))), Err(BadConfig::TooLarge(MAX_TOTAL_BYTES + 1)));
    }

    #[test]
    fn the_description_names_keys_and_never_values() {
        let mut both = patch("A", Some("secret"));
        both.insert("B".into(), None);
        assert_eq!(describe(&both), "Set A and remove B config vars");
        assert_eq!(describe(&patch("A", Some("secret"))), "Set A config vars");
        assert_eq!(describe(&patch("A", None)), "Remove A config vars");
    }
}
