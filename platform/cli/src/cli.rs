//! The command line: every command, its options and its examples.
use crate::{app, config, release};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use std::path::PathBuf;

const ABOUT_ALL: &str = "\
The app is taken from -a NAME, else PAAS_APP, else the git remote named 'paas', else any remote
that is an app of the server.

Environment:
  PAAS_URL      the server [default: the one logged in to, else http://localhost:8080]
  PAAS_API_KEY  the key, instead of the stored one
  PAAS_APP      the app, instead of the git remote's
  NO_COLOR      no colours

Exit codes:
  0   done                          4    no such app, release, build or config var
  1   refused or failed             69   the server cannot be reached
  2   wrong usage                   130  ended by Ctrl-C
  3   not logged in, or the key was refused

First steps:
  $ paas login
  $ paas create hello
  $ git push paas main
  $ paas open";

/// Push code with git, get an isolated WebAssembly app.
#[derive(Parser)]
#[command(name = "paas", version, after_help = ABOUT_ALL, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Log in to a server with an API key, and remember it
    #[command(alias = "auth:login", after_help = "\
The key is never given on the command line. It is taken from --key-file, PAAS_API_KEY, a pipe,
the admin's key on the server's own machine ($PAAS_DATA/admin.token), or asked for.

Examples:
  $ paas login
  $ paas login https://paas.example.com
  $ paas login --key-file key.txt
  $ pass show paas | paas login https://paas.example.com")]
    Login(Login),

    /// Forget the key of the server
    #[command(alias = "auth:logout", after_help = "Examples:\n  $ paas logout")]
    Logout,

    /// Show who is logged in
    #[command(visible_alias = "auth:whoami", after_help = "Examples:\n  $ paas whoami\n  $ paas whoami --json")]
    Whoami(Json),

    /// Create an app; in a git repository, add it as remote 'paas'
    #[command(visible_alias = "apps:create", after_help = "Examples:\n  $ paas create\n  $ paas create hello\n  $ paas create hello --no-remote")]
    Create(Create),

    /// List your apps
    #[command(after_help = "Examples:\n  $ paas apps\n  $ paas apps --json")]
    Apps(Json),

    /// Show an app: addresses, owner, release, size
    #[command(visible_alias = "apps:info", after_help = "Examples:\n  $ paas info\n  $ paas info -a hello --json")]
    Info(OfApp),

    /// Delete an app with its releases, config vars and log, for good
    #[command(visible_alias = "apps:destroy", after_help = "Examples:\n  $ paas destroy --confirm hello")]
    Destroy(Destroy),

    /// Show the config vars
    #[command(after_help = "Examples:\n  $ paas config\n  $ paas config --shell > .env\n  $ paas config -a hello --json")]
    Config(ConfigList),

    /// Print the value of one config var
    #[command(name = "config:get", after_help = "Examples:\n  $ paas config:get GREETING\n  $ paas config:get GREETING --shell")]
    ConfigGet(ConfigGet),

    /// Set config vars, which makes a new release
    #[command(name = "config:set", after_help = "Examples:\n  $ paas config:set GREETING=hello RETRIES=3\n  $ paas config:set CERT=\"$(cat cert.pem)\"")]
    ConfigSet(ConfigSet),

    /// Remove config vars, which makes a new release
    #[command(name = "config:unset", after_help = "Examples:\n  $ paas config:unset GREETING\n  $ paas config:unset GREETING RETRIES")]
    ConfigUnset(ConfigUnset),

    /// List the releases, newest first
    #[command(after_help = "Examples:\n  $ paas releases\n  $ paas releases -n 50\n  $ paas releases --json")]
    Releases(Releases),

    /// Show one release and its config vars
    #[command(name = "releases:info", after_help = "Without a version: the current release.\n\nExamples:\n  $ paas releases:info\n  $ paas releases:info v10")]
    ReleasesInfo(OfRelease),

    /// Go back to an earlier release: its code and its config vars
    #[command(visible_alias = "releases:rollback", after_help = "Without a version: the release before the current one. Nothing is built again.\n\nExamples:\n  $ paas rollback\n  $ paas rollback v10")]
    Rollback(OfRelease),

    /// Show the log of the app and of the platform about it
    #[command(after_help = "Examples:\n  $ paas logs\n  $ paas logs --tail\n  $ paas logs -n 500 -s app\n  $ paas logs -t -p router\n  $ paas logs --json | jq .text")]
    Logs(Logs),

    /// Open the app in a browser
    #[command(visible_alias = "apps:open", after_help = "Examples:\n  $ paas open\n  $ paas open -a hello")]
    Open(AppArg),

    /// Point the git remote 'paas' at an app, with its key asked of `paas`
    #[command(name = "git:remote", after_help = "Examples:\n  $ paas git:remote -a hello\n  $ paas git:remote -a hello-staging -r staging")]
    GitRemote(GitRemote),

    /// Answers git's question for a user name and a key; written into a repository's config by git:remote
    #[command(name = "git:credential", hide = true, after_help = "Examples:\n  $ paas git:credential --server http://localhost:8080 --git-origin http://paas.localhost:8080 get")]
    GitCredential(GitCredential),

    /// List the builds, newest first
    #[command(after_help = "Examples:\n  $ paas builds\n  $ paas builds --json")]
    Builds(Builds),

    /// Show what a build printed, and follow it while it runs
    #[command(name = "builds:output", after_help = "Without an id: the newest build.\n\nExamples:\n  $ paas builds:output\n  $ paas builds:output 0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11")]
    BuildsOutput(BuildOutput),

    /// Print the completion script of a shell
    #[command(after_help = "Examples:\n  $ paas completions bash > ~/.local/share/bash-completion/completions/paas\n  $ paas completions fish > ~/.config/fish/completions/paas.fish")]
    Completions { shell: Shell },
}

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
    #[arg(value_name = "KEY=VALUE")]
    pub pairs: Vec<String>,
    #[command(flatten)]
    pub of: OfApp,
}

#[derive(Args)]
pub struct ConfigUnset {
    #[arg(value_name = "KEY", required = true, value_parser = config::parse_key)]
    pub keys: Vec<String>,
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
pub struct BuildOutput {
    #[arg(value_name = "ID", value_parser = crate::build::parse_id)]
    pub id: Option<String>,
    #[command(flatten)]
    pub app: AppArg,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("$ paas "), "{} has no example", command.get_name());
        }
    }
}
