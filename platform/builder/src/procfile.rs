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

/// The process types that the platform runs.
const RUN: [&str; 2] = ["web", "release"];

/// Prints which process types there are, and warns of a `web` that nobody made. A release command that could not run ends the push: what it was to do
/// would be missing.
pub fn announce(procfile: Option<&Procfile>, processes: &BTreeMap<String, Launch>, buildpack: &Buildpack, output: &Output) -> Result<(), BuildError> {
    let declared: Vec<&str> = procfile.iter().flat_map(|file| file.0.keys()).map(String::as_str).collect();
    let default: Vec<&str> = processes.keys().map(String::as_str).filter(|name| !declared.contains(name)).collect();
    output.step("Discovering process types");
    if !declared.is_empty() {
        output.detail(format!("Procfile declares types     -> {}", declared.join(", ")));
    }
    if !default.is_empty() {
        output.detail(format!("Default types for buildpack -> {}", default.join(", ")));
    }
    let recorded: Vec<&str> = declared.iter().copied().filter(|name| !RUN.contains(name)).collect();
    if !recorded.is_empty() {
        output.detail(format!("Recorded; not run yet       -> {}", recorded.join(", ")));
    }
    let unmade = |name: &str| procfile.and_then(|file| file.0.get(name)).filter(|_| !processes.contains_key(name));
    if let Some(command) = unmade("release") {
        return Err(BuildError::Refused(format!(
            "The Procfile's release command `{command}` cannot run: the {} buildpack made no program of it.\n\
             Take the line out of the Procfile, run what it does elsewhere before you deploy, and push again.",
            buildpack.name
        )));
    }
    if unmade("web").is_some() {
        output.warning(format!("Process type web will not run: the {} buildpack made nothing for it.", buildpack.name));
    }
    Ok(())
}
