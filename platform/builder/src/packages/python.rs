//! What pip installed: each package has a folder `name-version.dist-info` ("Recording installed projects" of the Python packaging guide).
use super::{Need, Package, Registry};

/// The package that this file of a slug describes, if it is the one that describes a package.
pub fn installed(file: &str) -> Option<Package> {
    let folder = file.strip_suffix("/METADATA")?;
    let (name, version) = folder.rsplit('/').next()?.strip_suffix(".dist-info")?.split_once('-')?;
    let package = Package { registry: Registry::PyPi, name: normal(name), version: version.into(), need: Need::Required, hash: None };
    (!package.name.is_empty() && super::is_version(version)).then_some(package)
}

/// A name in its normal form: lower case, words joined by single dashes.
fn normal(name: &str) -> String {
    let words: Vec<String> = name.split(['-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_its_folder() {
        let package = installed("app/.packages/Flask_SQLAlchemy-3.1.1.dist-info/METADATA").unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("flask-sqlalchemy", "3.1.1"));
        assert_eq!(installed("app/flask/METADATA"), None);
        assert_eq!(installed("app/.packages/flask-3.1.1.dist-info/RECORD"), None);
    }
}
