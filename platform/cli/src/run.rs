//! From a parsed command to the function that carries it out.
use crate::cli::{Cli, Command};
use crate::failure::Result;
use crate::{account, app, build, buildpack, config, credential, doctor, egress, git, limits, log, metrics, output, process, release, upload};
use clap::CommandFactory;

pub fn run(command: Command) -> Result<()> {
    match command {
        Command::Login(args) => account::login(&args),
        Command::Logout => account::logout(),
        Command::Whoami(args) => account::whoami(&args),
        Command::Create(args) => app::create(&args),
        Command::Apps(args) => app::list(&args),
        Command::Info(args) => app::info(&args),
        Command::Destroy(args) => app::destroy(&args),
        Command::Open(args) => app::open(&args),
        Command::Config(args) => config::list(&args),
        Command::ConfigGet(args) => config::get(&args),
        Command::ConfigSet(args) => config::set(&args),
        Command::ConfigUnset(args) => config::unset(&args),
        Command::Limits(args) => limits::list(&args),
        Command::LimitsSet(args) => limits::set(&args),
        Command::LimitsUnset(args) => limits::unset(&args),
        Command::Egress(args) => egress::list(&args),
        Command::EgressAllow(args) => egress::allow(&args),
        Command::EgressDeny(args) => egress::deny(&args),
        Command::Releases(args) => release::list(&args),
        Command::ReleasesInfo(args) => release::info(&args),
        Command::Rollback(args) => release::rollback(&args),
        Command::Logs(args) => log::show(&args),
        Command::Ps(args) => process::list(&args),
        Command::Metrics(args) => metrics::show(&args),
        Command::GitRemote(args) => git::remote(&args),
        Command::GitCredential(args) => credential::answer(&args),
        Command::Builds(args) => build::list(&args),
        Command::BuildsCreate(args) => upload::build(&args),
        Command::SlugsUpload(args) => upload::slug(&args),
        Command::BuildsInfo(args) => build::info(&args),
        Command::BuildsSbom(args) => build::sbom(&args),
        Command::BuildsCancel(args) => build::cancel(&args),
        Command::BuildsOutput(args) => build::output(&args),
        Command::Buildpacks(args) => buildpack::list(&args),
        Command::BuildpacksSet(args) => buildpack::set(&args),
        Command::BuildpacksAdd(args) => buildpack::add(&args),
        Command::BuildpacksRemove(args) => buildpack::remove(&args),
        Command::BuildpacksClear(args) => buildpack::clear(&args),
        Command::Doctor(args) => doctor::show(&args),
        Command::Completions { shell } => completions(shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "paas", &mut script);
    output::write(&script)
}
