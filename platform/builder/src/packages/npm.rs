//! `package-lock.json` and `npm-shrinkwrap.json`, in all three versions of their form.
use super::{Hash, Need, Package, Registry};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Lock {
    /// Since version 2, by folder: `node_modules/a/node_modules/b`.
    #[serde(default)]
    packages: BTreeMap<String, Entry>,
    /// Of version 1, by name.
    #[serde(default)]
    dependencies: BTreeMap<String, OldEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    /// Where the folder is named otherwise.
    name: Option<String>,
    version: Option<String>,
    integrity: Option<String>,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    dev_optional: bool,
    #[serde(default)]
    optional: bool,
    /// To a folder of the source.
    #[serde(default)]
    link: bool,
}

#[derive(Deserialize)]
struct OldEntry {
    version: String,
    integrity: Option<String>,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
    /// What it has in a folder of its own.
    #[serde(default)]
    dependencies: BTreeMap<String, OldEntry>,
}

pub fn read(text: &str) -> Result<Vec<Package>, String> {
    let lock: Lock = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut packages = Vec::new();
    if lock.packages.is_empty() {
        read_old(lock.dependencies, &mut packages);
    }
    let installed = lock.packages.into_iter().filter(|(_, entry)| !entry.link);
    packages.extend(installed.filter_map(|(folder, entry)| entry.package(folder.rsplit_once("node_modules/")?.1)));
    Ok(packages)
}

fn read_old(dependencies: BTreeMap<String, OldEntry>, packages: &mut Vec<Package>) {
    for (name, entry) in dependencies {
        let hash = entry.integrity.as_deref().and_then(Hash::of_integrity);
        packages.push(Package { registry: Registry::Npm, name, version: entry.version, need: need(entry.dev, entry.optional), hash });
        read_old(entry.dependencies, packages);
    }
}

fn need(dev: bool, optional: bool) -> Need {
    match (dev, optional) {
        (true, _) => Need::Development,
        (_, true) => Need::Optional,
        _ => Need::Required,
    }
}

impl Entry {
    fn package(self, folder: &str) -> Option<Package> {
        let need = need(self.dev || self.dev_optional, self.optional);
        let hash = self.integrity.as_deref().and_then(Hash::of_integrity);
        Some(Package { registry: Registry::Npm, name: self.name.unwrap_or_else(|| folder.into()), version: self.version?, need, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_names(text: &str) -> Vec<(String, Need)> {
        read(text).unwrap().into_iter().map(|package| (format!("{}@{}", package.name, package.version), package.need)).collect()
    }

    #[test]
    fn packages_are_named_by_their_folders_and_links_are_not_packages() {
        let text = r#"{ "lockfileVersion": 3, "packages": {
            "": { "name": "shop", "dependencies": { "hono": "^4" } },
            "node_modules/hono": { "version": "4.6.1", "dependencies": { "x": "1" } },
            "node_modules/hono/node_modules/@s/n": { "version": "1.0.0", "dev": true },
            "node_modules/other": { "resolved": "packages/other", "link": true },
            "packages/other": { "version": "0.0.1" } } }"#;
        assert_eq!(read_names(text), [("hono@4.6.1".into(), Need::Required), ("@s/n@1.0.0".into(), Need::Development)]);
    }

    #[test]
    fn the_oldest_form_is_read_through_all_its_folders() {
        let text = r#"{ "lockfileVersion": 1, "dependencies": { "a": { "version": "1.0.0", "optional": true, "dependencies": { "b": { "version": "2.0.0" } } } } }"#;
        assert_eq!(read_names(text), [("a@1.0.0".into(), Need::Optional), ("b@2.0.0".into(), Need::Required)]);
    }
}
