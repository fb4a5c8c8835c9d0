//! What commands take: their options and arguments.
use crate::{app, build, config, release};
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub struct AppArg {
    /// The app [default: from the git remote]
    #[arg(short, long, env = "PAAS_APP", value_name = "NAME", value_parser = app::parse_name)]
    pub app: Option<String>,
}

#[derive(Args)]
pub struct Json {
    /// Print JSON, in the shape of the API
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub struct OfApp {
    #[command(flatten)]
    pub app: AppArg,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args)]
pub struct Login {
    /// The server [default: PAAS_URL, else the last one used, else http://localhost:8080]
    #[arg(value_name = "URL")]
    pub server: Option<String>,
    /// Read the key from this file; '-' is stdin
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

#[derive(Args)]
pub struct Create {
    /// Name of the app; one is made up when left out
    pub name: Option<String>,
    /// Leave the git repository alone
    #[arg(long)]
    pub no_remote: bool,
    #[command(flatten)]
    pub json: Json,
}

#[derive(Args)]
pub struct Destroy {
    #[command(flatten)]
    pub app: AppArg,
    /// The app's name once more; asked for on a terminal
    #[arg(short, long, value_name = "NAME", value_parser = app::parse_name)]
    pub confirm: Option<String>,
}

#[derive(Args)]
pub struct ConfigList {
    #[command(flatten)]
    pub of: OfApp,
    /// Print lines a shell can read: KEY='value'
    #[arg(short, long, conflicts_with = "json")]
    pub shell: bool,
}

#[derive(Args)]
pub struct ConfigGet {
    /// Its name
    #[arg(value_name = "KEY")]
    pub key: String,
    #[command(flatten)]
    pub of: OfApp,
    /// Print a line a shell can read: KEY='value'
    #[arg(short, long, conflicts_with = "json")]
    pub shell: bool,
}

#[derive(Args)]
pub struct ConfigSet {
    /// The value may hold anything, line breaks too; an empty one is a value
    #[arg(value_name = "KEY=VALUE")]
    pub pairs: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct ConfigUnset {
    /// Their names
    #[arg(value_name = "KEY", required = true, value_parser = config::parse_key)]
    pub keys: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct LimitsSet {
    /// As `paas limits` names them
    #[arg(value_name = "NAME=VALUE")]
    pub pairs: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct LimitsUnset {
    /// Their names
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct EgressHosts {
    /// api.example.com, *.example.com, api.example.com:8443 or https://api.example.com
    #[arg(value_name = "HOST", required = true)]
    pub hosts: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct Releases {
    /// How many
    #[arg(short, long = "num", value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    pub number: u32,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct OfRelease {
    /// Such as v12
    #[arg(value_parser = release::parse_version, value_name = "VERSION")]
    pub version: Option<u32>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct Logs {
    /// How many past lines
    #[arg(short = 'n', long = "num", value_name = "N", default_value_t = 100)]
    pub lines: u32,
    /// Keep waiting for new lines until Ctrl-C
    #[arg(short, long)]
    pub tail: bool,
    /// Only lines of the app, or only of the platform
    #[arg(short, long, value_parser = ["app", "paas"])]
    pub source: Option<String>,
    /// Only lines of a process (web.1, router) or process type (web)
    #[arg(short, long, alias = "process-type", alias = "dyno", short_alias = 'd', value_name = "NAME")]
    pub process: Option<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct GitRemote {
    #[command(flatten)]
    pub app: AppArg,
    /// Name of the remote
    #[arg(short, long, default_value = "paas", value_name = "NAME")]
    pub remote: String,
}

#[derive(Args)]
pub struct GitCredential {
    #[arg(long, value_name = "URL")]
    pub server: String,
    #[arg(long, value_name = "URL")]
    pub git_origin: String,
    /// What git asks for: get, store or erase
    pub action: String,
}

#[derive(Args)]
pub struct Builds {
    /// How many
    #[arg(short, long = "num", value_name = "N", default_value_t = 15)]
    pub number: u32,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
#[group(skip)]
pub struct BuildsCreate {
    /// A .tar.gz of the app's files
    #[arg(long, value_name = "FILE", required_unless_present = "source_dir", conflicts_with = "source_dir")]
    pub source_tar: Option<PathBuf>,
    /// A folder to pack; what its .gitignore names is left out
    #[arg(long, value_name = "DIR")]
    pub source_dir: Option<PathBuf>,
    /// What to call this version, such as a commit [default: the archive's sha256]
    #[arg(long, value_name = "TEXT")]
    pub version: Option<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct SlugsUpload {
    /// A .tar.gz of slug.toml and the files it names, or a folder of these
    #[arg(value_name = "FILE")]
    pub slug: PathBuf,
    /// The commit it was built from [default: the archive's sha256]
    #[arg(long, value_name = "TEXT")]
    pub commit: Option<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct BuildpackChange {
    /// A name (javascript), a git URL with an optional #ref, or a folder of the source (./buildpack)
    #[arg(value_name = "BUILDPACK")]
    pub buildpack: String,
    /// Its place among the app's buildpacks, from 1
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10))]
    pub index: Option<u32>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct BuildpackRemove {
    /// As `paas buildpacks` shows it
    #[arg(value_name = "BUILDPACK")]
    pub buildpack: String,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct OfBuild {
    /// As `paas builds` shows it
    #[arg(value_name = "ID", value_parser = build::parse_id)]
    pub id: Option<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct BuildOutput {
    /// As `paas builds` shows it
    #[arg(value_name = "ID", value_parser = build::parse_id)]
    pub id: Option<String>,
    #[command(flatten)]
    pub app: AppArg,
}
