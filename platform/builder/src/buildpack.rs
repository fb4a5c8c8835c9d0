//! A buildpack as it lies on disk.
use crate::{
    error::{At, BuildError, BuilderError},
    sandbox::{Access, Job},
    source,
};
use paas_model::BuildpackRef;
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
    /// Programs that it can do without.
    pub optional_programs: Vec<String>,
    /// Where its programs lie; for a classic one, those of the shim that runs it.
    pub dir: PathBuf,
    /// Folder of a buildpack in Heroku's classic form (`bin/detect`, `bin/compile`, `bin/release`).
    pub classic: Option<PathBuf>,
    /// Whether the platform answers for it: only then may it name programs of the machine and make a toolchain that all apps share.
    pub ours: bool,
}

/// `buildpack.toml`; keys of the Cloud Native Buildpacks format that we don't use are passed over.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(default = "yes")]
    network: bool,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default)]
    optional_programs: Vec<String>,
    looks_for: Option<String>,
    buildpack: Names,
}

/// What is read of a foreign `buildpack.toml`.
#[derive(Deserialize)]
struct Network {
    #[serde(default = "yes")]
    network: bool,
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
        let Descriptor { network, programs, optional_programs, looks_for, buildpack } = read(&path)?;
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b)) && !text.starts_with('.');
        if buildpack.id != id || !plain(&buildpack.id) || !plain(&buildpack.version) {
            let message = format!("expected id {id:?} and a version of letters, digits, `.`, `-`, `+`; found {}@{}", buildpack.id, buildpack.version);
            return Err(BuilderError::Buildpack { path, message });
        }
        let dir = dir.canonicalize().at("finding", dir)?;
        let Names { id, name, version } = buildpack;
        Ok(Self { id, name, version, looks_for, network, programs, optional_programs, dir, classic: None, ours: true })
    }

    /// A buildpack that the platform does not answer for, in either form; `shim` runs classic ones.
    pub fn foreign(folder: &Path, id: String, name: &BuildpackRef, shim: &Path) -> Result<Self, BuildError> {
        let has = |program: &str| folder.join("bin").join(program).is_file();
        let plain = Self {
            id,
            name: name.to_string(),
            version: "0".into(),
            looks_for: None,
            network: true,
            programs: Vec::new(),
            optional_programs: Vec::new(),
            dir: folder.to_path_buf(),
            classic: None,
            ours: false,
        };
        if has("build") && has("detect") {
            let network = source::read(folder, "buildpack.toml")?.and_then(|text| toml::from_str::<Network>(&text).ok());
            return Ok(Self { network: network.is_none_or(|it| it.network), ..plain });
        }
        if has("compile") && has("detect") {
            let dir = shim.canonicalize().at("finding", shim)?;
            return Ok(Self { dir, classic: Some(folder.to_path_buf()), ..plain });
        }
        let text = format!("{name} is not a buildpack: it has neither bin/detect and bin/build, nor bin/detect and bin/compile. Check its address.");
        Err(BuildError::Refused(text))
    }

    /// Shows the classic buildpack to the shim that runs it.
    pub fn show_classic(&self, job: &mut Job) {
        if let Some(classic) = &self.classic {
            let inside = job.mount(classic, "/classic", Access::Read);
            job.env("PAAS_CLASSIC_DIR", inside);
        }
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
