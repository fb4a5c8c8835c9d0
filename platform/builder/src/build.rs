//! One build, from a checked-out source to the slug's files.
use crate::{
    assets,
    builder::{Tools, apps},
    buildpack::Buildpack,
    clients, disk,
    error::{At, BuildError, BuilderError},
    packages::{self, Package},
    procfile, reach,
    requires::{self, Lent},
    sandbox::{Access, Cancel, Ending, Job},
    sbom, selection,
    slug::{self, Slug},
    toolchain,
    workspace::Workspace,
};
use paas_model::{
    AppId, BuildpackRef, ConfigVars, Digest, Launch,
    build::{Phases, Record},
    output::Output,
    slug::StaticSite,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Instant,
};
use tokio::runtime::Handle;

/// What a build made. The files are in the workspace and go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// `static@0.1.0`
    pub buildpack: String,
    /// For people: `Static site`.
    pub name: String,
    pub processes: BTreeMap<String, Launch>,
    pub process_source: ProcessSource,
    /// What the Procfile names, with its commands.
    pub declared: BTreeMap<String, String>,
    /// Folder of the slug that the app sees at `/app`.
    pub app_files: Option<String>,
    /// What answers before the app is asked.
    pub assets: Option<StaticSite>,
    /// Folder with the slug's files.
    pub root: PathBuf,
    /// Path in the slug (`/` between parts, sorted) and where the file lies now. Regular files only.
    pub files: Vec<(String, PathBuf)>,
    /// Of all files together.
    pub bytes: u64,
    /// Engines that its toolchains have started, by the digest of the file that slugs have of each.
    pub started: Vec<(Digest, PathBuf)>,
    /// What took how long: `detect`, `toolchain`, `build`.
    pub phases: Phases,
    /// What it was made with and of.
    pub record: Record,
    pub(crate) packages: BTreeSet<Package>,
}

impl Built {
    /// A CycloneDX document that names the packages in the slug, whose digest this is. The same slug gives the same text.
    pub fn sbom(&self, slug: &Digest) -> Result<String, BuilderError> {
        sbom::document(&self.packages, slug)
    }
}

/// Who named the process types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessSource {
    Procfile,
    Buildpack,
}

/// What the steps of one build share.
pub struct Build<'a> {
    pub tools: &'a Tools,
    pub workspace: &'a Workspace,
    pub output: &'a Output,
    pub cancel: &'a Cancel,
    /// What runs the proxy.
    pub handle: Handle,
}

/// One buildpack's turn.
struct Step<'a> {
    buildpack: &'a Buildpack,
    app: AppId,
    toolchain: Option<&'a Path>,
    lent: &'a [Lent<'a>],
    /// Of the app's buildpacks.
    last: bool,
}

/// What an app's owner says about its builds.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub config: ConfigVars,
    /// In their order; none: the source decides.
    pub buildpacks: Vec<BuildpackRef>,
}

