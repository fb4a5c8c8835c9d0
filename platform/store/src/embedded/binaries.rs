//! Which PostgreSQL programs to run.
use super::{EmbeddedError, Result, place::Place};
use std::{
    cmp::Reverse,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const VARIABLE: &str = "PAAS_PG_BIN";

/// A folder with `initdb` and `postgres` of one major version.
#[derive(Debug)]
pub(super) struct Binaries {
    bin: PathBuf,
    /// `15`
    pub major: String,
}

impl Binaries {
    /// Those of the version that made the cluster; for a new one the first found. Searched: $PAAS_PG_BIN and nothing
    /// else if it is set, then pg_config, Debian's folders from the highest version down, PATH.
    pub(super) async fn find(place: &Place) -> Result<Self> {
        let wanted = fs::read_to_string(place.cluster().join("PG_VERSION")).ok().map(|text| text.trim().to_string());
        let mut found = Vec::new();
        let mut unusable = None;
        for bin in candidates() {
            match major(&bin, place).await {
                Ok(major) => found.push(Self { bin, major }),
                Err(error) => unusable = Some(error),
            }
        }
        let Some(wanted) = wanted else {
            return found.into_iter().next().ok_or_else(|| unusable.unwrap_or_else(not_found));
        };
        let majors = found.iter().map(|binaries| binaries.major.as_str()).collect::<Vec<_>>().join(", ");
        match found.into_iter().find(|binaries| binaries.major == wanted) {
            Some(binaries) => Ok(binaries),
            None if majors.is_empty() => Err(unusable.unwrap_or_else(not_found)),
            None => Err(EmbeddedError::Version { data: place.cluster(), cluster: wanted, found: majors }),
        }
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

fn not_found() -> EmbeddedError {
    EmbeddedError::NotFound(match env::var(VARIABLE) {
        Ok(bin) => format!("PAAS_PG_BIN is {bin:?}, where initdb or postgres is missing"),
        Err(_) => "searched: pg_config, /usr/lib/postgresql, PATH".into(),
    })
}

fn candidates() -> Vec<PathBuf> {
    let complete = |bin: &PathBuf| bin.join("initdb").is_file() && bin.join("postgres").is_file();
    if let Some(bin) = env::var_os(VARIABLE) {
        return [PathBuf::from(bin)].into_iter().filter(complete).collect();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let all = pg_config().into_iter().chain(debian()).chain(env::split_paths(&path));
    let mut bins = Vec::new();
    for bin in all.filter(complete) {
        if !bins.contains(&bin) {
            bins.push(bin);
        }
    }
    bins
}

fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success())?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn debian() -> Vec<PathBuf> {
    let entries = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_by_key(|(number, _)| Reverse(*number));
    versions.into_iter().map(|(_, bin)| bin).collect()
}

async fn major(bin: &Path, place: &Place) -> Result<String> {
    let unusable = |reason: String| EmbeddedError::NotRunnable { bin: bin.into(), user: place.user.name.clone(), reason };
    let output = place.user.command(&bin.join("postgres"), Path::new("/")).arg("--version").output().await.map_err(|e| unusable(e.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse_major(&text).ok_or_else(|| unusable(format!("`postgres --version` said {:?}", text.trim())))
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
fn parse_major(text: &str) -> Option<String> {
    let version = text.split_once("(PostgreSQL)")?.1.trim_start();
    let major: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!major.is_empty()).then_some(major)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_kind_of_build() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some("15".into()));
        assert_eq!(parse_major("postgres (PostgreSQL) 19beta1\n"), Some("19".into()));
        assert_eq!(parse_major(""), None);
    }
}
