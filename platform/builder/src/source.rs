//! Small text files of a source, read before any program of the build runs: as an enemy may have written them.
use crate::error::{At, BuildError};
use paas_model::AppJson;
use std::{fs, io, path::Path};

const MAX_BYTES: u64 = 64 << 10;

/// The text of the file `name`, if there is one.
pub fn read(source: &Path, name: &str) -> Result<Option<String>, BuildError> {
    let path = source.join(name);
    let refused = |why: &str| BuildError::Refused(format!("The file {name} {why}. Correct it, commit it, and push again."));
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if !metadata.is_file() => return Err(refused("is not a plain file")),
        Ok(metadata) if metadata.len() > MAX_BYTES => return Err(refused("is larger than 64 KiB")),
        other => other.at("reading", &path)?,
    };
    let bytes = fs::read(&path).at("reading", &path)?;
    String::from_utf8(bytes).map(Some).map_err(|_| refused("is not UTF-8 text"))
}

/// The source's `app.json`; without one, nothing is asked for.
pub fn app_json(source: &Path) -> Result<AppJson, BuildError> {
    let Some(text) = read(source, "app.json")? else { return Ok(AppJson::default()) };
    AppJson::parse(&text).map_err(|error| BuildError::Refused(format!("{error} Correct app.json, commit it, and push again.")))
}
