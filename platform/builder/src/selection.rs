//! Which buildpacks a source gets, and in which order: those its owner chose, else those it names itself, else the one whose detection passes.
use crate::{
    build::Build,
    buildpack::Buildpack,
    detect,
    error::{At, BuildError},
    reach,
    sandbox::{Access, Ending, Job},
    source,
};
use paas_model::{BuildpackRef, BuildpackSource, Digest};
use serde::Deserialize;
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What fetching one of them may take.
const FETCH_TIME: Duration = Duration::from_secs(120);
/// How many buildpacks one app may use.
const MOST: usize = 10;

/// The buildpacks of one build.
pub struct Selection {
    /// In the order they run; at least one.
    pub buildpacks: Vec<Buildpack>,
    /// Somebody named them: whether each fits the source, which those before it may have changed, shows when its turn comes.
    named: bool,
}

/// `chosen` is what the app's owner set.
pub fn select(build: &Build, chosen: &[BuildpackRef]) -> Result<Selection, BuildError> {
    let (wanted, by) = wanted(build, chosen)?;
    if wanted.is_empty() {
        build.output.step("Determining which buildpack to use for this app");
        let found = detect::detect(build)?;
        build.output.step(format!("{} app detected", found.name));
        return Ok(Selection { buildpacks: vec![found.clone()], named: false });
    }
    if wanted.len() > MOST {
        return Err(BuildError::Refused(format!("{by} names {} buildpacks; {MOST} are allowed.", wanted.len())));
    }
    build.output.step(format!("Using {} (named by {by})", if wanted.len() == 1 { "the buildpack" } else { "buildpacks" }));
    let mut buildpacks = Vec::new();
    for (place, name) in wanted.iter().enumerate() {
        build.output.detail(format!("{}. {name}", place + 1));
        buildpacks.push(find(build, name, place)?);
    }
    Ok(Selection { buildpacks, named: true })
}

impl Selection {
    /// A named buildpack that does not fit the source as it is now ends the push.
    pub fn check(&self, build: &Build, buildpack: &Buildpack) -> Result<(), BuildError> {
        if !self.named || detect::fits(build, buildpack)? {
            return Ok(());
        }
        let name = if buildpack.ours { &buildpack.id } else { &buildpack.name };
        Err(BuildError::Refused(format!("App not compatible with buildpack: {name}\n{}", looks_for(buildpack))))
    }
}

fn looks_for(buildpack: &Buildpack) -> String {
    let sees = buildpack.looks_for.as_ref().map_or(String::new(), |looks_for| format!("It looks for {looks_for}. "));
    format!("{sees}Choose another one with `paas buildpacks:set`, or add what it needs, and push again.")
}

/// What is wanted, and by whom.
fn wanted(build: &Build, chosen: &[BuildpackRef]) -> Result<(Vec<BuildpackRef>, &'static str), BuildError> {
    if !chosen.is_empty() {
        return Ok((chosen.to_vec(), "`paas buildpacks:set`"));
    }
    let root = build.workspace.source();
    let named: Vec<BuildpackRef> = source::app_json(&root)?.buildpacks.into_iter().map(|entry| entry.url).collect();
    if !named.is_empty() {
        return Ok((named, "app.json"));
    }
    Ok((project_toml(&root)?, "project.toml"))
}

/// The tables of the Cloud Native Buildpacks' project descriptor, in both versions of its schema.
#[derive(Default, Deserialize)]
struct Project {
    #[serde(default)]
    io: Io,
    #[serde(default)]
    build: OldBuild,
}
#[derive(Default, Deserialize)]
struct Io {
    #[serde(default)]
    buildpacks: Groups,
}
#[derive(Default, Deserialize)]
struct Groups {
    #[serde(default)]
    group: Vec<Entry>,
}
#[derive(Default, Deserialize)]
struct OldBuild {
    #[serde(default)]
    buildpacks: Vec<Entry>,
}
#[derive(Deserialize)]
struct Entry {
    id: Option<String>,
    uri: Option<String>,
}

fn project_toml(root: &Path) -> Result<Vec<BuildpackRef>, BuildError> {
    let Some(text) = source::read(root, "project.toml")? else { return Ok(Vec::new()) };
    let refused = |why: &str| BuildError::Refused(format!("project.toml is not valid: {why} Correct it, commit it, and push again."));
    let project: Project = toml::from_str(&text).map_err(|error| refused(error.message()))?;
    let entries = project.io.buildpacks.group.into_iter().chain(project.build.buildpacks);
    let names = entries.map(|entry| entry.uri.or(entry.id).ok_or_else(|| refused("a buildpack needs an `id` or a `uri`.")));
    names.map(|name| BuildpackRef::try_from(name?).map_err(|error| refused(&error.to_string()))).collect()
}

