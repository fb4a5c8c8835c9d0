//! The command line: every command, with examples.
use crate::args::*;
use clap::{Parser, Subcommand};
use clap_complete::Shell;

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
#[command(max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Log in to a server with an API key, and remember it
    #[command(
        alias = "auth:login",
        after_help = "\
The key is never given on the command line. It is taken from --key-file, PAAS_API_KEY, a pipe,
the admin's key on the server's own machine ($PAAS_DATA/admin.token), or asked for.

Examples:
  $ paas login
  $ paas login https://paas.example.com
  $ paas login --key-file key.txt
  $ pass show paas | paas login https://paas.example.com"
    )]
    Login(Login),

    /// Forget the key of the server
    #[command(
        alias = "auth:logout",
        after_help = "\
Examples:
  $ paas logout"
    )]
    Logout,

    /// Show who is logged in
    #[command(
        visible_alias = "auth:whoami",
        after_help = "\
Examples:
  $ paas whoami
  $ paas whoami --json"
    )]
    Whoami(Json),

    /// Create an app; in a git repository, add it as remote 'paas'
    #[command(
        visible_alias = "apps:create",
        after_help = "\
Examples:
  $ paas create
  $ paas create hello
  $ paas create hello --no-remote"
    )]
    Create(Create),

    /// List your apps
    #[command(after_help = "\
Examples:
  $ paas apps
  $ paas apps --json")]
    Apps(Json),

    /// Show an app: addresses, owner, release, size
    #[command(
        visible_alias = "apps:info",
        after_help = "\
Examples:
  $ paas info
  $ paas info -a hello --json"
    )]
    Info(OfApp),

    /// Delete an app with its releases, config vars and log, for good
    #[command(
        visible_alias = "apps:destroy",
        after_help = "\
Examples:
  $ paas destroy --confirm hello"
    )]
    Destroy(Destroy),

    /// Show the config vars
    #[command(after_help = "\
Examples:
  $ paas config
  $ paas config --shell > .env
  $ paas config -a hello --json")]
    Config(ConfigList),

    /// Print the value of one config var
    #[command(
        name = "config:get",
        after_help = "\
Examples:
  $ paas config:get GREETING
  $ paas config:get GREETING --shell"
    )]
    ConfigGet(ConfigGet),

    /// Set config vars, which makes a new release
    #[command(
        name = "config:set",
        after_help = "\
Examples:
  $ paas config:set GREETING=hello RETRIES=3
  $ paas config:set CERT=\"$(cat cert.pem)\""
    )]
    ConfigSet(ConfigSet),

    /// Remove config vars, which makes a new release
    #[command(
        name = "config:unset",
        after_help = "\
Examples:
  $ paas config:unset GREETING
  $ paas config:unset GREETING RETRIES"
    )]
    ConfigUnset(ConfigUnset),

    /// Show the limits: what holds, the default, the operator's cap, and what happens beyond
    #[command(after_help = "\
Examples:
  $ paas limits
  $ paas limits -a hello --json")]
    Limits(OfApp),

    /// Change limits, which makes a new release
    #[command(
        name = "limits:set",
        after_help = "\
Sizes are written like 512KB, 256MB or 1GB, times like 500ms, 10s or 2m.

Examples:
  $ paas limits:set memory=256MB cpu=10s
  $ paas limits:set concurrency=50 -a hello
  $ paas limits:set reuse=64 reuse-concurrent=8 -a hello   an instance for 64 requests, up to 8 at the same time (WASI 0.3)"
    )]
    LimitsSet(LimitsSet),

    /// Go back to the default of limits, which makes a new release
    #[command(
        name = "limits:unset",
        after_help = "\
Examples:
  $ paas limits:unset memory cpu"
    )]
    LimitsUnset(LimitsUnset),

    /// List the hosts that the app may call; all others are refused
    #[command(after_help = "\
Examples:
  $ paas egress
  $ paas egress -a hello --json")]
    Egress(OfApp),

    /// Let the app call hosts, which makes a new release
    #[command(
        name = "egress:allow",
        after_help = "\
Without a port, 443 and 80 are meant; *.example.com is everything below example.com.

Examples:
  $ paas egress:allow api.example.com
  $ paas egress:allow https://*.example.org api.example.com:8443 -a hello"
    )]
    EgressAllow(EgressHosts),

    /// Take the leave to call hosts back, which makes a new release
    #[command(
        name = "egress:deny",
        after_help = "\
Examples:
  $ paas egress:deny api.example.com"
    )]
    EgressDeny(EgressHosts),

    /// List the releases, newest first
    #[command(after_help = "\
Examples:
  $ paas releases
  $ paas releases -n 50
  $ paas releases --json")]
    Releases(Releases),

    /// Show one release and its config vars
    #[command(
        name = "releases:info",
        after_help = "\
Without a version: the current release.

Examples:
  $ paas releases:info
  $ paas releases:info v10"
    )]
    ReleasesInfo(OfRelease),

    /// Go back to an earlier release: its code and its config vars
    #[command(
        visible_alias = "releases:rollback",
        after_help = "\
Without a version: the release before the current one. Nothing is built again.

Examples:
  $ paas rollback
  $ paas rollback v10"
    )]
    Rollback(OfRelease),

    /// Show the log of the app and of the platform about it
    #[command(after_help = "\
Examples:
  $ paas logs
  $ paas logs --tail
  $ paas logs -n 500 -s app
  $ paas logs -t -p router
  $ paas logs --json | jq .text")]
    Logs(Logs),

    /// Show the process types: what answers, and what is recorded for later
    #[command(after_help = "\
