//! The source's Procfile, and what the push says about process types.
use crate::{
    buildpack::Buildpack,
    error::{At, BuildError},
};
use paas_model::{Launch, output::Output, procfile::Procfile};
use std::{collections::BTreeMap, fs, io, path::Path};

const MAX_BYTES: u64 = 64 << 10;

/// Reads the Procfile before any program of a build runs; a bad one is refused whole.
pub fn read(source: &Path) -> Result<Option<Procfile>, BuildError> {
    let path = source.join("Procfile");
    let refused = |why: &str| BuildError::Refused(format!("{why} Correct the Procfile, commit it, and push again."));
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Err(refused("The Procfile is not a plain file.")),
        Ok(metadata) if metadata.len() > MAX_BYTES => return Err(refused("The Procfile is larger than 64 KiB.")),
        other => other.at("reading", &path)?,
    };
    let bytes = fs::read(&path).at("reading", &path)?;
    let text = String::from_utf8(bytes).map_err(|_| refused("The Procfile is not UTF-8 text."))?;
    Procfile::parse(&text).map(Some).map_err(|error| refused(&error.to_string()))
}

/// Prints which process types there are, and warns of those that nobody made.
pub fn announce(procfile: Option<&Procfile>, processes: &BTreeMap<String, Launch>, buildpack: &Buildpack, output: &Output) {
    let declared: Vec<&str> = procfile.iter().flat_map(|file| file.0.keys()).map(String::as_str).collect();
    let default: Vec<&str> = processes.keys().map(String::as_str).filter(|name| !declared.contains(name)).collect();
    output.step("Discovering process types");
    if !declared.is_empty() {
        output.detail(format!("Procfile declares types     -> {}", declared.join(", ")));
    }
    if !default.is_empty() {
        output.detail(format!("Default types for buildpack -> {}", default.join(", ")));
    }
    for name in declared.iter().filter(|name| !processes.contains_key(**name)) {
        output.warning(format!("Process type {name} will not run: the {} buildpack made nothing for it.", buildpack.name));
    }
}
