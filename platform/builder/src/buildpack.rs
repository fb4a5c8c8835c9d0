//! A buildpack as it lies on disk.
use crate::error::{At, BuilderError};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Clone, Debug)]
pub struct Buildpack {
    pub id: String,
    /// For people: `Static site`.
    pub name: String,
    pub version: String,
    /// What its detection wants to see, for the message when nothing matched.
    pub looks_for: Option<String>,
    /// Whether `bin/build` reaches the network.
    pub network: bool,
    /// Programs of the machine that it runs.
    pub programs: Vec<String>,
    pub dir: PathBuf,
}

/// `buildpack.toml`; keys of the Cloud Native Buildpacks format that we don't use are passed over.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(default = "yes")]
    network: bool,
    #[serde(default)]
    programs: Vec<String>,
    looks_for: Option<String>,
    buildpack: Names,
}

#[derive(Deserialize)]
struct Names {
    id: String,
    name: String,
    version: String,
}

/// `order.toml`
#[derive(Deserialize)]
struct Order {
    order: Vec<String>,
}

fn yes() -> bool {
    true
}

impl Buildpack {
    /// All buildpacks, in the order of detection.
    pub fn load_all(folder: &Path) -> Result<Vec<Self>, BuilderError> {
        let Order { order } = read(&folder.join("order.toml"))?;
        order.iter().map(|id| Self::load(&folder.join(id), id)).collect()
    }

    fn load(dir: &Path, id: &str) -> Result<Self, BuilderError> {
        let path = dir.join("buildpack.toml");
        let Descriptor { network, programs, looks_for, buildpack } = read(&path)?;
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b)) && !text.starts_with('.');
        if buildpack.id != id || !plain(&buildpack.id) || !plain(&buildpack.version) {
            let message = format!("expected id {id:?} and a version of letters, digits, `.`, `-`, `+`; found {}@{}", buildpack.id, buildpack.version);
            return Err(BuilderError::Buildpack { path, message });
        }
        let dir = dir.canonicalize().at("finding", dir)?;
        Ok(Self { id: buildpack.id, name: buildpack.name, version: buildpack.version, looks_for, network, programs, dir })
    }

    /// `static@0.1.0`
    pub fn reference(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, BuilderError> {
    let text = fs::read_to_string(path).at("reading", path)?;
    toml::from_str(&text).map_err(|error| BuilderError::Buildpack { path: path.into(), message: error.to_string() })
}
