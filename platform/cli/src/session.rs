//! Which server, with which key: the environment first, then the file that `paas login` wrote.
use crate::failure::{Failure, Result};
use crate::origin::Origin;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const DEFAULT_SERVER: &str = "http://localhost:8080";

pub struct Session {
    pub server: Origin,
    key: Option<String>,
    from_environment: bool,
}

/// `credentials.toml`
#[derive(Default, Serialize, Deserialize)]
struct Credentials {
    /// The one logged in to last.
    server: Option<String>,
    #[serde(default)]
    servers: BTreeMap<String, Login>,
}

#[derive(Serialize, Deserialize)]
struct Login {
    email: String,
    key: String,
}

impl Session {
    /// The server this command line means, with its key if there is one.
    pub fn current() -> Result<Self> {
        let credentials = Credentials::read()?;
        let server = server(&credentials)?;
        Ok(Self::resolve(server, &credentials, true))
    }

    /// A given server; a key from the environment counts only if it is meant for it.
    pub fn of(wanted: Origin) -> Result<Self> {
        let credentials = Credentials::read()?;
        let is_current = server(&credentials)?.same_server(&wanted);
        Ok(Self::resolve(wanted, &credentials, is_current))
    }

    /// A key not stored yet.
    pub fn with_key(server: Origin, key: String) -> Self {
        Self { server, key: Some(key), from_environment: false }
    }

    fn resolve(server: Origin, credentials: &Credentials, environment: bool) -> Self {
        let given = variable("PAAS_API_KEY").filter(|_| environment);
        let from_environment = given.is_some();
        let key = given.or_else(|| credentials.key(&server));
        Self { server, key, from_environment }
    }

    pub fn key(&self) -> Result<&str> {
        self.key.as_deref().ok_or_else(|| Failure::Unauthorized(format!("You are not logged in to {0}. Run: paas login {0}", self.server)))
    }

    /// The server did not take the key.
    pub fn refused(&self) -> Failure {
        let next = match self.from_environment {
            true => "Check PAAS_API_KEY.".to_owned(),
            false => format!("Run: paas login {}", self.server),
        };
        Failure::Unauthorized(format!("{} refused the key. {next}", self.server))
    }

    /// Stores the key, and makes the server the current one.
    pub fn remember(&self, email: &str) -> Result<PathBuf> {
        let mut credentials = Credentials::read()?;
        let login = Login { email: email.to_owned(), key: self.key()?.to_owned() };
        credentials.server = Some(self.server.to_string());
        credentials.servers.insert(self.server.to_string(), login);
        credentials.write()
    }

    /// Removes the stored key. False when there was none.
    pub fn forget(&self) -> Result<bool> {
        let mut credentials = Credentials::read()?;
        let known = credentials.servers.remove(&self.server.to_string()).is_some();
        if known {
            credentials.write()?;
        }
        Ok(known)
    }
}

fn server(credentials: &Credentials) -> Result<Origin> {
    let named = variable("PAAS_URL").or_else(|| credentials.server.clone());
    Origin::of_server(named.as_deref().unwrap_or(DEFAULT_SERVER))
}

impl Credentials {
    fn key(&self, server: &Origin) -> Option<String> {
        let same = |name: &String| Origin::of_server(name).is_ok_and(|known| known.same_server(server));
        let login = self.servers.get(&server.to_string()).or_else(|| self.servers.iter().find(|(name, _)| same(name)).map(|(_, login)| login));
        login.map(|login| login.key.clone())
    }

    fn read() -> Result<Self> {
        let path = path()?;
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::local(format!("read {}", path.display()), error)),
        };
        // The parser's own message would quote the line, and with it perhaps a key.
        toml::from_str(&text)
            .map_err(|_| Failure::Refused(format!("{} is not as `paas login` writes it. Remove it and log in again.", path.display())))
    }

    /// Replaced as a whole: a file half written, or readable by others for a moment, never exists.
    fn write(&self) -> Result<PathBuf> {
        let path = path()?;
        let text = toml::to_string(self).map_err(|error| Failure::local("write the credentials", error))?;
        replace(&path, &text).map_err(|error| Failure::local(format!("write {}", path.display()), error))?;
        Ok(path)
    }
}

fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let temporary = folder.join(format!(".credentials.{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        fs::remove_file(&temporary).ok(); // the first failure is the one to tell
    }
    written
}

fn path() -> Result<PathBuf> {
    let folder = match variable("XDG_CONFIG_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => home()?.join(".config"),
    };
    Ok(folder.join("paas/credentials.toml"))
}

pub fn home() -> Result<PathBuf> {
    variable("HOME").map(PathBuf::from).ok_or_else(|| Failure::Refused("HOME is not set. Set it to your home folder.".into()))
}

/// Set, and not empty.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
