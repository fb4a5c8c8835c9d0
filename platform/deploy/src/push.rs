//! A push, from source to a release that answers; the steps in their order.
//!
//! Before the ref moves: lock, build, slug, check, boot, a release in state `built`. After it has moved: number it, make it
//! current, wait until it answers. Whatever happens in between, `end` (or `recover` after a crash) leaves a clear state.
use crate::{
    capabilities,
    deploy::Deploy,
    error::{DeployError, Result},
    output::Recording,
    wants::Vars,
};
use paas_builder::{BuildError, Built, Choices, Workspace};
use paas_model::{
    Account, App, Asked, BuildId, BuildStatus, BuildpackRef, ConfigVars, Digest, Egress, Manifest, Release, ReleaseId, ReleaseVersion, Target,
    build::Phases, output::Output,
};
use paas_store::{AppLock, NewBuilt, NewSlug, SlugFile};
use std::{collections::BTreeSet, path::Path, time::Duration};
use tokio::time::{Instant, sleep};

/// The process type that runs once in each deploy, before the new release answers.
const RELEASE: &str = "release";
/// How long a push waits for another one of the same app.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(15 * 60);
const ASK_FOR_LOCK_EVERY: Duration = Duration::from_millis(200);
/// What is to be deployed.
#[derive(Clone, Debug)]
pub struct Source {
    /// The full commit id, or what whoever sent an archive calls its version.
    pub commit: String,
    /// `refs/heads/main`: moves to `commit` if all goes well. [`NO_REFERENCE`] where git brought nothing.
    pub reference: String,
    pub form: Form,
}

/// What the files of a source are.
#[derive(Clone, Debug)]
pub enum Form {
    /// To be built, by these buildpacks in their order; none: the app's own, or what fits.
    Code(Vec<BuildpackRef>),
    /// A slug that was built elsewhere.
    Slug,
}

/// No push can make it, so after a crash the release that waits for it is abandoned.
pub const NO_REFERENCE: &str = "refs/paas/none";

/// One push of one app, which no other push of it may overtake. `end` must be called, however it goes.
pub struct Pushing {
    pub(crate) deploy: Deploy,
    pub(crate) app: App,
    pub(crate) by: Account,
    pub(crate) output: Output,
    pub(crate) build: Option<(BuildId, Recording)>,
    pub(crate) built: Option<ReleaseId>,
    pub(crate) _lock: AppLock,
}

impl Deploy {
    /// Takes the app's lock, waiting with a line if another push runs.
    pub async fn begin_push(&self, app: &App, by: &Account, output: &Output) -> Result<Pushing> {
        let lock = self.wait_for_lock(app, output).await?;
        Ok(Pushing { deploy: self.clone(), app: app.clone(), by: by.clone(), output: output.clone(), build: None, built: None, _lock: lock })
    }

    /// A build that somebody can follow from now on.
    pub(crate) async fn begin_build(&self, app: &App, by: &Account, source: &Source, output: &Output) -> Result<(BuildId, Recording, Output)> {
        let build = self.store.begin_build(app.id, by.id, &source.commit).await?;
        let (output, recording) = self.outputs.record(&self.store, build, output);
        Ok((build, recording, output))
    }

    pub(crate) async fn close_build(&self, build: BuildId, recording: Recording, status: BuildStatus) {
        recording.close().await;
        if let Err(error) = self.store.finish_build(build, status).await {
            tracing::error!(%error, build.id = %build, "a build's end could not be recorded");
        }
    }

    pub(crate) async fn wait_for_lock(&self, app: &App, output: &Output) -> Result<AppLock> {
        let deadline = Instant::now() + WAIT_FOR_LOCK;
        let mut told = false;
        loop {
            if let Some(lock) = self.store.lock_app(app.id).await? {
                return Ok(lock);
            }
            if !told {
                output.step(format!("Waiting for another push to {} to end...", app.name));
                told = true;
            }
            if Instant::now() > deadline {
                return Err(DeployError::Conflict(format!("Another push to {} is still running. Try again when it has ended.", app.name)));
            }
            sleep(ASK_FOR_LOCK_EVERY).await;
        }
    }
}

