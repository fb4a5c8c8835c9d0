//! A buildpack as it lies on disk.
use crate::{
    error::{At, BuildError, BuilderError},
    sandbox::{Access, Job},
    source,
};
use paas_model::{BuildpackRef, build::BuildpackVersion};
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
    /// The package clients whose hosts `bin/toolchain` and `bin/fetch` reach: programs in the folder `clients` beside it, which print these hosts.
    pub network: Vec<String>,
    /// Whether `bin/build` fetches, too: as one of others does that knows no other step.
    pub builds_with_network: bool,
    /// Programs of the machine that it runs.
    pub programs: Vec<String>,
    /// Programs that it can do without.
    pub optional_programs: Vec<String>,
    /// Where its programs lie; for a classic one, those of the shim that runs it.
    pub dir: PathBuf,
    /// Folder of a buildpack in Heroku's classic form (`bin/detect`, `bin/compile`, `bin/release`).
    pub classic: Option<PathBuf>,
    /// Of one that was fetched: the commit.
    pub commit: Option<String>,
    /// Whether the platform answers for it: only then may it name programs of the machine and make a toolchain that all apps share.
    pub ours: bool,
}

/// `buildpack.toml`; keys of the Cloud Native Buildpacks format that we don't use are passed over.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(default)]
    network: Vec<String>,
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
    network: Option<toml::Value>,
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
        if buildpack.id != id || !plain(&buildpack.id) || !plain(&buildpack.version) || !network.iter().all(|client| plain(client)) {
            let message =
                format!("expected id {id:?}, a version and clients of letters, digits, `.`, `-`, `+`; found {}@{}", buildpack.id, buildpack.version);
            return Err(BuilderError::Buildpack { path, message });
        }
        let dir = dir.canonicalize().at("finding", dir)?;
        let Names { id, name, version } = buildpack;
        Ok(Self {
            id,
            name,
            version,
            looks_for,
            network,
            builds_with_network: false,
            programs,
            optional_programs,
            dir,
            classic: None,
            commit: None,
            ours: true,
        })
    }

    /// A buildpack that the platform does not answer for, in either form; `shim` runs classic ones.
    pub fn foreign(folder: &Path, id: String, name: &BuildpackRef, shim: &Path) -> Result<Self, BuildError> {
        let has = |program: &str| folder.join("bin").join(program).is_file();
        let plain = Self {
            id,
            name: name.to_string(),
            version: "0".into(),
            looks_for: None,
            network: Vec::new(),
            builds_with_network: !has("fetch"),
            programs: Vec::new(),
            optional_programs: Vec::new(),
            dir: folder.to_path_buf(),
            classic: None,
            commit: None,
            ours: false,
        };
        if has("build") && has("detect") {
            let named = source::read(folder, "buildpack.toml")?.and_then(|text| toml::from_str::<Network>(&text).ok()?.network);
            let without = named == Some(toml::Value::Boolean(false));
            return Ok(Self { builds_with_network: plain.builds_with_network && !without, ..plain });
        }
        if has("compile") && has("detect") {
            let dir = shim.canonicalize().at("finding", shim)?;
            return Ok(Self { dir, classic: Some(folder.to_path_buf()), ..plain });
        }
        let text = format!("{name} is not a buildpack: it has neither bin/detect and bin/build, nor bin/detect and bin/compile. Check its address.");
        Err(BuildError::Refused(text))
    }

    /// Shows the classic buildpack to the shim that runs it.
    pub fn show_classic(&self, job: &mut Job, access: Access) {
        if let Some(classic) = &self.classic {
            let inside = job.mount(classic, "/classic", access);
            job.env("PAAS_CLASSIC_DIR", inside);
        }
    }

    /// Whether it fetches what it needs in a step of its own.
    pub fn fetches(&self) -> bool {
        self.dir.join("bin/fetch").is_file()
    }

    /// As it is kept with a build. Somebody else's is what its commit says, whatever version it says it has.
    pub fn used(&self) -> BuildpackVersion {
        match self.ours {
            true => BuildpackVersion { name: self.id.clone(), version: Some(self.version.clone()) },
            false => BuildpackVersion { name: self.name.clone(), version: self.commit.clone() },
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
