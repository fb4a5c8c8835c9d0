//! The nouns of the platform and their rules; the glossary of the project.
//!
//! In:  text and numbers from the doors (git, HTTP, CLI, SQL).
//! Out: values whose type says what is already true of them.
//! Knows the rules. Never knows I/O: no files, no clock, no network, no SQL.
//!
//! | term | meaning |
//! |---|---|
//! | account | a person or machine that may call the API |
//! | app | a name, its config vars and its releases |
//! | push | a `git push` of source to an app |
//! | source | a tree of files as pushed |
//! | buildpack | what turns a source into a slug |
//! | build | one run of a buildpack, with its output |
//! | slug | the built artifact: immutable, content-addressed, without config |
//! | release | slug + config vars + settings, numbered from v1, never changed |
//! | config var | a setting of an app, seen by it as an environment variable |
//! | settings | how an app wants to be run: its limits, the hosts it may call, what it declares |
//! | declared | what a source says beyond answering requests (process types, formation, cron): recorded, not run yet |
//! | limit | what a request or an instance may use; a cap is the operator's bound on it |
//! | process type | a way to start a slug; `web` answers HTTP |
//! | instance | one sandboxed run of a release (Heroku says dyno) |
//! | target | what the runtime needs to run a release |
//! | refusal | a "no" that the developer can act on; a fault is ours |

pub mod account;
pub mod address;
pub mod app;
pub mod app_json;
pub mod build;
pub mod buildpack;
pub mod code;
pub mod components;
pub mod config;
pub mod declared;
pub mod egress;
pub mod host;
pub mod id;
pub mod internet;
pub mod limits;
pub mod log;
pub mod output;
pub mod procfile;
pub mod release;
pub mod settings;
pub mod slug;
pub mod target;

pub use account::Account;
pub use address::Address;
pub use app::{App, AppName};
pub use app_json::AppJson;
pub use build::{Build, BuildStatus};
pub use buildpack::{BuildpackRef, BuildpackSource};
pub use code::Code;
pub use config::{ConfigPatch, ConfigVars};
pub use declared::Declared;
pub use egress::{Egress, EgressRule};
pub use host::Host;
pub use id::{AccountId, AppId, BuildId, ReleaseId};
pub use internet::is_public;
pub use release::{Release, ReleaseState, ReleaseVersion};
pub use settings::{Asked, Settings};
pub use slug::{Digest, Launch, Manifest};
pub use target::{AppRoutes, Target};
