//! The room's front door.
use crate::{
    build::{self, Built, Choices},
    buildpack::Buildpack,
    disk,
    error::{At, BuildError, BuilderError},
    limits::BuildLimits,
    prebuilt,
    sandbox::{Cancel, Level, Sandbox},
    source, toolchain,
    workspace::Workspace,
};
use paas_model::{AppId, AppJson, EgressRule, output::Output};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};
use tokio::{runtime::Handle, sync::oneshot};

#[derive(Clone, Debug)]
pub struct Config {
    /// Folder with `order.toml` and one folder for each buildpack.
    pub buildpacks: PathBuf,
    /// Kept between builds: a cache for each app and buildpack, and the toolchains.
    pub cache: PathBuf,
    /// Where builds happen; emptied of leftovers at start-up.
    pub work: PathBuf,
    /// Who builds run as when paasd is root; `nobody` if it does not exist.
    pub user: Option<String>,
    pub limits: BuildLimits,
    /// Hosts that builds may reach beside those that package clients are set up for.
    pub hosts: Vec<EgressRule>,
    /// The program that is ours inside of a sandbox: it hands its arguments to [`crate::inside_main`].
    pub program: PathBuf,
    /// Builds run although the machine gives them no walls (levels `weak` and `none`).
    pub accept_weak: bool,
}

/// Builds sources. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Builder(Arc<Tools>);

/// What every build uses.
#[derive(Debug)]
pub(crate) struct Tools {
    pub config: Config,
    pub sandbox: Sandbox,
    pub buildpacks: Vec<Buildpack>,
    /// Hosts that each buildpack's clients are set up for, once they are known.
    pub hosts: Mutex<BTreeMap<String, Vec<EgressRule>>>,
}

impl Builder {
    /// Reads the buildpacks, makes the folders, and tries what sandbox this machine can give.
    pub fn new(config: Config) -> Result<Self, BuilderError> {
        let buildpacks = Buildpack::load_all(&config.buildpacks)?;
        for folder in [&config.work, &config.cache, &apps(&config.cache), &toolchain::folder(&config.cache)] {
            fs::create_dir_all(folder).at("making", folder)?;
            // Without walls the build's user walks through these by name; it may list none of them.
            fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).at("opening", folder)?;
        }
        Workspace::sweep(&config.work).at("sweeping", &config.work)?;
        toolchain::sweep(&config.cache).at("sweeping", &config.cache)?;
        let sandbox = Sandbox::probe(&config.work, config.user.as_deref())?;
        Ok(Self(Arc::new(Tools { config, sandbox, buildpacks, hosts: Mutex::default() })))
    }

    /// `strong`, `fair`, `weak` or `none`.
    pub fn sandbox_level(&self) -> &str {
        self.level().as_str()
    }
    pub fn level(&self) -> Level {
        self.0.sandbox.level
    }
    /// Why the sandbox is not better, and what would make it so; empty if nothing is missing.
    pub fn sandbox_reason(&self) -> &str {
        &self.0.sandbox.reason
    }
    /// Whether this machine's sandbox is too weak for the operator to have it used.
    pub fn builds_are_refused(&self) -> bool {
        self.level() < Level::Fair && !self.0.config.accept_weak
    }
    /// Whether a build may make only those system calls that builds need.
    pub fn filters_calls(&self) -> bool {
        self.0.sandbox.filters_calls()
    }
    /// Whether the memory of a build as a whole is limited; else only its time, disk and processes are.
    pub fn limits_memory(&self) -> bool {
        self.0.sandbox.limits_memory()
    }

    /// A fresh workspace with an empty `source/`. The caller fills it, then calls [`Builder::build`].
    pub fn workspace(&self) -> Result<Workspace, BuilderError> {
        Workspace::create(&self.0.config.work)
    }

    /// What the source's app.json asks for.
    pub fn app_json(&self, workspace: &Workspace) -> Result<AppJson, BuildError> {
        source::app_json(&workspace.source())
    }

    /// Builds the workspace's source. One build of an app at a time: they share its cache.
    ///
    /// Dropping the future ends the build.
    pub async fn build(&self, app: AppId, workspace: &Workspace, choices: &Choices, output: &Output) -> Result<Built, BuildError> {
        if self.builds_are_refused() {
            return Err(BuildError::Refused(format!(
                "Builds are refused: this machine's sandbox is {} ({}). The operator may accept that with PAAS_ACCEPT_WEAK_SANDBOX=true.",
                self.sandbox_level(),
                self.sandbox_reason()
            )));
        }
        let (tools, workspace, choices, output) = (self.0.clone(), workspace.clone(), choices.clone(), output.clone());
        let cancel = CancelOnDrop(Cancel::default());
        let cancelled = cancel.0.clone();
        let handle = Handle::current();
        let (sender, answer) = oneshot::channel();
        // A thread of its own, because the kernel ends a sandbox together with the thread that started it.
        let build = move || {
            let built = build::build(&tools, app, &workspace, &choices, &output, &cancelled, handle);
            // Before the answer, so that the caller's clone is the last and removes the folder.
            drop(workspace);
            if sender.send(built).is_err() {
                tracing::info!(app.id = %app, "nobody waited for the end of a build");
            }
        };
        thread::Builder::new().name("build".into()).spawn(build).at("starting a thread for", "a build")?;
        answer.await.unwrap_or(Err(BuilderError::Thread.into()))
    }

    /// Takes the workspace's source for a slug that was built elsewhere, and checks it as one that was built here. Nothing of it runs.
    pub async fn take_slug(&self, workspace: &Workspace, output: &Output) -> Result<Built, BuildError> {
        let (tools, workspace, output) = (self.0.clone(), workspace.clone(), output.clone());
        tokio::task::spawn_blocking(move || prebuilt::take(&tools, &workspace, &output)).await.unwrap_or(Err(BuilderError::Thread.into()))
    }

    /// Removes the caches of an app that is gone.
    pub fn forget(&self, app: AppId) -> Result<(), BuilderError> {
        let folder = apps(&self.0.config.cache).join(app.to_string());
        disk::remove(&folder).at("removing", folder)
    }
}

/// The folder of all apps' caches: `<app>/<buildpack>` each.
pub(crate) fn apps(cache: &Path) -> PathBuf {
    cache.join("apps")
}

struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.now();
    }
}