impl Pushing {
    /// Builds and checks; leaves a release in state `built`. An error has been told to the pusher, in the push log's form.
    ///
    /// `checkout` writes the pushed tree into the folder it is given.
    pub async fn build(&mut self, source: &Source, checkout: impl AsyncFnOnce(&Path) -> Result<(), String>) -> Result<()> {
        let (build, recording, output) = self.deploy.begin_build(&self.app, &self.by, source, &self.output).await?;
        self.output = output;
        self.build = Some((build, recording));
        self.work(build, source, checkout).await
    }

    pub(crate) async fn work(&mut self, build: BuildId, source: &Source, checkout: impl AsyncFnOnce(&Path) -> Result<(), String>) -> Result<()> {
        let mut phases = Phases::default();
        let running = self.deploy.running.clone();
        let work = async {
            let _place = running.place(&self.output).await;
            self.try_build(build, source, checkout, &mut phases).await
        };
        let built = running.cancellable(build, work).await;
        self.keep(build, &phases).await;
        match built {
            Ok(release) => self.built = Some(release),
            Err(error) => {
                tell(&error, &self.app, &self.output);
                self.close_build(BuildStatus::Failed).await;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Keeps how long everything took; a build is not refused because its times could not be kept.
    async fn keep(&self, build: BuildId, phases: &Phases) {
        if let Err(error) = self.deploy.store.set_phases(build, phases).await {
            tracing::error!(%error, build.id = %build, "a build's times could not be recorded");
        }
    }

    async fn try_build(
        &self,
        build: BuildId,
        source: &Source,
        checkout: impl AsyncFnOnce(&Path) -> Result<(), String>,
        phases: &mut Phases,
    ) -> Result<ReleaseId> {
        self.output.line("Building source:");
        self.output.line("");
        let workspace = self.deploy.builder.workspace()?;
        let began = Instant::now();
        checkout(&workspace.source()).await.map_err(DeployError::Refused)?;
        phases.add("checkout", began.elapsed());
        let (built, mut vars) = match &source.form {
            Form::Code(buildpacks) => self.build_code(&workspace, buildpacks).await?,
            Form::Slug => self.take_slug(&workspace).await?,
        };
        self.deploy.store.set_buildpack(build, &built.buildpack).await?;
        vars.allow(&built.processes)?;
        vars.asked.declared.processes = built.declared.clone();
        for phase in &built.phases.0 {
            phases.add(&phase.name, Duration::from_millis(phase.ms));
        }
        let began = Instant::now();
        let (slug, manifest) = self.store_slug(&built).await?;
        let sbom = built.sbom(&slug)?;
        self.deploy.store.set_record(build, &built.record, &sbom).await?;
        phases.add("store", began.elapsed());
        self.check(slug, &manifest, source, &vars, phases).await?;
        self.output.step(format!("Times: {phases}"));
        let description = format!("Deploy {}", &source.commit[..8.min(source.commit.len())]);
        let Source { commit, reference, .. } = source.clone();
        let new = NewBuilt {
            app: self.app.id,
            build,
            slug,
            commit,
            reference,
            description,
            account: self.by.id,
            additions: vars.additions,
            asked: vars.asked,
        };
        Ok(self.deploy.store.insert_built(&new).await?)
    }

    async fn build_code(&self, workspace: &Workspace, buildpacks: &[BuildpackRef]) -> Result<(Built, Vars)> {
        let vars = self.deploy.wants(&self.app, workspace, &self.output).await?;
        let buildpacks = match buildpacks {
            [] => self.deploy.store.buildpacks(self.app.id).await?,
            asked => asked.to_vec(),
        };
        let choices = Choices { config: vars.all.clone(), buildpacks };
        let built = self.deploy.builder.build(self.app.id, workspace, &choices, &self.output).await.map_err(of_builder)?;
        Ok((built, vars))
    }

    /// A slug has no app.json: it wants what the app has.
    async fn take_slug(&self, workspace: &Workspace) -> Result<(Built, Vars)> {
        let (_, all) = self.deploy.store.config_vars(self.app.id).await?;
        let built = self.deploy.builder.take_slug(workspace, &self.output).await.map_err(of_builder)?;
        Ok((built, Vars { all, additions: ConfigVars::default(), asked: Asked::default() }))
    }

    async fn store_slug(&self, built: &Built) -> Result<(Digest, Manifest)> {
        self.output.line("");
        self.output.step("Compressing...");
        let files: Vec<SlugFile> = built.files.iter().map(|(name, path)| SlugFile { name: name.clone(), path: path.clone() }).collect();
        for (engine, path) in &built.started {
            self.deploy.store.put_started(*engine, path).await?;
        }
        let app_files = built.app_files.as_deref();
        let new = NewSlug { files: &files, processes: built.processes.clone(), buildpack: &built.buildpack, app_files, assets: built.assets.clone() };
        let (digest, manifest) = self.deploy.store.put_slug(new).await?;
        self.output.detail(format!("Done: {}", size(manifest.size())));
        Ok((digest, manifest))
    }

    /// Does it load, what may it do, does it boot? Better now than at the first visitor.
    async fn check(&self, slug: Digest, manifest: &Manifest, source: &Source, wants: &Vars, phases: &mut Phases) -> Result<()> {
        if manifest.web().is_none() {
            return Err(DeployError::Refused("This app has no `web` process, so nothing could answer. Add a `web:` line to its Procfile.".into()));
        }
        let began = Instant::now();
        let capabilities = self.deploy.runtime.check(self.app.id, manifest, &self.output).await?.words();
        phases.add("compile", began.elapsed());
        self.deploy.store.set_capabilities(slug, &capabilities).await?;
        let app = self.app_now().await?;
        let current = self.deploy.current(&app).await?;
        let settings = current.settings.clone().deployed(wants.asked.clone());
        let no_more: BTreeSet<_> = current.settings.egress.0.difference(&settings.egress.0).cloned().collect();
        if !no_more.is_empty() {
            self.output.step(format!("No longer allowed to call, because the source no longer asks for it: {}", Egress(no_more)));
        }
        self.tell_capabilities(&capabilities, &current, &settings.egress, manifest);
        let (_, vars) = self.deploy.store.config_vars(app.id).await?;
        let target =
            self.deploy.target(&app, ReleaseId::generate(), slug, &vars.with_defaults(&wants.additions), &settings, Some(&source.commit)).await?;
        let began = Instant::now();
        if let Some(note) = self.deploy.runtime.prepare(&target).await? {
            self.output.warning(note);
        }
        phases.add("boot", began.elapsed());
        let began = Instant::now();
        self.release_phase(&target).await?;
        phases.add("release", began.elapsed());
        Ok(())
    }

    /// Runs the process type `release`, if there is one, with the code and config to be: the app's last word before anything changes.
    async fn release_phase(&self, target: &Target) -> Result<()> {
        if !target.manifest.processes.contains_key(RELEASE) {
            return Ok(());
        }
        self.output.step("Running release command...");
        let ran = self.deploy.runtime.run_once(target, RELEASE, &self.output).await;
        ran.map_err(|refusal| match refusal.into() {
            DeployError::Refused(why) => {
                DeployError::Refused(format!("Release command failed: {why}\nNothing was released. Correct it, and push again."))
            }
            fault => fault,
        })
    }

    fn tell_capabilities(&self, now: &[String], current: &Release, egress: &Egress, manifest: &Manifest) {
        if now.is_empty() {
            return;
        }
        let before = current.slug.map(|_| current.capabilities.as_slice()).filter(|before| !before.is_empty());
        let files_at = manifest.files_at();
        self.output.step(format!("Capabilities: {}", capabilities::line(now, before, egress, files_at, &self.app.name)));
    }

    /// The ref has moved: the release gets its number and answers when this returns.
    pub async fn activate(&mut self) -> Result<Option<Release>> {
        let Some(built) = self.built.take() else { return Ok(None) };
        self.output.step("Launching...");
        match self.deploy.activate(self.app.id, built).await {
            Ok(release) => {
                self.announce(release.version);
                self.close_build(BuildStatus::Succeeded).await;
                Ok(Some(release))
            }
            Err(error) => {
                self.give_up(built, &error).await;
                Err(error)
            }
        }
    }

    /// The ref has moved and cannot move back. A refusal ends the release; after a fault of ours `recover` tries again.
    async fn give_up(&mut self, built: ReleaseId, error: &DeployError) {
        self.output.warning(error.public());
        self.output.warning(format!("The code is stored, but {} keeps its current release.", self.app.name));
        log(error, &self.app);
        if !error.is_final() {
            return self.close_recording().await;
        }
        self.close_build(BuildStatus::Failed).await;
        if let Err(error) = self.deploy.store.abandon(built).await {
            log(&error.into(), &self.app);
        }
    }

    fn announce(&self, version: Option<ReleaseVersion>) {
        let Some(version) = version else { return };
        self.output.detail(format!("Released {version}"));
        self.output.detail(format!("{} deployed to paas", self.deploy.address.app(&self.app.name)));
        self.output.line("");
    }

    /// The last step, however the push went. `moved`: whether the ref points at the commit now.
    pub async fn end(mut self, moved: bool) -> Result<Option<Release>> {
        let release = match (moved, self.built) {
            (true, Some(_)) => self.activate().await,
            (false, Some(built)) => self.deploy.store.abandon(built).await.map(|()| None).map_err(Into::into),
            (_, None) => Ok(None),
        };
        self.close_build(BuildStatus::Failed).await; // a build that got this far without a verdict has failed
        release
    }

    /// Ends the followers' streams; whether the build succeeded is for `recover` to say.
    async fn close_recording(&mut self) {
        if let Some((_, recording)) = self.build.take() {
            recording.close().await;
        }
    }

    async fn close_build(&mut self, status: BuildStatus) {
        let Some((build, recording)) = self.build.take() else { return };
        self.deploy.close_build(build, recording, status).await;
    }

    async fn app_now(&self) -> Result<App> {
        let gone = || DeployError::NotFound(format!("App {} does not exist any more.", self.app.name));
        self.deploy.store.app_by_id(self.app.id).await?.ok_or_else(gone)
    }
}

/// The last words of a push that failed.
pub(crate) fn tell(error: &DeployError, app: &App, output: &Output) {
    log(error, app);
    output.line("");
    output.warning(error.public());
    output.line("");
    output.warning(format!("Push rejected to {}.", app.name));
    output.line("");
}

/// A fault is logged once, here; a refusal is the developer's business.
fn log(error: &DeployError, app: &App) {
    if !error.is_final() {
        tracing::error!(error = error as &dyn std::error::Error, app.name = %app.name, "a push failed");
    }
}

pub(crate) fn of_builder(error: BuildError) -> DeployError {
    match error {
        BuildError::Refused(text) => DeployError::Refused(text),
        fault => DeployError::Fault(format!("{fault:#?}")),
    }
}

/// As Heroku prints it: `512`, `1.2K`, `34M`.
fn size(bytes: u64) -> String {
    let (mut value, mut unit) = (bytes as f64, "");
    for next in ["K", "M", "G"] {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    if unit.is_empty() || value >= 10.0 { format!("{value:.0}{unit}") } else { format!("{value:.1}{unit}") }
}

#[cfg(test)]
mod tests {
    #[test]
    fn sizes_are_short() {
        let shown: Vec<_> = [0, 512, 1024, 1_300_000, 34 << 20, 5 << 30].into_iter().map(super::size).collect();
        assert_eq!(shown, ["0", "512", "1.0K", "1.2M", "34M", "5.0G"]);
    }
}
