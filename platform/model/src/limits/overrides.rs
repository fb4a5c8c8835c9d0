//! What an app chose, and what that means under the caps.
use super::{Caps, LIMITS, Limit, Limits, soft};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The limits that an app chose itself: name to amount, in the unit of [`LIMITS`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LimitOverrides(BTreeMap<String, u64>);

/// A change: `Some` sets, `None` goes back to the default. Values are as people write them.
pub type LimitPatch = BTreeMap<String, Option<String>>;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLimit {
    #[error("There is no limit {0:?}. `paas limits` lists them.")]
    Name(String),
    #[error("{0:?} is not a limit with a value. Write it like memory=256MB.")]
    Pair(String),
    #[error("{value:?} is no value for {name}. Write {form}.")]
    Value { name: &'static str, value: String, form: &'static str },
    #[error("{name} must be at least {least}.")]
    TooLittle { name: &'static str, least: String },
    #[error("{name} may be at most {cap} on this platform, not {asked}. Choose less, or ask its operator to raise the cap (PAAS_LIMIT_CAPS).")]
    AboveCap { name: &'static str, cap: String, asked: String },
    #[error("The cap of {name} may be at most {most}, not {asked}.")]
    Impossible { name: &'static str, most: String, asked: String },
}

impl LimitOverrides {
    pub fn is_set(&self, limit: &Limit) -> bool {
        self.0.contains_key(limit.name)
    }

    /// The limits that hold. What the app chose before a cap was lowered stays written down, and has the cap's effect.
    pub fn resolve(&self, caps: &Caps) -> Limits {
        let mut limits = Limits::default();
        for limit in &LIMITS {
            let amount = self.0.get(limit.name).copied().unwrap_or(limit.of(limits));
            limit.set(&mut limits, amount.min(caps.of(limit)));
        }
        if !self.0.contains_key("memory-soft") {
            limits.memory_soft_bytes = soft(limits.memory_bytes);
        }
        limits.memory_soft_bytes = limits.memory_soft_bytes.min(limits.memory_bytes);
        limits
    }

    /// These choices with the patch applied, or why not.
    pub fn patched(&self, patch: &LimitPatch, caps: &Caps) -> Result<Self, BadLimit> {
        let mut chosen = self.0.clone();
        for (name, value) in patch {
            match value {
                None => {
                    let limit = Limit::named(name).ok_or_else(|| BadLimit::Name(name.clone()))?;
                    chosen.remove(limit.name);
                }
                Some(value) => {
                    let (limit, amount) = amount(name, value)?;
                    let cap = caps.of(limit);
                    if amount > cap {
                        return Err(BadLimit::AboveCap { name: limit.name, cap: limit.show(cap), asked: limit.show(amount) });
                    }
                    chosen.insert(limit.name.into(), amount);
                }
            }
        }
        Ok(Self(chosen))
    }
}

/// Reads a limit's name and value, without looking at caps.
pub(super) fn amount(name: &str, value: &str) -> Result<(&'static Limit, u64), BadLimit> {
    let limit = Limit::named(name).ok_or_else(|| BadLimit::Name(name.into()))?;
    let unread = || BadLimit::Value { name: limit.name, value: value.into(), form: limit.unit.form() };
    let amount = limit.unit.parse(value).ok_or_else(unread)?;
    if amount < limit.least {
        return Err(BadLimit::TooLittle { name: limit.name, least: limit.show(limit.least) });
    }
    Ok((limit, amount))
}

/// The description of the release that a patch makes: `Set memory, cpu limits`, `Remove idle limits`.
pub fn describe(patch: &LimitPatch) -> String {
    let named = |set: bool| {
        let of = |limit: &&Limit| patch.get(limit.name).is_some_and(|value| value.is_some() == set);
        LIMITS.iter().filter(of).map(|limit| limit.name).collect::<Vec<_>>()
    };
    crate::config::describe_change(&named(true), &named(false), "limits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(pairs: &[(&str, Option<&str>)]) -> LimitPatch {
        pairs.iter().map(|(name, value)| (name.to_string(), value.map(String::from))).collect()
    }
    fn patched(pairs: &[(&str, Option<&str>)]) -> Result<LimitOverrides, BadLimit> {
        LimitOverrides::default().patched(&patch(pairs), &Caps::default())
    }

    #[test]
    fn a_choice_holds_until_it_is_removed() {
        let chosen = patched(&[("memory", Some("256MB")), ("cpu", Some("10s"))]).unwrap();
        let limits = chosen.resolve(&Caps::default());
        assert_eq!((limits.memory_bytes, limits.cpu_ms, limits.idle_ms), (256 << 20, 10_000, 55_000));
        assert_eq!(limits.memory_soft_bytes, 192 << 20, "it follows the hard limit");
        let chosen = chosen.patched(&patch(&[("memory", None), ("cpu", None)]), &Caps::default()).unwrap();
        assert_eq!(chosen.resolve(&Caps::default()), Limits::default());
    }

    #[test]
    fn a_cap_that_came_later_holds_too() {
        let chosen = patched(&[("memory", Some("512MB")), ("memory-soft", Some("400MB"))]).unwrap();
        let limits = chosen.resolve(&"memory=64MB concurrency=5".parse().unwrap());
        assert_eq!((limits.memory_bytes, limits.memory_soft_bytes, limits.concurrency), (64 << 20, 64 << 20, 5));
    }

    #[test]
    fn what_cannot_be_is_refused_with_what_could() {
        let refusal = |name, value| patched(&[(name, Some(value))]).unwrap_err().to_string();
        assert_eq!(
            refusal("memory", "8GB"),
            "memory may be at most 1GB on this platform, not 8GB. Choose less, or ask its operator to raise the cap (PAAS_LIMIT_CAPS)."
        );
        assert_eq!(refusal("cpu", "fast"), "\"fast\" is no value for cpu. Write a time such as 500ms, 10s or 2m.");
        assert_eq!(refusal("concurrency", "0"), "concurrency must be at least 1.");
        assert_eq!(refusal("memry", "1GB"), "There is no limit \"memry\". `paas limits` lists them.");
        assert!(patched(&[("memry", None)]).is_err());
    }

    #[test]
    fn the_description_names_limits_in_the_tables_order() {
        assert_eq!(describe(&patch(&[("cpu", Some("10s")), ("memory", Some("256MB"))])), "Set memory, cpu limits");
        assert_eq!(describe(&patch(&[("cpu", None)])), "Remove cpu limits");
    }

    #[test]
    fn choices_are_kept_as_plain_numbers() {
        let chosen = patched(&[("memory", Some("256MB"))]).unwrap();
        assert_eq!(serde_json::to_string(&chosen).unwrap(), r#"{"memory":268435456}"#);
        let unknown: LimitOverrides = serde_json::from_str(r#"{"of-another-version":1}"#).unwrap();
        assert_eq!(unknown.resolve(&Caps::default()), Limits::default());
    }
}
