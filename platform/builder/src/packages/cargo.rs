//! `Cargo.lock`.
use super::{Hash, Need, Package, Registry};
use serde::Deserialize;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    /// `None` for the packages of the source itself.
    source: Option<String>,
    checksum: Option<String>,
}

pub fn read(text: &str) -> Result<Vec<Package>, String> {
    let lock: Lock = toml::from_str(text).map_err(|error| error.to_string())?;
    let fetched = lock.package.into_iter().filter(|entry| entry.source.is_some());
    Ok(fetched
        .map(|entry| Package {
            registry: Registry::Cargo,
            name: entry.name,
            version: entry.version,
            need: Need::Required,
            hash: entry.checksum.as_deref().and_then(Hash::of_sha256),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_own_packages_are_no_packages_of_others() {
        let text = "version = 4\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\n[[package]]\nname = \"wstd\"\nversion = \"0.6.5\"\nsource = \"registry+https://index.example.com\"\nchecksum = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\n";
        let read = read(text).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].name, "wstd");
        assert!(read[0].hash.is_some());
    }
}
