//! `pnpm-lock.yaml`.
use super::{Hash, Need, Package, Registry};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Lock {
    /// By name and version.
    #[serde(default)]
    packages: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    resolution: Resolution,
    /// Neither is said since version 9.
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
}

#[derive(Default, Deserialize)]
struct Resolution {
    integrity: Option<String>,
}

pub fn read(text: &str) -> Result<Vec<Package>, String> {
    let lock: Lock = serde_norway::from_str(text).map_err(|error| error.to_string())?;
    Ok(lock.packages.into_iter().filter_map(|(key, entry)| package(&key, &entry)).collect())
}

fn package(key: &str, entry: &Entry) -> Option<Package> {
    let (name, version) = name_and_version(key)?;
    let need = match entry {
        Entry { dev: true, .. } => Need::Development,
        Entry { optional: true, .. } => Need::Optional,
        _ => Need::Required,
    };
    let hash = entry.resolution.integrity.as_deref().and_then(Hash::of_integrity);
    Some(Package { registry: Registry::Npm, name: name.into(), version: version.into(), need, hash })
}

/// `@s/n@1.0.0` since version 9, `/@s/n@1.0.0(peer@2.0.0)` in version 6, `/@s/n/1.0.0_peer@2.0.0` in version 5.
fn name_and_version(key: &str) -> Option<(&str, &str)> {
    let key = key.trim_start_matches('/');
    let key = key.split_once('(').map_or(key, |(before, _)| before);
    let after_scope = if key.starts_with('@') { key.find('/')? + 1 } else { 0 };
    if let Some(at) = key[after_scope..].find('@').filter(|_| !key[after_scope..].contains('/')) {
        return Some((&key[..after_scope + at], &key[after_scope + at + 1..]));
    }
    let (name, version) = key.rsplit_once('/')?;
    Some((name, version.split('_').next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_all_versions_are_read() {
        assert_eq!(name_and_version("hono@4.6.1"), Some(("hono", "4.6.1")));
        assert_eq!(name_and_version("@hono/zod@1.0.0"), Some(("@hono/zod", "1.0.0")));
        assert_eq!(name_and_version("/@hono/zod@1.0.0(hono@4.6.1)"), Some(("@hono/zod", "1.0.0")));
        assert_eq!(name_and_version("/zod/3.0.0_hono@4.6.1"), Some(("zod", "3.0.0")));
        assert_eq!(name_and_version("/@hono/zod/1.0.0"), Some(("@hono/zod", "1.0.0")));
    }

    #[test]
    fn packages_have_their_hashes() {
        let text = "lockfileVersion: '9.0'\n\npackages:\n\n  '@s/n@1.0.0':\n    resolution: {integrity: sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=}\n    engines: {node: '>=6'}\n";
        let read = read(text).unwrap();
        assert_eq!((read[0].name.as_str(), read[0].version.as_str()), ("@s/n", "1.0.0"));
        assert!(read[0].hash.is_some());
    }
}