fn find(build: &Build, name: &BuildpackRef, place: usize) -> Result<Buildpack, BuildError> {
    match name.source() {
        BuildpackSource::Ours(id) => ours(build, &id),
        BuildpackSource::Git { url, reference } => {
            let (folder, commit) = fetch(build, name, &url, reference.as_deref(), place)?;
            Ok(Buildpack { commit: Some(commit), ..foreign(build, name, &folder)? })
        }
        BuildpackSource::Folder(folder) => {
            let root = build.workspace.source();
            let inside = root.join(&folder).canonicalize().ok().filter(|found| root.canonicalize().is_ok_and(|root| found.starts_with(root)));
            let missing = || {
                BuildError::Refused(format!("The source has no folder {folder}, which is named as a buildpack. Correct the name, and push again."))
            };
            foreign(build, name, &inside.filter(|found| found.is_dir()).ok_or_else(missing)?)
        }
    }
}

fn ours(build: &Build, id: &str) -> Result<Buildpack, BuildError> {
    let known = &build.tools.buildpacks;
    let unknown = || {
        let names: Vec<&str> = known.iter().map(|buildpack| buildpack.id.as_str()).collect();
        let text = format!("There is no buildpack {id}. This platform has {}; others are named by git URL or folder.", names.join(", "));
        BuildError::Refused(text)
    };
    known.iter().find(|buildpack| buildpack.id == id).cloned().ok_or_else(unknown)
}

/// Somebody else's: what it says of itself gives it no more than any source has. Its cache and its id are its own.
fn foreign(build: &Build, name: &BuildpackRef, folder: &Path) -> Result<Buildpack, BuildError> {
    let id = format!("other-{}", Digest::of(name.as_str().as_bytes()).short());
    let classic = build.tools.config.buildpacks.join("classic");
    Buildpack::foreign(folder, id, name, &classic)
}

/// A branch, a tag or a commit of the repository `$1`; says its name last.
const FETCH: &str = r#"set -e
git init --quiet "$3"
cd "$3"
git fetch --quiet --depth=1 -- "$1" "$2"
git -c advice.detachedHead=false checkout --quiet FETCH_HEAD
git rev-parse HEAD"#;

/// Fetches into the build's own folder, in the sandbox, as the build's user. Gives the folder and the commit.
fn fetch(build: &Build, name: &BuildpackRef, url: &str, reference: Option<&str>, place: usize) -> Result<(PathBuf, String), BuildError> {
    let mut job = Job::new(&build.tools.sandbox, FETCH_TIME.min(build.tools.config.limits.time));
    let workspace = job.mount(build.workspace.path(), "/build", Access::Write);
    build.environment(&mut job, &workspace);
    build.allow(&mut job, &build.workspace.home(), reach::of_url(build, url))?;
    let folder = format!("layers/buildpack-{place}");
    let inside = workspace.join(&folder);
    job.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ALLOW_PROTOCOL", "http:https:git").current_dir(&workspace.join("layers"));
    let arguments: [&OsStr; 7] =
        ["sh".as_ref(), "-c".as_ref(), FETCH.as_ref(), "fetch".as_ref(), url.as_ref(), reference.unwrap_or("HEAD").as_ref(), inside.as_ref()];
    job.command(arguments);
    let mut commit = None;
    let mut heard = |line: &str| match is_commit(line) {
        true => commit = Some(line.to_string()),
        false => build.output.detail(line),
    };
    let (Ending::Exit(0), Some(commit)) = (build.run(&job, &mut heard)?, commit) else {
        let text = format!("The buildpack {name} could not be fetched. Check its address and its #branch, #tag or whole #commit, and push again.");
        return Err(BuildError::Refused(text));
    };
    let folder = build.workspace.path().join(folder);
    folder.canonicalize().at("finding", &folder).map_err(Into::into).and_then(|found| {
        let workspace = build.workspace.path().canonicalize().at("finding", build.workspace.path())?;
        // The build's user owns the folder above and could have put a link there.
        match found.starts_with(workspace) && fs::symlink_metadata(&found).is_ok_and(|is| is.is_dir()) {
            true => Ok((found, commit)),
            false => Err(BuildError::Refused(format!("The buildpack {name} is not a folder."))),
        }
    })
}

fn is_commit(line: &str) -> bool {
    [40, 64].contains(&line.len()) && line.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("project.toml"), text).unwrap();
        project_toml(folder.path()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn both_forms_of_a_project_descriptor_name_buildpacks() {
        assert_eq!(
            names("[_]\nschema-version = \"0.2\"\n[[io.buildpacks.group]]\nid = \"heroku/python\"\n[[io.buildpacks.group]]\nuri = \"./mine\"\n"),
            ["heroku/python", "./mine"]
        );
        assert_eq!(names("[[build.buildpacks]]\nuri = \"https://example.com/b.git#v1\"\n"), ["https://example.com/b.git#v1"]);
        assert!(names("[project]\nid = \"x\"\n").is_empty());
    }
}
