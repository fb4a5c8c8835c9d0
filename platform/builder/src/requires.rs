//! What else of the platform's a build needs, known only when its source has been seen: another buildpack's toolchain.
//!
//! `bin/detect` says so in the build plan, as Cloud Native Buildpacks do: `[[requires]]` with a `name`.
use crate::{
    build::Build,
    buildpack::Buildpack,
    clients,
    error::BuildError,
    network::Host,
    reach,
    sandbox::{Access, Job},
    source, toolchain,
};
use serde::Deserialize;
use std::path::{Path, PathBuf};

#[derive(Default, Deserialize)]
struct Plan {
    #[serde(default)]
    requires: Vec<Required>,
}
#[derive(Deserialize)]
struct Required {
    name: String,
}

/// Another buildpack, with its toolchain.
pub struct Lent<'a> {
    buildpack: &'a Buildpack,
    toolchain: Option<PathBuf>,
}

/// Prepares what the plan of one of our own buildpacks names; what is no buildpack of ours means nothing here.
pub fn prepare<'a>(build: &Build<'a>, buildpack: &Buildpack) -> Result<Vec<Lent<'a>>, BuildError> {
    if !buildpack.ours {
        return Ok(Vec::new());
    }
    let text = source::read(&build.workspace.home(), PLAN)?.unwrap_or_default();
    let Ok(Plan { requires }) = toml::from_str(&text) else {
        return Err(BuildError::Refused(format!("The build plan of the {} buildpack is not valid. Tell the buildpack's author.", buildpack.name)));
    };
    let ours = |required: &Required| build.tools.buildpacks.iter().find(|known| known.id == required.name);
    let lend = |lent: &'a Buildpack| Ok(Lent { buildpack: lent, toolchain: toolchain::prepare(build, lent)? });
    requires.iter().filter_map(ours).map(lend).collect()
}

/// In a build's HOME.
pub const PLAN: &str = ".build-plan.toml";

impl Lent<'_> {
    /// What its clients reach: a step that fetches with its toolchain does as it does.
    pub fn hosts(&self, build: &Build) -> Result<Vec<Host>, BuildError> {
        reach::of_step(build, self.buildpack, self.toolchain.as_deref())
    }

    pub fn toolchain(&self) -> Option<&Path> {
        self.toolchain.as_deref()
    }

    /// Shows both: `PAAS_RUST_BUILDPACK` and `PAAS_RUST_TOOLCHAIN`, and the programs that it runs.
    pub fn show(&self, job: &mut Job) -> Result<(), BuildError> {
        let Self { buildpack, toolchain } = self;
        let name = buildpack.id.to_ascii_uppercase();
        let dir = job.mount(&buildpack.dir, format!("/lent/{}", buildpack.id), Access::Read);
        job.env(format!("PAAS_{name}_BUILDPACK"), dir);
        if let Some(toolchain) = toolchain {
            let inside = job.mount(toolchain, format!("/lent/{}-toolchain", buildpack.id), Access::Read);
            job.env(format!("PAAS_{name}_TOOLCHAIN"), inside);
        }
        Ok(clients::programs(job, buildpack)?)
    }
}
