//! What a buildpack left in `PAAS_SLUG_DIR`, read as if an enemy had written it.
use crate::{
    build::size,
    disk,
    error::{At, BuildError},
    limits::BuildLimits,
    sandbox::clean,
};
use paas_model::{Launch, slug::StaticSite};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, DirEntry},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// How the processes start; not itself a file of the slug.
const DESCRIPTOR: &str = "slug.toml";
const MAX_DESCRIPTOR_BYTES: u64 = 64 << 10;
const MAX_PATH_BYTES: usize = 1024;
const MAX_TOOLCHAIN: usize = 50;

#[derive(Debug)]
pub struct Slug {
    pub processes: BTreeMap<String, Launch>,
    /// The folder that the app sees at `/app`.
    pub app_files: Option<String>,
    /// What answers before the app is asked; added by [`crate::assets`].
    pub assets: Option<StaticSite>,
    /// Programs and engines that made it, and their versions.
    pub toolchain: BTreeMap<String, String>,
    /// Sorted by path in the slug.
    pub files: Vec<(String, PathBuf)>,
    pub bytes: u64,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Descriptor {
    #[serde(default)]
    processes: BTreeMap<String, Launch>,
    #[serde(default)]
    files: Option<String>,
    #[serde(default)]
    toolchain: BTreeMap<String, String>,
}

fn refused<T>(text: String) -> Result<T, BuildError> {
    Err(BuildError::Refused(format!("Push rejected, {text}")))
}

impl Slug {
    /// Takes the folder back and lists it. No process of the build runs any more.
    pub fn collect(root: &Path, limits: &BuildLimits, as_root: bool) -> Result<Self, BuildError> {
        disk::seal(root, as_root).at("sealing", root)?;
        let mut walk = Walk::new(limits);
        walk.folder(root)?;
        walk.files.sort();
        let Descriptor { processes, files: app_files, toolchain } = descriptor(root, &mut walk.files)?;
        for (name, launch) in &processes {
            check(name, launch, &walk.files)?;
        }
        if let Some(folder) = &app_files {
            check_app_files(folder, &walk.files)?;
        }
        check_toolchain(&toolchain)?;
        Ok(Self { processes, app_files, toolchain, assets: None, files: walk.files, bytes: walk.bytes })
    }
}

/// Lists a folder that a build wrote, within a slug's limits.
pub(crate) struct Walk<'a> {
    limits: &'a BuildLimits,
    pub(crate) files: Vec<(String, PathBuf)>,
    pub(crate) bytes: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(limits: &'a BuildLimits) -> Self {
        Self { limits, files: Vec::new(), bytes: 0 }
    }

