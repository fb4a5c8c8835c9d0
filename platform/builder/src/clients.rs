//! What of the operator's own environment a build may use: programs, and the settings of package clients.
mod apt;

use crate::{
    buildpack::Buildpack,
    error::{At, BuilderError},
    sandbox::{Access, Identity, Job},
};
use std::{
    env, fs, io,
    os::unix::fs::lchown,
    path::{Path, PathBuf},
};

/// Folders whose programs every build sees.
const SYSTEM: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// Variables with which an operator tells package clients where to go and whom to trust. A value with an `@`, which may hold a password, is only passed
/// if `PAAS_BUILD_ENV` names its variable: each build can read it.
const SETTINGS: [&str; 18] = [
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "NPM_CONFIG_CAFILE",
    "npm_config_cafile",
    "NODE_EXTRA_CA_CERTS",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "GOPROXY",
    "GOSUMDB",
    "CARGO_HTTP_CAINFO",
    "RUSTUP_DIST_SERVER",
    "RUSTUP_UPDATE_ROOT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
];
/// The operator's proxies. The platform's own proxy goes through them; builds see them only where there are no walls.
const PROXIES: [&str; 9] =
    ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "CARGO_HTTP_PROXY"];
/// Those whose value names a file that the client reads.
const FILES: [&str; 10] = [
    "NPM_CONFIG_CAFILE",
    "npm_config_cafile",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "REQUESTS_CA_BUNDLE",
    "CARGO_HTTP_CAINFO",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
];
/// Names further variables, separated by commas, that the operator passes to builds on purpose.
const MORE: &str = "PAAS_BUILD_ENV";
/// Keys of an `.npmrc` that hold no secret; with `@scope:registry`.
const NPMRC: [&str; 5] = ["registry", "cafile", "ca", "strict-ssl", "maxsockets"];

/// Gives a job the operator's settings for package clients; `home` is where the job's HOME lies.
pub fn settings(job: &mut Job, home: &Path, user: Option<&Identity>) -> Result<(), BuilderError> {
    let more = env::var(MORE).unwrap_or_default();
    let more: Vec<&str> = more.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for name in SETTINGS.iter().chain(&more) {
        let Some(value) = env::var_os(name) else { continue };
        let of_a_proxy = PROXIES.contains(name);
        if of_a_proxy || (value.to_string_lossy().contains('@') && !more.contains(name)) {
            continue;
        }
        if FILES.contains(name) {
            show(job, Path::new(&value));
        }
        job.env(name, value);
    }
    npmrc(job, home, user)
}

/// Names the operator's proxies to a job that has the machine's network.
pub fn proxies(job: &mut Job) {
    for (name, value) in PROXIES.iter().filter_map(|name| Some((name, env::var_os(name)?))) {
        if !value.to_string_lossy().contains('@') {
            job.env(name, value);
        }
    }
}

/// Shows a file of the operator at its own path, unless the system's folders, which every job sees, hold it.
fn show(job: &mut Job, file: &Path) {
    let seen = ["/usr", "/etc/ssl/certs", "/etc/pki/tls/certs"].iter().any(|folder| file.starts_with(folder));
    if !seen && file.is_absolute() && file.exists() {
        job.mount(file, file, Access::Read);
    }
}

/// Copies what is not secret of the operator's `.npmrc`: each build can read it.
fn npmrc(job: &mut Job, home: &Path, user: Option<&Identity>) -> Result<(), BuilderError> {
    let Some(theirs) = env::home_dir().map(|home| home.join(".npmrc")) else { return Ok(()) };
    let text = match fs::read_to_string(&theirs) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => return Ok(()),
        text => text.at("reading", &theirs)?,
    };
    let kept = plain(&text);
    kept.iter().filter_map(|line| line.strip_prefix("cafile=")).for_each(|file| show(job, Path::new(file)));
    let copy = home.join(".npmrc");
    fs::write(&copy, kept.join("\n") + "\n").at("writing", &copy)?;
    user.map_or(Ok(()), |user| lchown(&copy, Some(user.uid), Some(user.gid))).at("changing the owner of", &copy)
}

fn plain(npmrc: &str) -> Vec<String> {
    let line = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let (key, value) = (key.trim(), value.trim());
        let plain = NPMRC.contains(&key) || (key.starts_with('@') && key.ends_with(":registry"));
        (plain && !value.contains('@')).then(|| format!("{key}={value}"))
    };
    npmrc.lines().filter_map(line).collect()
}

/// Makes sure of the programs a buildpack runs; shows those that the operator keeps outside of the system's folders (nvm, /opt).
pub fn programs(job: &mut Job, buildpack: &Buildpack) -> Result<(), BuilderError> {
    for program in &buildpack.programs {
        let bin = on_path(program).ok_or_else(|| BuilderError::Program { buildpack: buildpack.id.clone(), program: program.clone() })?;
        show_program(job, program, &bin);
    }
    for program in &buildpack.optional_programs {
        if let Some(bin) = on_path(program) {
            show_program(job, program, &bin);
        }
    }
    Ok(())
}

fn show_program(job: &mut Job, program: &str, bin: &Path) {
    if program == apt::PROGRAM {
        apt::show(job);
    }
    if SYSTEM.iter().any(|folder| Path::new(folder) == bin) {
        return;
    }
    let inside = PathBuf::from("/opt").join(program);
    // Programs find their libraries beside their `bin`; nothing else of that folder is shown, which may be someone's home.
    if let Some(lib) = bin.parent().map(|prefix| prefix.join("lib")).filter(|lib| lib.is_dir()) {
        job.mount(&lib, inside.join("lib"), Access::Read);
    }
    let bin = job.mount(bin, inside.join("bin"), Access::Read);
    job.path(&bin);
}

/// The folder on paasd's own `PATH` that holds a program. Not the `shims` of version managers, which look for the program below someone's home.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|folder| folder.is_absolute() && !folder.ends_with("shims") && folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_the_operators_npmrc_stay_there() {
        let npmrc = "registry = https://registry.example/\n//registry.example/:_authToken=SECRET\n@acme:registry=https://npm.acme.example/\n_auth=SECRET\nproxy=http://user:SECRET@proxy:3128\nfund=false\n";
        assert_eq!(plain(npmrc), ["registry=https://registry.example/", "@acme:registry=https://npm.acme.example/"]);
    }
}
