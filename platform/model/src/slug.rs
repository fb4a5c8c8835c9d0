//! A slug: what a build made, immutable and content-addressed. It never contains config.
use crate::components::Components;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt, path::PathBuf, str::FromStr};

/// A sha256, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a sha256 digest")]
pub struct BadDigest(String);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
    /// The first 12 digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}
impl FromStr for Digest {
    type Err = BadDigest;
    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| BadDigest(text.into()))?;
        Ok(Self(bytes))
    }
}
impl TryFrom<String> for Digest {
    type Error = BadDigest;
    fn try_from(text: String) -> Result<Self, BadDigest> {
        text.parse()
    }
}
impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

/// How a process type of a slug is started. Paths are keys of [`Manifest::files`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Launch {
    /// A `wasi:http` component (0.2 proxy or 0.3 service), or a wasip1 command module or component in CGI (WAGI) form.
    Wasm {
        file: String,
        /// Core modules whose exports `file`, a core module too, may import by the name of their file without its ending. Each may import from those before it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        libraries: Vec<String>,
        /// Starts once for each release, ahead of its requests: `_start` returns where the program waits for them, and each has a copy of the memory of then, in
        /// which `_resume` is called. Nothing of what it waits in may be elsewhere. The first library has the memory, and nothing else.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        boots: bool,
    },
    /// One bundled ES module for an engine that many apps share.
    Javascript {
        /// The bundle.
        file: String,
        /// What it imports as `./ground.js`: a module that stays as it is while only the app's own files change.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<String>,
        /// Folder of the engine's files: `engine.wasm`, `initializer.js`, `engine.json`.
        engine: String,
    },
    /// A WSGI or ASGI app, below the slug's `files`, for an engine that many apps share.
    Python {
        /// `module:name`, as gunicorn and uvicorn have it; before it, with a `#`, the folder to start in.
        app: String,
        /// Folder of the engine's files: `engine.wasm`, without the memory that its start left ([`BlobDir::started`]), and `library.tar`.
        engine: String,
    },
    /// Files, served by the platform itself.
    Static(StaticSite),
    /// Several components, each behind its routes.
    Components(Components),
}

impl Launch {
    /// One file of WebAssembly.
    pub fn wasm(file: &str) -> Self {
        Self::Wasm { file: file.into(), libraries: Vec::new(), boots: false }
    }
}

/// Settings of a static site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticSite {
    /// Folder of the site's files, `""` for the whole slug.
    pub root: String,
    /// Answers every path without a file with `/index.html` and 200 (single-page apps).
    #[serde(default)]
    pub fallback: bool,
}

/// One file of a slug.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub digest: Digest,
    pub size: u64,
}

/// What a slug is; its canonical JSON's sha256 is the slug's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `javascript@0.1.0`
    pub buildpack: String,
    /// Process type to how it is started; `web` answers HTTP.
    pub processes: BTreeMap<String, Launch>,
    /// Relative path (`/` between parts, no `..`) to content.
    pub files: BTreeMap<String, File>,
    /// Folder of the slug's files that the app sees at `/app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_files: Option<String>,
    /// Files that answer before `web` is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assets: Option<StaticSite>,
}

impl Manifest {
    /// The canonical form: sorted keys, no white space.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a manifest has only string keys")
    }
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_json().as_bytes())
    }
    /// Bytes of all files together.
    pub fn size(&self) -> u64 {
        self.files.values().map(|file| file.size).sum()
    }
    pub fn web(&self) -> Option<&Launch> {
        self.processes.get("web")
    }
    /// What the app sees at `/app`, by path below it; `None` if it sees nothing there.
    pub fn app_files(&self) -> Option<impl Iterator<Item = (&str, &File)>> {
        let folder = format!("{}/", self.app_files.as_ref()?);
        Some(self.files.iter().filter_map(move |(path, file)| Some((path.strip_prefix(&folder)?, file))))
    }
}

/// Where the bytes of slug files lie on this node, `<root>/sha256/ab/<hex>`, and engines that have been started, `<root>/started/<hex>`.
#[derive(Clone, Debug)]
pub struct BlobDir(pub PathBuf);

impl BlobDir {
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join(Self::key(digest))
    }
    /// The name of a blob in the object store.
    pub fn key(digest: &Digest) -> String {
        let hex = digest.to_string();
        format!("sha256/{}/{hex}", &hex[..2])
    }
    /// The engine with the memory that its start left, which the file of this digest in a slug is without.
    pub fn started(&self, engine: &Digest) -> PathBuf {
        self.0.join(Self::started_key(engine))
    }
    /// The name of a started engine in the object store. No two starts leave the same, so it is named by what was started.
    pub fn started_key(engine: &Digest) -> String {
        format!("started/{engine}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_content_has_the_same_digest() {
        let manifest = || Manifest {
            buildpack: "wasm@0.1.0".into(),
            processes: [("web".to_string(), Launch::wasm("app.wasm"))].into(),
            files: [("app.wasm".to_string(), File { digest: Digest::of(b"x"), size: 1 })].into(),
            app_files: None,
            assets: None,
        };
        assert_eq!(manifest().digest(), manifest().digest());
        let read: Manifest = serde_json::from_str(&manifest().to_json()).unwrap();
        assert_eq!(read, manifest());
    }

    #[test]
    fn an_app_sees_the_files_of_one_folder_only() {
        let file = File { digest: Digest::of(b"x"), size: 1 };
        let files = ["app", "app/a/b", "app/c", "app.wasm", "apple/d"].map(|path| (path.to_string(), file.clone()));
        let manifest = |app_files: Option<&str>| Manifest {
            buildpack: "wasm@0.1.0".into(),
            processes: BTreeMap::new(),
            files: files.clone().into(),
            app_files: app_files.map(Into::into),
            assets: None,
        };
        assert_eq!(manifest(Some("app")).app_files().unwrap().map(|(path, _)| path).collect::<Vec<_>>(), ["a/b", "c"]);
        assert!(manifest(None).app_files().is_none());
        let plain = manifest(None).to_json();
        assert!(!plain.contains("app_files") && !plain.contains("assets"), "slugs without such files keep their digest");
    }

    #[test]
    fn digests_are_read_back_and_nothing_else_is() {
        let digest = Digest::of(b"hello");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("abc".parse::<Digest>().is_err());
        assert!("zz".repeat(32).parse::<Digest>().is_err());
    }
}