    pub(crate) fn folder(&mut self, root: &Path) -> Result<(), BuildError> {
        if !fs::symlink_metadata(root).at("reading", root)?.is_dir() {
            return refused("the build replaced its slug folder by something else. Write files into it instead.".into());
        }
        let mut folders = vec![(String::new(), root.to_path_buf())];
        while let Some((prefix, folder)) = folders.pop() {
            for entry in fs::read_dir(&folder).at("listing", &folder)? {
                let entry = entry.at("listing", &folder)?;
                let name = format!("{prefix}{}", part(&prefix, &entry)?);
                if entry.file_type().at("reading", entry.path())?.is_dir() {
                    folders.push((name + "/", entry.path()));
                } else {
                    self.file(name, entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Regular files with one name only: a link could show the platform's own files, or change after it was read.
    fn file(&mut self, name: String, path: PathBuf) -> Result<(), BuildError> {
        let metadata = fs::symlink_metadata(&path).at("reading", &path)?;
        if metadata.is_symlink() {
            return refused(format!("the slug contains a symbolic link: {name}. Replace it by the file it names, and push again."));
        }
        if !metadata.is_file() || metadata.nlink() != 1 {
            return refused(format!("the slug contains something that is not a plain file of its own: {name}. Remove or copy it, and push again."));
        }
        self.bytes += metadata.len();
        if self.bytes > self.limits.slug_bytes {
            return refused(format!(
                "the slug is larger than {}. Leave out what the app does not serve, and push again.",
                size(self.limits.slug_bytes)
            ));
        }
        if self.files.len() >= self.limits.slug_files {
            return refused(format!(
                "the slug has more than {} files. Leave out what the app does not serve, and push again.",
                self.limits.slug_files
            ));
        }
        self.files.push((name, path));
        Ok(())
    }
}

/// One part of a path, fit to be a key of the manifest and part of a URL's path.
fn part(prefix: &str, entry: &DirEntry) -> Result<String, BuildError> {
    let name = entry.file_name();
    let plain = name.to_str().filter(|text| !text.chars().any(|char| char.is_control() || char == '\\'));
    match plain {
        Some(text) if prefix.len() + text.len() < MAX_PATH_BYTES => Ok(text.to_string()),
        _ => {
            let shown: String = clean(&format!("{prefix}{}", name.to_string_lossy())).chars().take(200).collect();
            refused(format!("the slug contains a file whose path is too long or not plain text: {shown}. Rename it, and push again."))
        }
    }
}

/// Keeps what a buildpack that is not the last one wrote about processes, if it did; later ones may name the same again.
pub fn set_aside(root: &Path, place: usize) -> Result<(), BuildError> {
    match fs::rename(root.join(DESCRIPTOR), root.join(aside(place))) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("renaming", root.join(DESCRIPTOR))?,
        _ => Ok(()),
    }
}

/// Sorts in the buildpacks' order, and before [`DESCRIPTOR`].
fn aside(place: usize) -> String {
    format!(".paas-slug-{place}.toml")
}

fn is_descriptor(name: &str) -> bool {
    name == DESCRIPTOR || (0..10).any(|place| name == aside(place))
}

/// Reads `slug.toml` and takes it out of the files.
fn descriptor(root: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<Descriptor, BuildError> {
    let names: Vec<String> = files.extract_if(.., |(name, _)| is_descriptor(name)).map(|(name, _)| name).collect();
    if names.is_empty() {
        return refused(format!("the buildpack wrote no {DESCRIPTOR}. Tell the buildpack's author."));
    }
    let mut all = Descriptor::default();
    for name in names {
        let later = one_descriptor(&root.join(name))?;
        all.processes.extend(later.processes);
        all.files = later.files.or(all.files);
        all.toolchain.extend(later.toolchain);
    }
    if all.processes.is_empty() {
        return refused(format!("the buildpack's {DESCRIPTOR} names no process. Tell the buildpack's author."));
    }
    Ok(all)
}

fn one_descriptor(path: &Path) -> Result<Descriptor, BuildError> {
    if fs::metadata(path).at("reading", path)?.len() > MAX_DESCRIPTOR_BYTES {
        return refused(format!("the buildpack's {DESCRIPTOR} is larger than {}. Tell the buildpack's author.", size(MAX_DESCRIPTOR_BYTES)));
    }
    let bytes = fs::read(path).at("reading", path)?;
    match toml::from_slice::<Descriptor>(&bytes) {
        Ok(descriptor) => Ok(descriptor),
        Err(error) => refused(format!("the buildpack's {DESCRIPTOR} is wrong: {}. Tell the buildpack's author.", clean(error.message()))),
    }
}

/// What a process names must be there.
fn check(process: &str, launch: &Launch, files: &[(String, PathBuf)]) -> Result<(), BuildError> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if process.is_empty() || process.len() > 63 || !process.bytes().all(legal) {
        return refused(format!("the buildpack's {DESCRIPTOR} has a process type with a wrong name. Tell the buildpack's author."));
    }
    let file = |wanted: &str| files.iter().any(|(name, _)| name == wanted);
    let folder = |wanted: &str| wanted.is_empty() || is_folder(wanted, files);
    let missing = match launch {
        Launch::Components(components) => {
            let fault =
                if process == "web" { components.fault(file, folder) } else { Some("is one of several components, as only web may be".into()) };
            let Some(fault) = fault else { return Ok(()) };
            return refused(format!("process {process} {}. Tell the buildpack's author.", clean(&fault)));
        }
        Launch::Wasm { file: wanted, .. } if !file(wanted) => wanted,
        Launch::Wasm { libraries, .. } => match libraries.iter().find(|wanted| !file(wanted)) {
            Some(wanted) => wanted,
            None => return Ok(()),
        },
        Launch::Javascript { file: wanted, .. } if !file(wanted) => wanted,
        Launch::Javascript { ground: Some(wanted), .. } if !file(wanted) => wanted,
        Launch::Javascript { engine, .. } if !folder(engine) => engine,
        Launch::Python { engine, .. } if !folder(engine) => engine,
        Launch::Static(site) if !folder(&site.root) => &site.root,
        _ => return Ok(()),
    };
    refused(format!("process {process} starts {}, which the slug does not contain. Tell the buildpack's author.", clean(missing)))
}

/// What the app is to see at `/app` must be a folder of the slug, named as the manifest names it.
fn check_app_files(folder: &str, files: &[(String, PathBuf)]) -> Result<(), BuildError> {
    let plain = folder.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let shown = clean(folder);
    match (plain, is_folder(folder, files)) {
        (false, _) => refused(format!(
            "the buildpack's {DESCRIPTOR} says files = \"{shown}\", which is not a plain path inside the slug. Tell the buildpack's author."
        )),
        (true, false) => refused(format!(
            "the buildpack's {DESCRIPTOR} says files = \"{shown}\", but the slug has no such folder with files in it. Tell the buildpack's author."
        )),
        (true, true) => Ok(()),
    }
}

/// Versions are kept with the build and shown, so they have to be short plain words.
fn check_toolchain(toolchain: &BTreeMap<String, String>) -> Result<(), BuildError> {
    let plain = |text: &String| (1..=100).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if toolchain.len() <= MAX_TOOLCHAIN && toolchain.iter().all(|(name, version)| plain(name) && plain(version)) {
        return Ok(());
    }
    refused(format!("the buildpack's {DESCRIPTOR} has a [toolchain] of too many, too long or unprintable words. Tell the buildpack's author."))
}

fn is_folder(wanted: &str, files: &[(String, PathBuf)]) -> bool {
    files.iter().any(|(name, _)| name.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/')))
}
