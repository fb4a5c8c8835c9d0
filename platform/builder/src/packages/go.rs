//! `go.sum`: three words a line, `module version hash` (go.dev/ref/mod, "go.sum files").
use super::{Need, Package, Registry};

/// Go's hashes are of a module's files, not of an archive that a registry hands out; CycloneDX has no name for that.
pub fn read(text: &str) -> Result<Vec<Package>, String> {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).filter(|words| !words.is_empty());
    let mut packages = Vec::new();
    for words in lines {
        let [module, version, _] = words[..] else { return Err("a line has not three words".into()) };
        // `v1.2.3/go.mod` is a module that was only looked at.
        if !version.contains('/') {
            packages.push(Package { registry: Registry::Go, name: module.into(), version: version.into(), need: Need::Required, hash: None });
        }
    }
    Ok(packages)
}