Examples:
  $ paas ps
  $ paas ps -a hello --json")]
    Ps(OfApp),

    /// Show what requests cost: how many, how long, computing time and memory, by release
    #[command(after_help = "\
Examples:
  $ paas metrics
  $ paas metrics -a hello --json")]
    Metrics(OfApp),

    /// Open the app in a browser
    #[command(
        visible_alias = "apps:open",
        after_help = "\
Examples:
  $ paas open
  $ paas open -a hello"
    )]
    Open(AppArg),

    /// Point the git remote 'paas' at an app, with its key asked of `paas`
    #[command(
        name = "git:remote",
        after_help = "\
Examples:
  $ paas git:remote -a hello
  $ paas git:remote -a hello-staging -r staging"
    )]
    GitRemote(GitRemote),

    /// Answers git's question for a user name and a key; written into a repository's config by git:remote
    #[command(
        name = "git:credential",
        hide = true,
        after_help = "\
Examples:
  $ paas git:credential --server http://localhost:8080 --git-origin http://paas.localhost:8080 get"
    )]
    GitCredential(GitCredential),

    /// List the builds, newest first
    #[command(after_help = "\
Examples:
  $ paas builds
  $ paas builds --json")]
    Builds(Builds),

    /// Build and release files without git: an archive, or a folder that is packed first
    #[command(
        name = "builds:create",
        after_help = "\
The build goes the way of a push, and is followed to its end. The folder's .git and what git
ignores are not sent.

Examples:
  $ paas builds:create --source-dir .
  $ paas builds:create --source-tar source.tgz --version v1.2 -a hello
  $ paas builds:create --source-dir site -a hello --json"
    )]
    BuildsCreate(BuildsCreate),

    /// Release a slug that was built elsewhere
    #[command(
        name = "slugs:upload",
        after_help = "\
A slug is a folder with a slug.toml, which says how its processes start, and the files it names:

  [processes.web]
  kind = \"wasm\"
  file = \"app.wasm\"

Nothing is built; it is checked, booted and released as what a build makes.

Examples:
  $ paas slugs:upload slug/
  $ paas slugs:upload slug.tgz --commit 4c47f1a2 -a hello"
    )]
    SlugsUpload(SlugsUpload),

    /// Show one build: commit, buildpack, toolchain, lock files, what took how long
    #[command(
        name = "builds:info",
        after_help = "\
Without an id: the newest build.

Examples:
  $ paas builds:info
  $ paas builds:info 0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11 --json"
    )]
    BuildsInfo(OfBuild),

    /// Print the bill of materials of a build: a CycloneDX document that names the packages in its slug
    #[command(
        name = "builds:sbom",
        after_help = "\
Without an id: the newest build.

Examples:
  $ paas builds:sbom > sbom.cdx.json
  $ paas builds:sbom 0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11 -a hello"
    )]
    BuildsSbom(BuildOutput),

    /// End a build that runs; its push is rejected
    #[command(
        name = "builds:cancel",
        after_help = "\
Without an id: the newest build.

Examples:
  $ paas builds:cancel"
    )]
    BuildsCancel(OfBuild),

    /// Show what a build printed, and follow it while it runs
    #[command(
        name = "builds:output",
        after_help = "\
Without an id: the newest build.

Examples:
  $ paas builds:output
  $ paas builds:output 0197a3c2-58a1-7cc0-bd0f-2f8f0c2f7a11"
    )]
    BuildsOutput(BuildOutput),

    /// Show the buildpacks that were chosen for the app
    #[command(after_help = "\
Examples:
  $ paas buildpacks
  $ paas buildpacks -a hello --json")]
    Buildpacks(OfApp),

    /// Choose the buildpack of the next pushes, instead of what fits the source
    #[command(
        name = "buildpacks:set",
        after_help = "\
A buildpack is named by the platform's own name for it, by a git URL with an optional branch or
tag, or by a folder of the source. Heroku's names and its classic buildpacks are understood.

Examples:
  $ paas buildpacks:set javascript
  $ paas buildpacks:set heroku/python
  $ paas buildpacks:set https://git.example.com/buildpack.git#v2 -i 2
  $ paas buildpacks:set ./tools/buildpack"
    )]
    BuildpacksSet(BuildpackChange),

    /// Add a buildpack: several run one after the other, the last one says how processes start
    #[command(
        name = "buildpacks:add",
        after_help = "\
Examples:
  $ paas buildpacks:add ./tools/assets -i 1"
    )]
    BuildpacksAdd(BuildpackChange),

    /// Remove a buildpack
    #[command(
        name = "buildpacks:remove",
        after_help = "\
Examples:
  $ paas buildpacks:remove ./tools/assets"
    )]
    BuildpacksRemove(BuildpackRemove),

    /// Remove all buildpacks: the source decides again
    #[command(
        name = "buildpacks:clear",
        after_help = "\
Examples:
  $ paas buildpacks:clear"
    )]
    BuildpacksClear(OfApp),

    /// Show what the server's machine gives the platform: the grade of the build sandbox, the database
    #[command(after_help = "\
Examples:
  $ paas doctor
  $ paas doctor --json")]
    Doctor(Json),

    /// Print the completion script of a shell
    #[command(after_help = "\
Examples:
  $ paas completions bash > ~/.local/share/bash-completion/completions/paas
  $ paas completions fish > ~/.config/fish/completions/paas.fish")]
    Completions { shell: Shell },
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
