//! Turns a pushed source tree into a slug's files by running buildpacks.
//!
//! In:  a [`Workspace`] with the source, the app's config vars, the buildpacks folder.
//! Out: a [`Built`]: the slug's files, its process types; lines for the push on the way.
//! Knows processes, files and the sandbox. Never knows git, Postgres, HTTP or wasmtime.

mod assets;
mod build; // start here
mod builder;
mod buildpack;
mod clients;
mod detect;
mod disk;
mod error;
mod limits;
mod network;
mod packages;
mod prebuilt;
mod procfile;
mod reach;
mod requires;
mod sandbox;
mod sbom;
mod selection;
mod slug;
mod source;
mod toolchain;
mod workspace;

pub use build::{Built, Choices, ProcessSource};
pub use builder::{Builder, Config};
pub use error::{BuildError, BuilderError};
pub use limits::BuildLimits;
pub use network::inside_main;
pub use sandbox::Level;
pub use workspace::{PROJECT_PATH, Workspace};
