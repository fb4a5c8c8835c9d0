//! A slug that was built elsewhere: a folder with `slug.toml`, as a buildpack leaves it.
use crate::{
    build::{Built, ProcessSource},
    builder::Tools,
    error::{At, BuildError},
    packages,
    slug::Slug,
    workspace::Workspace,
};
use paas_model::{
    build::{Phases, Record},
    output::Output,
};
use std::{collections::BTreeMap, fs};

/// What such a slug says it was made by.
const BUILDPACK: &str = "prebuilt";

/// Checks the workspace's source as the slug of a build.
pub fn take(tools: &Tools, workspace: &Workspace, output: &Output) -> Result<Built, BuildError> {
    let mut phases = Phases::default();
    let root = workspace.slug();
    fs::remove_dir(&root).at("removing", &root)?;
    fs::rename(workspace.source(), &root).at("moving", workspace.source())?;
    let collect = || Slug::collect(&root, &tools.config.limits, tools.sandbox.user().is_some());
    let slug = phases.time("slug", collect).map_err(of_sender)?;
    let types: Vec<&str> = slug.processes.keys().map(String::as_str).collect();
    output.step("Prebuilt slug");
    output.detail(format!("Types of the slug -> {}", types.join(", ")));
    Ok(Built {
        buildpack: BUILDPACK.into(),
        name: "Prebuilt slug".into(),
        processes: slug.processes,
        process_source: ProcessSource::Buildpack,
        declared: BTreeMap::new(),
        app_files: slug.app_files,
        assets: slug.assets,
        packages: packages::installed(&slug.files),
        root,
        files: slug.files,
        bytes: slug.bytes,
        started: Vec::new(),
        phases,
        record: Record { toolchain: slug.toolchain, ..Record::default() },
    })
}

/// Whoever sends a slug is its author: no buildpack is to blame.
fn of_sender(error: BuildError) -> BuildError {
    let BuildError::Refused(text) = error else { return error };
    let text = text.replace("Push rejected, ", "The slug was refused: ").replace("the buildpack wrote no", "it has no");
    let text = text.replace("the buildpack's slug.toml", "its slug.toml").replace("Tell the buildpack's author.", "Correct it, and send it again.");
    BuildError::Refused(text.replace("and push again.", "and send it again."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sends_a_slug_is_told_so() {
        let of = |text: &str| of_sender(BuildError::Refused(text.into())).to_string();
        let told = of("Push rejected, the buildpack wrote no slug.toml. Tell the buildpack's author.");
        assert_eq!(told, "The slug was refused: it has no slug.toml. Correct it, and send it again.");
        let told = of("Push rejected, the buildpack's slug.toml names no process. Tell the buildpack's author.");
        assert_eq!(told, "The slug was refused: its slug.toml names no process. Correct it, and send it again.");
    }
}
