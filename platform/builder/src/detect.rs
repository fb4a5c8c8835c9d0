//! Which buildpack takes a source.
use crate::{
    build::Build,
    buildpack::Buildpack,
    clients,
    error::{BuildError, BuilderError},
    sandbox::{Access, Ending, Job},
};
use std::ffi::OsString;

/// Asks one after the other, in one sandbox: the exit status is 100 + the place of the one that passed, from 1, or 100 if none did.
/// `bin/detect` says 0 for yes and 100 for no; anything else is an error, and exits with 1.
const ASK: &str = r#"
place=0
for dir; do
  place=$((place + 1))
  CNB_BUILDPACK_DIR="$dir" "$dir/bin/detect"
  status=$?
  case $status in
    0) exit $((100 + place)) ;;
    100) ;;
    *) echo "bin/detect of ${dir##*/} ended with status $status"; exit 1 ;;
  esac
done
exit 100
"#;

const NONE: i32 = 100;

pub fn detect<'b>(build: &Build<'b>) -> Result<&'b Buildpack, BuildError> {
    let buildpacks = &build.tools.buildpacks;
    let mut job = Job::new(&build.tools.sandbox, build.tools.config.limits.detect_time);
    let workspace = job.mount(build.workspace.path(), "/build", Access::Read);
    job.mount(&build.workspace.home(), "/build/home", Access::Write);
    let source = build.environment(&mut job, &workspace);
    let mut command: Vec<OsString> = ["/bin/sh", "-c", ASK, "detect"].map(OsString::from).into();
    for buildpack in buildpacks {
        command.push(job.mount(&buildpack.dir, format!("/buildpacks/{}", buildpack.id), Access::Read).into());
        match clients::programs(&mut job, buildpack) {
            // Said when it is this one's turn to build: apps of other kinds do without.
            Err(BuilderError::Program { .. }) => {}
            shown => shown?,
        }
    }
    job.current_dir(&source).command(command);

    let mut said = Vec::new();
    let ending = build.run(&job, &mut |line| said.push(line.to_string()))?;
    let passed = |status: i32| usize::try_from(status - NONE - 1).ok().and_then(|place| buildpacks.get(place));
    match ending {
        Ending::Exit(NONE) => Err(BuildError::Refused(nothing_matched(buildpacks))),
        Ending::Exit(status) if passed(status).is_some() => passed(status).ok_or_else(|| BuildError::Refused(nothing_matched(buildpacks))),
        ending => Err(BuildError::Refused(failed(ending, &said))),
    }
}

/// Whether a buildpack that was named passes its own detection.
pub fn fits(build: &Build, buildpack: &Buildpack) -> Result<bool, BuildError> {
    let mut job = Job::new(&build.tools.sandbox, build.tools.config.limits.detect_time);
    let workspace = job.mount(build.workspace.path(), "/build", Access::Read);
    job.mount(&build.workspace.home(), "/build/home", Access::Write);
    let source = build.environment(&mut job, &workspace);
    let dir = job.mount(&buildpack.dir, "/buildpack", Access::Read);
    buildpack.show_classic(&mut job, Access::Read);
    clients::programs(&mut job, buildpack)?;
    job.env("CNB_BUILDPACK_DIR", &dir).current_dir(&source).command([dir.join("bin/detect")]);
    let mut said = Vec::new();
    match build.run(&job, &mut |line| said.push(line.to_string()))? {
        Ending::Exit(0) => Ok(true),
        Ending::Exit(NONE) => Ok(false),
        ending => Err(BuildError::Refused(failed(ending, &said))),
    }
}

fn nothing_matched(buildpacks: &[Buildpack]) -> String {
    let mut text = String::from(
        "No default language could be detected for this app.\nHINT: A buildpack is chosen by the files of the source. These were looked for:\n",
    );
    for Buildpack { name, looks_for, .. } in buildpacks {
        let looks_for = looks_for.as_deref().unwrap_or("its own files");
        text += &format!("  {name}: {looks_for}\n");
    }
    text + "Add what fits your app, commit it, and push again."
}

fn failed(ending: Ending, said: &[String]) -> String {
    let mut text = String::from("No buildpack could be chosen, because detection ");
    text += &match ending {
        Ending::Time => "took too long.".to_string(),
        Ending::Exit(_) => "failed.".to_string(),
        other => format!("was stopped ({other:?})."),
    };
    for line in said.iter().rev().take(10).rev() {
        text += &format!("\n  {line}");
    }
    text + "\nCorrect the files that it names, and push again."
}
