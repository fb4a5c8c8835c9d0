//! Files that answer before the app is asked, whatever buildpack makes the app.
//!
//! The source names their folder: `"assets": "public"` in app.json, or, as Cloudflare's Workers have it, `directory` below `[assets]` in wrangler.toml. It is
//! taken as the build left it, so what a build script makes counts too.
use crate::{
    build::{Build, size},
    disk,
    error::{At, BuildError},
    slug::{Slug, Walk},
    source,
};
use flate2::{Compression, write::GzEncoder};
use paas_model::slug::StaticSite;
use serde::Deserialize;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

/// Larger texts are compressed once here, so that no request has to.
const SMALLEST_TEXT_BYTES: u64 = 1024;
const TEXTS: [&str; 17] =
    ["html", "htm", "css", "js", "mjs", "json", "map", "svg", "xml", "txt", "md", "csv", "wasm", "ico", "ttf", "otf", "webmanifest"];
/// Begins with a dot and is meant for visitors all the same (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// The folder that a source names.
pub struct Wanted {
    folder: String,
    by: &'static str,
}

#[derive(Default, Deserialize)]
struct Wrangler {
    #[serde(default)]
    assets: Directory,
}
#[derive(Default, Deserialize)]
struct Directory {
    directory: Option<String>,
}

fn refused<T>(text: String) -> Result<T, BuildError> {
    Err(BuildError::Refused(format!("Push rejected, {text}")))
}

/// What the source asks for, before any program of the build runs.
pub fn wanted(source: &Path) -> Result<Option<Wanted>, BuildError> {
    let (folder, by) = match source::app_json(source)?.assets {
        Some(folder) => (Some(folder), "app.json"),
        None => (wrangler(source)?, "wrangler.toml"),
    };
    folder.map(|folder| Wanted::of(&folder, by)).transpose()
}

fn wrangler(source: &Path) -> Result<Option<String>, BuildError> {
    let Some(text) = source::read(source, "wrangler.toml")? else { return Ok(None) };
    match toml::from_str::<Wrangler>(&text) {
        Ok(read) => Ok(read.assets.directory),
        Err(error) => refused(format!("wrangler.toml is not valid: {}. Correct it, commit it, and push again.", error.message())),
    }
}

impl Wanted {
    fn of(text: &str, by: &'static str) -> Result<Self, BuildError> {
        let folder = text.strip_prefix("./").unwrap_or(text).trim_end_matches('/');
        let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.chars().any(|char| char.is_control() || char == '\\');
        match folder.split('/').all(plain) {
            true => Ok(Self { folder: folder.into(), by }),
            false => refused(format!(
                "{by} names the assets folder {text:?}, which is not a folder inside the source. Write it as \"public\", commit it, and push again."
            )),
        }
    }

    /// Adds the folder's files to the slug, and says so.
    pub fn add(&self, build: &Build, slug: &mut Slug) -> Result<(), BuildError> {
        let limits = &build.tools.config.limits;
        let root = self.find(build, slug)?;
        disk::seal(&root, build.tools.sandbox.user().is_some()).at("sealing", &root)?;
        let mut walk = Walk::new(limits);
        walk.folder(&root)?;
        let mut files: Vec<(String, PathBuf)> = walk.files.into_iter().filter(|(name, _)| is_public(name)).collect();
        files.sort();
        if files.is_empty() {
            return self.missing("which has no files after the build");
        }
        build.output.step(format!("Assets: {} files of {} before the app", files.len(), self.folder));
        if files.iter().any(|(name, _)| name == "index.html") {
            build.output.detail("Its index.html answers /");
        }
        compress(&build.workspace.own(), &mut files)?;
        self.put(files, slug, limits.slug_files, limits.slug_bytes)
    }

    /// Where the folder is now: a buildpack may have moved the source to where the app sees it.
    fn find(&self, build: &Build, slug: &Slug) -> Result<PathBuf, BuildError> {
        let moved = slug.app_files.iter().map(|folder| build.workspace.slug().join(folder));
        for root in [build.workspace.source()].into_iter().chain(moved) {
            let root = root.canonicalize().at("finding", &root)?;
            // The build could have put a link there, to anything.
            match root.join(&self.folder).canonicalize() {
                Ok(found) if found.is_dir() && found.starts_with(&root) && found != root => return Ok(found),
                _ => {}
            }
        }
        self.missing("which is not there after the build")
    }

    fn missing<T>(&self, why: &str) -> Result<T, BuildError> {
        let Self { folder, by } = self;
        refused(format!("{by} names the assets folder {folder}, {why}. Commit it, let the build make it, or correct {by}. Then push again."))
    }

    fn put(&self, files: Vec<(String, PathBuf)>, slug: &mut Slug, most_files: usize, most_bytes: u64) -> Result<(), BuildError> {
        let taken = |name: &str| slug.files.iter().any(|(known, _)| known == name || known.starts_with(&format!("{name}/")));
        let mut root = String::from("assets");
        while taken(&root) {
            root.push('_');
        }
        for (name, path) in files {
            slug.bytes += fs::metadata(&path).at("reading", &path)?.len();
            slug.files.push((format!("{root}/{name}"), path));
        }
        slug.files.sort();
        if slug.files.len() > most_files || slug.bytes > most_bytes {
            return refused(format!(
                "the slug and its assets are more than {most_files} files or {}. Leave out what visitors do not need, and push again.",
                size(most_bytes)
            ));
        }
        slug.assets = Some(StaticSite { root, fallback: false });
        Ok(())
    }
}

/// What begins with a dot was not meant for visitors.
fn is_public(name: &str) -> bool {
    name.split('/').all(|part| !part.starts_with('.') || part == WELL_KNOWN)
}

/// Puts a `.gz` beside each text that has none and gets smaller by it.
fn compress(own: &Path, files: &mut Vec<(String, PathBuf)>) -> Result<(), BuildError> {
    fs::create_dir_all(own).at("making", own)?;
    let mut made = Vec::new();
    for (name, path) in files.iter().filter(|(name, _)| is_text(name)) {
        let packed = format!("{name}.gz");
        if fs::metadata(path).at("reading", path)?.len() < SMALLEST_TEXT_BYTES || files.binary_search_by(|(known, _)| known.cmp(&packed)).is_ok() {
            continue;
        }
        let text = fs::read(path).at("reading", path)?;
        let bytes = gzip(&text).at("compressing", path)?;
        if bytes.len() < text.len() {
            let to = own.join(format!("{}.gz", made.len()));
            fs::write(&to, bytes).at("writing", &to)?;
            made.push((packed, to));
        }
    }
    files.extend(made);
    Ok(())
}

fn is_text(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| TEXTS.contains(&ending))
}

/// The same text gives the same bytes: the header has neither name nor time.
fn gzip(text: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text)?;
    encoder.finish()
}
