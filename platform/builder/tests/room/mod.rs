//! A builder of a test's own: real sandbox, own folders, buildpacks as the test writes them.
use paas_builder::{BuildError, BuildLimits, Builder, Built, Choices, Config, Level, Workspace};
use paas_model::{AppId, ConfigVars, output::Output};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

pub struct Room {
    pub data: TempDir,
    pub builder: Builder,
    pub output: Output,
    lines: Arc<Mutex<Vec<String>>>,
}

/// A build that ended well; the files live as long as it does.
pub struct Done {
    pub built: Built,
    _workspace: Workspace,
}

impl Room {
    /// With the platform's own buildpacks of these names.
    pub fn with_ours(names: &[&str]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../buildpacks");
        let folder = data.path().join("buildpacks");
        fs::create_dir(&folder).unwrap();
        names.iter().chain(&["clients"]).for_each(|name| symlink(ours.join(name), folder.join(name)).unwrap());
        fs::write(folder.join("order.toml"), format!("order = {names:?}")).unwrap();
        Self::open(data, BuildLimits::default(), &[])
    }

    /// With one buildpack, without network, whose `bin/build` is this script; it passes always.
    pub fn with_script(script: &str, limits: BuildLimits) -> Self {
        Self::with_programs(&[("bin/detect", ""), ("bin/build", script)], limits)
    }

    pub fn with_programs(programs: &[(&str, &str)], limits: BuildLimits) -> Self {
        Self::with_hosts(programs, limits, &[])
    }

    /// With a client that is set up for the first of these hosts; the operator allows the others.
    pub fn with_hosts(programs: &[(&str, &str)], limits: BuildLimits, hosts: &[String]) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (of_client, more) = hosts.split_first().map_or((None, hosts), |(first, more)| (Some(first), more));
        write(&data.path().join("buildpacks"), &[("order.toml", "order = ['test']")]);
        let buildpack = data.path().join("buildpacks/test");
        let network = of_client.map_or("", |_| "network = ['client']\n");
        write(&buildpack, &[("buildpack.toml", &format!("{network}[buildpack]\nid = 'test'\nname = 'Test'\nversion = '1'\n"))]);
        if let Some(host) = of_client {
            let client = data.path().join("buildpacks/clients/client");
            write(&data.path().join("buildpacks"), &[("clients/client", &format!("#!/bin/sh\necho {host}\n"))]);
            fs::set_permissions(client, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for (path, script) in programs {
            write(&buildpack, &[(path, &format!("#!/bin/sh\n{script}"))]);
            fs::set_permissions(buildpack.join(path), fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self::open(data, limits, more)
    }

    fn open(data: TempDir, limits: BuildLimits, hosts: &[String]) -> Self {
        let folder = |name: &str| data.path().join(name);
        let user = Some("paas-build".to_string());
        let hosts = hosts.iter().map(|host| host.parse().unwrap()).collect();
        let (buildpacks, cache, work) = (folder("buildpacks"), folder("cache"), folder("work"));
        let config = Config { buildpacks, cache, work, user, limits, hosts, program: program(), accept_weak: true };
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = lines.clone();
        let output = Output::new(move |line: &str| seen.lock().unwrap().push(line.to_string()));
        Self { builder: Builder::new(config).unwrap(), data, output, lines }
    }

    /// Builds as a new app without config vars.
    pub async fn build(&self, source: &[(&str, &str)]) -> Result<Done, String> {
        self.build_as(AppId::generate(), &ConfigVars::default(), source).await
    }

    pub async fn build_as(&self, app: AppId, config: &ConfigVars, source: &[(&str, &str)]) -> Result<Done, String> {
        let workspace = self.builder.workspace().unwrap();
        write(&workspace.source(), source);
        let choices = Choices { config: config.clone(), ..Choices::default() };
        match self.builder.build(app, &workspace, &choices, &self.output).await {
            Ok(built) => Ok(Done { built, _workspace: workspace }),
            Err(BuildError::Refused(text)) => Err(text),
            Err(BuildError::Fault(fault)) => panic!("{fault:?}\n{}", self.said()),
        }
    }

    /// Builds what should be refused, and says with which words it was.
    pub async fn refusal(&self, source: &[(&str, &str)]) -> String {
        match self.build(source).await {
            Ok(_) => panic!("the build should have been refused; it said:\n{}", self.said()),
            Err(text) => text,
        }
    }

    /// All lines of all builds, times blanked.
    pub fn said(&self) -> String {
        let lines = self.lines.lock().unwrap();
        let blank = |line: &String| match line.strip_prefix("       Built in ").or(line.strip_prefix("       Prepared in ")) {
            Some(time) => line.replace(time, "…s"),
            None => line.clone(),
        };
        lines.iter().map(blank).collect::<Vec<_>>().join("\n")
    }

    /// Whether this machine gives the walls that a test is about; says so when it does not.
    pub fn has_walls(&self) -> bool {
        let walls = self.builder.level() >= Level::Fair;
        if !walls {
            eprintln!("not tested, because the sandbox is {}: {}", self.builder.sandbox_level(), self.builder.sandbox_reason());
        }
        walls
    }
}

/// What is ours inside of a sandbox.
pub fn program() -> PathBuf {
    env!("CARGO_BIN_EXE_paas-builder-inside").into()
}

impl Done {
    pub fn names(&self) -> Vec<&str> {
        self.built.files.iter().map(|(name, _)| name.as_str()).collect()
    }
    pub fn text(&self, name: &str) -> String {
        let path = &self.built.files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1;
        fs::read_to_string(path).unwrap()
    }
    /// Names and contents.
    pub fn contents(&self) -> Vec<(String, Vec<u8>)> {
        self.built.files.iter().map(|(name, path)| (name.clone(), fs::read(path).unwrap())).collect()
    }
}

pub fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// The files of a sample app.
pub fn sample(name: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/apps").join(name);
    let (mut files, mut folders): (Vec<_>, Vec<PathBuf>) = (Vec::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push((path.strip_prefix(&root).unwrap().to_str().unwrap().to_string(), fs::read_to_string(&path).unwrap())),
            }
        }
    }
    files
}

pub fn borrowed(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}
