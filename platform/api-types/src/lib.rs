//! The JSON shapes of the public API, shared by the API, the CLI and the tests.
//!
//! In:  JSON. Out: JSON. The shape is that of the Heroku Platform API v3; our own fields are added, none is renamed.
//! Knows names and types. Never knows how anything is stored or done.

mod account;
mod app;
mod build;
mod buildpack;
mod doctor;
mod egress;
mod error;
mod formation;
mod health;
mod limit;
mod log_session;
mod metrics;
mod release;
mod source;

pub use account::{Account, AccountRef, NewSession};
pub use app::{App, AppRef, AppUpdate, NewApp, Region, Stack};
pub use build::{Build, BuildPhase, BuildpackUsed, LockFile, NewBuild, NewBuildpack, NewSourceBlob, ReleaseRef, SourceBlob};
pub use buildpack::{BuildpackInstallation, BuildpackInstallations, BuildpackName, BuildpackUpdate};
pub use doctor::Check;
pub use egress::{Egress, EgressPatch};
pub use error::Error;
pub use formation::{Collaborator, DeclaredFormation, Dyno, DynoRelease, Formation};
pub use health::Health;
pub use limit::{Limit, LimitPatch};
pub use log_session::{LogSession, NewLogSession};
pub use metrics::{Metrics, MinuteMetrics, Quantiles, ReleaseMetrics};
pub use release::{Cron, NewRelease, Release, SlugRef};
pub use source::{NewSlug, Slug, SlugBlob, Source, SourceUrls};

/// Config vars as the API shows and takes them; in a change `null` removes.
pub type ConfigVars = std::collections::BTreeMap<String, String>;
pub type ConfigPatch = std::collections::BTreeMap<String, Option<String>>;

/// The media type clients send in `Accept`.
pub const MEDIA_TYPE: &str = "application/vnd.heroku+json; version=3";
