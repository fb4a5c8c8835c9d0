//! The source's Procfile, and what the push says about process types.
use crate::{buildpack::Buildpack, error::BuildError, source};
use paas_model::{Launch, output::Output, procfile::Procfile};
use std::{collections::BTreeMap, path::Path};

/// Reads the Procfile before any program of a build runs; a bad one is refused whole.
pub fn read(source: &Path) -> Result<Option<Procfile>, BuildError> {
    let Some(text) = source::read(source, "Procfile")? else { return Ok(None) };
    let parsed = Procfile::parse(&text);
    parsed.map(Some).map_err(|error| BuildError::Refused(format!("{error} Correct the Procfile, commit it, and push again.")))
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
