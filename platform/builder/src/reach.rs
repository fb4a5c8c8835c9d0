//! Which hosts a step may reach: those that the package clients of its buildpack are set up for on this machine, and the operator's own.
use crate::{
    build::Build,
    buildpack::Buildpack,
    clients,
    error::{BuildError, BuilderError},
    network::{Host, Network, Said, Trust, Upstream, rule},
    sandbox::{Access, Ending, Identity, Job},
    toolchain,
    workspace::Workspace,
};
use paas_model::EgressRule;
use std::{
    ffi::OsString,
    path::Path,
    sync::{Arc, PoisonError},
};

/// The hosts of a buildpack's steps. One that the platform does not answer for may reach what all of ours reach.
pub fn of_step(build: &Build, buildpack: &Buildpack, toolchain: Option<&Path>) -> Result<Vec<Host>, BuildError> {
    if buildpack.ours {
        return Ok(operators(build, of_clients(build, buildpack, toolchain)?));
    }
    let mut all = Vec::new();
    for ours in &build.tools.buildpacks {
        match of_clients(build, ours, toolchain::complete(build, ours).as_deref()) {
            // This machine does without that one.
            Err(BuildError::Fault(BuilderError::Program { .. })) => {}
            hosts => all.extend(hosts?),
        }
    }
    Ok(operators(build, all))
}

/// The hosts of the operator's settings, with those that `PAAS_BUILD_HOSTS` names.
fn operators(build: &Build, hosts: Vec<EgressRule>) -> Vec<Host> {
    let more = build.tools.config.hosts.iter().cloned();
    hosts.into_iter().chain(more).map(|rule| Host { rule, trust: Trust::Operator }).collect()
}

/// The host of one URL that the app's owner named, beside the operator's.
pub fn of_url(build: &Build, url: &str) -> Vec<Host> {
    let named = rule(url).map(|rule| Host { rule, trust: Trust::App });
    operators(build, Vec::new()).into_iter().chain(named).collect()
}

/// What its clients are set up for. Asked once for each paasd, and again when there is a toolchain: the programs in there have defaults too.
fn of_clients(build: &Build, buildpack: &Buildpack, toolchain: Option<&Path>) -> Result<Vec<EgressRule>, BuildError> {
    if buildpack.network.is_empty() {
        return Ok(Vec::new());
    }
    let key = format!("{} {}", buildpack.id, toolchain.is_some());
    let known = build.tools.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let hosts = ask(build, buildpack, toolchain)?;
    tracing::info!(buildpack = buildpack.id, hosts = hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), "builds may reach");
    build.tools.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(key, hosts.clone());
    Ok(hosts)
}

/// Runs the clients' programs; each prints one URL or host in a line.
const ASK: &str = r#"for client; do "$client" || { echo "$client ended with status $?"; exit 1; }; done"#;

fn ask(build: &Build, buildpack: &Buildpack, toolchain: Option<&Path>) -> Result<Vec<EgressRule>, BuildError> {
    let empty = Workspace::create(&build.tools.config.work)?;
    if let Some(user) = build.tools.sandbox.user() {
        empty.give_to(user)?;
    }
    let mut job = Job::new(&build.tools.sandbox, build.tools.config.limits.time);
    let workspace = job.mount(empty.path(), "/build", Access::Write);
    let source = build.environment(&mut job, &workspace);
    let folder = job.mount(&build.tools.config.buildpacks.join("clients"), "/clients", Access::Read);
    let mut command: Vec<OsString> = ["/bin/sh", "-c", ASK, "sh"].map(OsString::from).into();
    command.extend(buildpack.network.iter().map(|client| folder.join(client).into_os_string()));
    job.env("PAAS_TOOLCHAIN_DIR", "");
    if let Some(toolchain) = toolchain {
        let toolchain = job.mount(toolchain, toolchain::INSIDE, Access::Read);
        job.env("PAAS_TOOLCHAIN_DIR", toolchain);
    }
    clients::settings(&mut job, &empty.home(), build.tools.sandbox.user())?;
    clients::programs(&mut job, buildpack)?;
    job.current_dir(&source).command(command);
    let mut said = Vec::new();
    match build.run(&job, &mut |line| said.push(line.trim().to_string()))? {
        Ending::Exit(0) => Ok(said.iter().filter_map(|line| rule(line)).collect()),
        ending => {
            let message = format!("its network clients could not be asked for their hosts ({ending:?}): {}", said.join(" "));
            Err(BuilderError::Buildpack { path: buildpack.dir.clone(), message }.into())
        }
    }
}

impl Build<'_> {
    /// Opens the way to these hosts, and gives the job the operator's settings for package clients; `home` is where the job's HOME lies.
    pub fn allow(&self, job: &mut Job, home: &Path, hosts: Vec<Host>) -> Result<(), BuilderError> {
        let (config, user): (_, Option<&Identity>) = (&self.tools.config, self.tools.sandbox.user());
        clients::settings(job, home, user)?;
        let output = Said::new(self.output.clone());
        let network = Network { hosts, upstream: Upstream::from_env(), bytes: config.limits.network_bytes, output, handle: self.handle.clone() };
        if !job.network(Arc::new(network), &config.program) {
            clients::proxies(job);
        }
        Ok(())
    }
}
