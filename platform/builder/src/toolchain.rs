//! What a buildpack needs and the machine does not have: fetched once, pinned, shared by all apps, read-only for them.
use crate::{
    build::Build,
    buildpack::Buildpack,
    clients, disk,
    error::{At, BuildError, BuilderError},
    reach,
    sandbox::{Access, Job},
    workspace::Workspace,
};
use paas_model::Digest;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Instant,
};

/// Where builds see it.
pub const INSIDE: &str = "/toolchain";
/// Its presence says that `bin/toolchain` ended well.
const COMPLETE: &str = ".complete";
/// Folder of a toolchain with engines that it has started: `<digest of the engine's file in slugs>.wasm`.
const STARTED: &str = "started";
/// Begins the name of a toolchain in the making.
const UNFINISHED: &str = ".new-";

pub fn folder(cache: &Path) -> PathBuf {
    cache.join("toolchains")
}

/// The buildpack's toolchain, made now if it is not there; `None` if the buildpack has none.
pub fn prepare(build: &Build, buildpack: &Buildpack) -> Result<Option<PathBuf>, BuildError> {
    let program = buildpack.dir.join("bin/toolchain");
    if !buildpack.ours || !program.exists() {
        return Ok(None);
    }
    if let Some(toolchain) = complete(build, buildpack) {
        return Ok(Some(toolchain));
    }
    let (folder, name) = (folder(&build.tools.config.cache), name(buildpack));
    let toolchain = folder.join(&name);
    let _lock = lock(&folder.join(format!("{name}.lock")), build)?;
    if !toolchain.join(COMPLETE).exists() {
        make(build, buildpack, &folder.join(format!("{UNFINISHED}{name}")), &toolchain)?;
    }
    Ok(Some(toolchain))
}

fn name(buildpack: &Buildpack) -> String {
    format!("{}-{}", buildpack.id, buildpack.version)
}

/// The buildpack's toolchain, if it was made before.
pub fn complete(build: &Build, buildpack: &Buildpack) -> Option<PathBuf> {
    let toolchain = folder(&build.tools.config.cache).join(name(buildpack));
    toolchain.join(COMPLETE).exists().then_some(toolchain)
}

/// The engines that a toolchain has started, by the digest of what was started.
pub fn started(toolchain: &Path) -> Result<Vec<(Digest, PathBuf)>, BuilderError> {
    let folder = toolchain.join(STARTED);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let files = fs::read_dir(&folder).at("listing", &folder)?.collect::<io::Result<Vec<_>>>().at("listing", &folder)?;
    let named = |path: PathBuf| Some((path.file_stem()?.to_str()?.parse().ok()?, path));
    Ok(files.into_iter().filter_map(|file| named(file.path())).collect())
}

/// Holds until dropped; also against another paasd on the same folder.
fn lock(path: &Path, build: &Build) -> Result<File, BuilderError> {
    let file = File::create(path).at("making", path)?;
    if file.try_lock().is_err() {
        build.output.detail("Waiting for another build that prepares the toolchain");
        file.lock().at("locking", path)?;
    }
    Ok(file)
}

/// Fills a folder under another name, then renames it, so that a killed fetch leaves nothing half.
fn make(build: &Build, buildpack: &Buildpack, unfinished: &Path, toolchain: &Path) -> Result<(), BuildError> {
    let began = Instant::now();
    build.output.step(format!("Preparing the {} toolchain (once on this machine)", buildpack.name));
    for leftover in [unfinished, toolchain] {
        disk::remove(leftover).at("removing", leftover)?;
    }
    fs::create_dir(unfinished).at("making", unfinished)?;
    fill(build, buildpack, unfinished)?;
    disk::seal(unfinished, build.tools.sandbox.user().is_some()).at("sealing", unfinished)?;
    fs::write(unfinished.join(COMPLETE), "").at("completing", unfinished)?;
    fs::rename(unfinished, toolchain).at("renaming", unfinished)?;
    build.output.detail(format!("Prepared in {:.1}s", began.elapsed().as_secs_f64()));
    Ok(())
}

/// Runs `bin/toolchain` in an empty workspace: what all apps share must not depend on the source or the config vars of one.
fn fill(build: &Build, buildpack: &Buildpack, unfinished: &Path) -> Result<(), BuildError> {
    let empty = Workspace::create(&build.tools.config.work)?;
    if let Some(user) = build.tools.sandbox.user() {
        empty.give_to(user)?;
        disk::give(unfinished, user).at("changing the owner of", unfinished)?;
    }
    let mut job = Job::new(&build.tools.sandbox, build.tools.config.limits.time);
    let workspace = job.mount(empty.path(), "/build", Access::Write);
    let source = build.environment(&mut job, &workspace);
    let dir = job.mount(&buildpack.dir, "/buildpack", Access::Read);
    let inside = job.mount(unfinished, INSIDE, Access::Write);
    job.env("CNB_BUILDPACK_DIR", &dir).env("PAAS_TOOLCHAIN_DIR", inside);
    build.allow(&mut job, &empty.home(), reach::of_step(build, buildpack, None)?)?;
    clients::programs(&mut job, buildpack)?;
    job.current_dir(&source).command([dir.join("bin/toolchain")]);
    let ending = build.run(&job, &mut |line| build.output.line(line))?;
    match build.judge(ending, buildpack) {
        Err(BuildError::Refused(why)) => Err(BuildError::Refused(format!(
            "The {} toolchain could not be prepared; this is not your app's fault. Push again, or ask the operator of this platform.\n{why}",
            buildpack.name
        ))),
        judged => judged,
    }
}

/// Removes what a killed process left; what another paasd on the same folder is making now is locked, and stays.
pub fn sweep(cache: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder(cache))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(toolchain) = name.strip_prefix(UNFINISHED) else { continue };
        let lock = File::create(folder(cache).join(format!("{toolchain}.lock")))?;
        if lock.try_lock().is_ok() {
            disk::remove(&entry.path())?;
        }
    }
    Ok(())
}