pub fn build(
    tools: &Tools,
    app: AppId,
    workspace: &Workspace,
    choices: &Choices,
    output: &Output,
    cancel: &Cancel,
    handle: Handle,
) -> Result<Built, BuildError> {
    let procfile = procfile::read(&workspace.source())?;
    let assets = assets::wanted(&workspace.source())?;
    // As pushed: the build may change them, and takes them away from a slug.
    let locked = packages::locked(&workspace.source(), &[], output)?;
    workspace.write_config(&choices.config)?;
    if let Some(user) = tools.sandbox.user() {
        workspace.give_to(user)?;
    }
    let build = Build { tools, workspace, output, cancel, handle };
    let mut phases = Phases::default();

    let mut started = Vec::new();
    let selection = phases.time("detect", || selection::select(&build, &choices.buildpacks))?;
    let buildpacks = &selection.buildpacks;
    for (place, buildpack) in buildpacks.iter().enumerate() {
        let last = place + 1 == buildpacks.len();
        phases.time("detect", || selection.check(&build, buildpack))?;
        let toolchain = phases.time("toolchain", || toolchain::prepare(&build, buildpack))?;
        let lent = phases.time("toolchain", || requires::prepare(&build, buildpack))?;
        for toolchain in toolchain.iter().map(PathBuf::as_path).chain(lent.iter().filter_map(Lent::toolchain)) {
            started.extend(toolchain::started(toolchain)?);
        }
        let step = Step { buildpack, app, toolchain: toolchain.as_deref(), lent: &lent, last };
        phases.time("fetch", || build.fetch(&step))?;
        phases.time("build", || build.compile(&step))?;
        if !last {
            slug::set_aside(&workspace.slug(), place)?;
        }
    }

    let mut slug = Slug::collect(&workspace.slug(), &tools.config.limits, tools.sandbox.user().is_some())?;
    if let Some(assets) = &assets {
        phases.time("assets", || assets.add(&build, &mut slug))?;
    }
    let made = packages::locked(&workspace.layers(), &locked.files, output)?;
    let installed = packages::installed(&slug.files);
    let buildpack = buildpacks.last().expect("selection gives at least one");
    procfile::announce(procfile.as_ref(), &slug.processes, buildpack, output)?;
    Ok(Built {
        buildpack: buildpacks.iter().map(Buildpack::reference).collect::<Vec<_>>().join(", "),
        name: buildpack.name.clone(),
        processes: slug.processes,
        process_source: if procfile.is_some() { ProcessSource::Procfile } else { ProcessSource::Buildpack },
        declared: procfile.map(|file| file.0).unwrap_or_default(),
        app_files: slug.app_files,
        assets: slug.assets,
        root: workspace.slug(),
        files: slug.files,
        bytes: slug.bytes,
        started,
        phases,
        record: Record { buildpacks: buildpacks.iter().map(Buildpack::used).collect(), toolchain: slug.toolchain, locks: locked.files },
        packages: [locked.packages, made.packages, installed].into_iter().flatten().collect(),
    })
}

