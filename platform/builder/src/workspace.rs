//! The folder one build happens in.
use crate::{
    disk,
    error::{At, BuildError, BuilderError},
    sandbox::Identity,
};
use paas_model::ConfigVars;
use std::{
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The config var that names an app's folder in a repository of several.
pub const PROJECT_PATH: &str = "PROJECT_PATH";
/// Begins the name of every workspace, so that what a killed process left is found.
const PREFIX: &str = "build-";
/// What the build may write below the workspace; the workspace itself stays ours, so that none of these can be swapped for a link.
const WRITABLE: [&str; 4] = ["source", "slug", "layers", "home"];

/// A fresh folder with `source/` to check out into; removed when the last clone is dropped.
#[derive(Clone, Debug)]
pub struct Workspace(Arc<Folder>);

#[derive(Debug)]
struct Folder(PathBuf);

impl Workspace {
    pub(crate) fn create(work: &Path) -> Result<Self, BuilderError> {
        let folder = work.join(format!("{PREFIX}{}", uuid::Uuid::now_v7()));
        let workspace = Self(Arc::new(Folder(folder)));
        for part in WRITABLE.iter().chain(&["platform", "platform/env"]) {
            let path = workspace.path().join(part);
            fs::create_dir_all(&path).at("making", &path)?;
        }
        fs::set_permissions(workspace.path(), fs::Permissions::from_mode(0o711)).at("opening", workspace.path())?;
        Ok(workspace)
    }

    /// Where the source belongs; empty at first.
    pub fn source(&self) -> PathBuf {
        self.0.0.join("source")
    }
    pub(crate) fn path(&self) -> &Path {
        &self.0.0
    }
    pub(crate) fn slug(&self) -> PathBuf {
        self.0.0.join("slug")
    }
    /// Where the platform itself keeps what it makes of the build's files; the build has no access.
    pub(crate) fn own(&self) -> PathBuf {
        self.0.0.join("own")
    }
    /// `CNB_LAYERS_DIR`
    pub(crate) fn layers(&self) -> PathBuf {
        self.0.0.join("layers")
    }
    /// `CNB_PLATFORM_DIR`
    pub(crate) fn platform(&self) -> PathBuf {
        self.0.0.join("platform")
    }
    pub(crate) fn home(&self) -> PathBuf {
        self.0.0.join("home")
    }

    /// Makes a folder of the source the whole source: an app that lives in a part of its repository.
    pub fn enter(&self, folder: &str) -> Result<(), BuildError> {
        let folder = folder.trim_matches('/');
        let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
        let inside = self.source().join(folder);
        // The checkout makes no link that leads out of the source, but a folder must be one by itself.
        let is_folder = fs::symlink_metadata(&inside).is_ok_and(|metadata| metadata.is_dir());
        if !folder.split('/').all(plain) || !is_folder {
            let text = format!(
                "The config var {PROJECT_PATH} names the folder {folder:?}, which this source does not have. Correct it with `paas config:set {PROJECT_PATH}=…`, or push a source that has it."
            );
            return Err(BuildError::Refused(text));
        }
        let whole = self.path().join("repository");
        fs::rename(self.source(), &whole).at("moving", self.source())?;
        fs::rename(whole.join(folder), self.source()).at("moving", whole.join(folder))?;
        Ok(())
    }

    /// Writes one file for each config var, as classic and Cloud Native buildpacks expect them.
    pub(crate) fn write_config(&self, config: &ConfigVars) -> Result<(), BuilderError> {
        for (key, value) in &config.0 {
            let path = self.platform().join("env").join(key);
            fs::write(&path, value).at("writing", &path)?;
        }
        Ok(())
    }

    /// Gives the parts that the build writes, and the config vars it reads, to the user it runs as.
    pub(crate) fn give_to(&self, user: &Identity) -> Result<(), BuilderError> {
        for part in WRITABLE.iter().chain(&["platform"]) {
            let path = self.path().join(part);
            disk::give(&path, user).at("changing the owner of", &path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).at("closing", &path)?;
        }
        Ok(())
    }

    /// Removes what a killed process left in `work`.
    pub(crate) fn sweep(work: &Path) -> io::Result<()> {
        for entry in fs::read_dir(work)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                disk::remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = disk::remove(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a build's folder could not be removed");
        }
    }
}