impl Build<'_> {
    /// Runs `bin/fetch`, if there is one: only this step of a build reaches the network.
    fn fetch(&self, step: &Step) -> Result<(), BuildError> {
        if !step.buildpack.fetches() {
            return Ok(());
        }
        self.step(step, "bin/fetch", true)
    }

    /// Runs `bin/build`. A buildpack of others that has no `bin/fetch` fetches in there.
    fn compile(&self, step: &Step) -> Result<(), BuildError> {
        let began = Instant::now();
        self.step(step, "bin/build", step.buildpack.builds_with_network)?;
        self.output.detail(format!("Built in {:.1}s", began.elapsed().as_secs_f64()));
        Ok(())
    }

    fn step(&self, step: &Step, program: &str, network: bool) -> Result<(), BuildError> {
        let buildpack = step.buildpack;
        let cache = self.cache(step.app, buildpack)?;
        let mut job = Job::new(&self.tools.sandbox, self.tools.config.limits.time);
        let workspace = job.mount(self.workspace.path(), "/build", Access::Write);
        let source = self.environment(&mut job, &workspace);
        let dir = job.mount(&buildpack.dir, "/buildpack", Access::Read);
        let cache_dir = job.mount(&cache, "/cache", Access::Write);
        job.env("CNB_BUILDPACK_DIR", &dir).env("PAAS_CACHE_DIR", cache_dir).env("PAAS_SLUG_DIR", workspace.join("slug"));
        job.env("PAAS_LAST_BUILDPACK", if step.last { "1" } else { "0" });
        if buildpack.classic.is_some() {
            // It lies in the build's own folders, and writes its `export` file into itself.
            buildpack.show_classic(&mut job, Access::Write);
            let wasm = job.mount(&self.tools.config.buildpacks.join("wasm"), "/wasm", Access::Read);
            job.env("PAAS_WASM_BUILDPACK", wasm);
        }
        if let Some(toolchain) = step.toolchain {
            let toolchain = job.mount(toolchain, toolchain::INSIDE, Access::Read);
            job.env("PAAS_TOOLCHAIN_DIR", toolchain);
        }
        for other in step.lent {
            other.show(&mut job)?;
        }
        if network {
            let mut hosts = reach::of_step(self, buildpack, step.toolchain)?;
            for other in step.lent {
                hosts.extend(other.hosts(self)?);
            }
            self.allow(&mut job, &self.workspace.home(), hosts)?;
        }
        clients::programs(&mut job, buildpack)?;
        job.current_dir(&source).command([dir.join(program)]);

        let ending = self.run(&job, &mut |line| self.output.line(line))?;
        self.trim(&cache)?;
        self.judge(ending, buildpack)
    }

    /// Sets what every step of a build finds in its environment, given where it sees the workspace; returns where it sees the source.
    pub fn environment(&self, job: &mut Job, workspace: &Path) -> PathBuf {
        let home = workspace.join("home");
        job.env("HOME", &home)
            .env("CNB_PLATFORM_DIR", workspace.join("platform"))
            .env("CNB_LAYERS_DIR", workspace.join("layers"))
            .env("CNB_BUILD_PLAN_PATH", home.join(requires::PLAN))
            .env("CNB_BP_PLAN_PATH", home.join(".buildpack-plan.toml"))
            .env("CNB_EXEC_ENV", "production")
            .env("CNB_TARGET_OS", "wasi")
            .env("CNB_TARGET_ARCH", "wasm32");
        workspace.join("source")
    }

    pub fn run(&self, job: &Job, line: &mut dyn FnMut(&str)) -> Result<Ending, BuilderError> {
        self.tools.sandbox.run(job, &self.tools.config.limits, self.cancel, line)
    }

    /// The app's own cache for this buildpack; no other app's build sees it.
    fn cache(&self, app: AppId, buildpack: &Buildpack) -> Result<PathBuf, BuilderError> {
        let of_app = apps(&self.tools.config.cache).join(app.to_string());
        let cache = of_app.join(&buildpack.id);
        fs::create_dir_all(&cache).at("making", &cache)?;
        fs::set_permissions(&of_app, fs::Permissions::from_mode(0o711)).at("opening", &of_app)?;
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o700)).at("closing", &cache)?;
        if let Some(user) = self.tools.sandbox.user().filter(|user| fs::metadata(&cache).is_ok_and(|is| is.uid() != user.uid)) {
            disk::give(&cache, user).at("changing the owner of", &cache)?;
        }
        Ok(cache)
    }

    /// Throws a cache away that has grown too large; the next build fills it anew.
    fn trim(&self, cache: &Path) -> Result<(), BuilderError> {
        let enough = disk::Usage { bytes: self.tools.config.limits.cache_bytes, files: u64::MAX };
        if disk::usage(cache, enough).bytes > enough.bytes {
            disk::remove(cache).at("removing", cache)?;
            self.output.detail(format!("The build cache outgrew {} and was cleared", size(enough.bytes)));
        }
        Ok(())
    }

    /// Only a job that ended well and by itself goes on; all others end the push, each with its own words.
    pub fn judge(&self, ending: Ending, buildpack: &Buildpack) -> Result<(), BuildError> {
        let (name, limits) = (&buildpack.name, &self.tools.config.limits);
        let because = match ending {
            Ending::Exit(0) => return Ok(()),
            Ending::Exit(_) => return Err(BuildError::Refused(format!("Push rejected, failed to compile {name} app."))),
            Ending::Time => format!("it took longer than {} seconds. Make it do less, and push again.", limits.time.as_secs()),
            Ending::Cpu => format!("a process computed for more than {} seconds. Make it do less, and push again.", limits.cpu_seconds),
            Ending::Memory => format!("it used more than {} of memory. Make it use less, and push again.", size(limits.memory_bytes)),
            Ending::Processes => format!("it ran more than {} processes at a time. Make it run fewer, and push again.", limits.processes),
            Ending::Disk => format!("it wrote more than {} to disk. Make it write less, and push again.", size(limits.disk_bytes)),
            Ending::Files => format!("it made more than {} files. Make it write fewer, and push again.", limits.disk_files),
            Ending::FileSize => format!("it wrote a file larger than {}. Make it smaller, and push again.", size(limits.file_bytes)),
            Ending::Cancelled => "the push was given up. Push again.".into(),
        };
        Err(BuildError::Refused(format!("Push rejected, the build of the {name} app was stopped: {because}")))
    }
}

/// Bytes for people: `1.5 GiB`, `64 MiB`, `10 KiB`.
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0x4000_0000.. => (0x4000_0000, "GiB"),
        0x10_0000.. => (0x10_0000, "MiB"),
        0x400.. => (0x400, "KiB"),
        _ => (1, "bytes"),
    };
    match bytes % unit {
        0 => format!("{} {name}", bytes / unit),
        _ => format!("{:.1} {name}", bytes as f64 / unit as f64),
    }
}
