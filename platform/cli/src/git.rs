//! The user's git repository: its remotes say which app is meant.
use crate::app::{open_app, parse_name};
use crate::args::GitRemote;
use crate::failure::{Failure, Result};
use crate::origin::Origin;
use crate::{credential, output};
use paas_api_types::App;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Points a remote at an app.
pub fn remote(args: &GitRemote) -> Result<()> {
    if !in_repository() {
        return Err(Failure::Refused("This folder is not in a git repository. To make one, run: git init".into()));
    }
    let (client, app) = open_app(&args.app)?;
    let app: App = client.get(&format!("/apps/{app}"))?;
    set_remote(&args.remote, &app.git_url)?;
    credential::install(client.server(), &app.git_url)?;
    output::line(format_args!("set git remote {} to {}", args.remote, app.git_url))?;
    output::note(format_args!("git gets your key from `paas`. To deploy, run: git push {} main", args.remote));
    Ok(())
}

/// The app that this folder's remotes mean: the remote `paas`, else the only app of the server among the others.
pub fn app_of_remotes(server: &Origin) -> Result<String> {
    choose(&remotes(), server)
}

pub fn in_repository() -> bool {
    read(&["rev-parse", "--git-dir"]).is_some()
}

/// The files of a folder that git keeps or would keep, relative to it; `None` outside of a repository.
pub fn files(folder: &Path) -> Option<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).stderr(Stdio::null());
    let listed = git.output().ok().filter(|output| output.status.success())?;
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Some(names.map(|name| PathBuf::from(OsStr::from_bytes(name))).collect())
}

pub fn url_of(remote: &str) -> Option<String> {
    remotes().into_iter().find(|(name, _)| name == remote).map(|(_, url)| url)
}

pub fn set_remote(name: &str, url: &str) -> Result<()> {
    match url_of(name) {
        Some(_) => run(&["remote", "set-url", "--", name, url]),
        None => run(&["remote", "add", "--", name, url]),
    }
}

/// Removes the remotes of an app that is gone.
pub fn forget(url: &str) -> Result<()> {
    let mut gone = remotes().into_iter().filter(|(_, known)| known == url);
    gone.try_for_each(|(name, _)| run(&["remote", "remove", &name]))
}

/// Sets all values of a key in the repository's config.
pub fn set_config(key: &str, values: &[&str]) -> Result<()> {
    if read(&["config", "--local", "--get-all", key]).is_some() {
        run(&["config", "--local", "--unset-all", key])?;
    }
    values.iter().try_for_each(|value| run(&["config", "--local", "--add", key, value]))
}

fn choose(remotes: &[(String, String)], server: &Origin) -> Result<String> {
    if let Some((_, url)) = remotes.iter().find(|(name, _)| name == "paas") {
        return app_in(url).ok_or_else(|| {
            Failure::Usage(format!("The git remote paas is {url}, which is no app. Name the app with -a NAME, or run: paas git:remote -a NAME"))
        });
    }
    let apps: BTreeSet<String> = remotes.iter().filter_map(|(_, url)| app_at(url, server)).collect();
    let mut apps = apps.into_iter();
    match (apps.next(), apps.next()) {
        (Some(app), None) => Ok(app),
        (None, _) => Err(Failure::Usage(
            "No app given, and no git remote says which. Name it with -a NAME, or in its repository run: paas git:remote -a NAME".into(),
        )),
        (Some(first), Some(second)) => Err(Failure::Usage(format!(
            "The git remotes name several apps, such as {first} and {second}. Say which with -a NAME, or choose one for good with: paas git:remote -a NAME"
        ))),
    }
}

/// The app of `<server>/<app>.git`.
fn app_at(url: &str, server: &Origin) -> Option<String> {
    let (origin, _) = Origin::split(url)?;
    app_in(url).filter(|_| origin.same_server(server))
}

/// The app of `http://host/<app>.git` or `git@host:<app>.git`.
fn app_in(url: &str) -> Option<String> {
    let path = match url.contains("://") {
        true => Origin::split(url)?.1,
        false => url.split_once(':')?.1,
    };
    let name = path.strip_prefix('/').unwrap_or(path).trim_end_matches('/');
    parse_name(name.strip_suffix(".git").unwrap_or(name)).ok()
}

/// Name and URL of each remote, as configured.
fn remotes() -> Vec<(String, String)> {
    let listed = read(&["config", "--null", "--get-regexp", r"^remote\..*\.url$"]).unwrap_or_default();
    listed.split('\0').filter_map(parse_remote).collect()
}

/// git writes `remote.NAME.url\nURL` for each with `--null`.
fn parse_remote(entry: &str) -> Option<(String, String)> {
    let (key, url) = entry.split_once('\n')?;
    let name = key.strip_prefix("remote.")?.strip_suffix(".url")?;
    Some((name.to_owned(), url.to_owned()))
}

/// What git prints, or nothing when it fails: no repository, no such key, no git.
fn read(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn run(args: &[&str]) -> Result<()> {
    let shown = args.join(" ");
    let output = Command::new("git").args(args).stdin(Stdio::null()).output().map_err(|error| Failure::local(format!("run git {shown}"), error))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Failure::Refused(format!("git {shown} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(remotes: &[(&str, &str)]) -> Result<String> {
        let remotes: Vec<_> = remotes.iter().map(|(name, url)| (name.to_string(), url.to_string())).collect();
        choose(&remotes, &Origin::of_server("http://localhost:8080").unwrap())
    }

    #[test]
    fn the_remote_named_paas_wins_wherever_it_points() {
        let remotes = [("origin", "http://localhost:8080/other.git"), ("paas", "https://paas.example.com/hello.git")];
        assert_eq!(chosen(&remotes).unwrap(), "hello");
    }

    #[test]
    fn else_the_one_app_of_the_server_is_meant() {
        let remotes = [("origin", "git@github.com:ann/hello.git"), ("live", "http://x@paas.localhost:8080/shop.git")];
        assert_eq!(chosen(&remotes).unwrap(), "shop");
        let twice = [("a", "http://localhost:8080/shop.git"), ("b", "http://localhost:8080/shop.git")];
        assert_eq!(chosen(&twice).unwrap(), "shop");
    }

    #[test]
    fn no_app_or_several_end_in_words_that_tell_both_ways() {
        for remotes in [&[][..], &[("a", "http://localhost:8080/a1.git"), ("b", "http://localhost:8080/b1.git")][..]] {
            let words = chosen(remotes).unwrap_err().to_string();
            assert!(words.contains("-a NAME") && words.contains("paas git:remote -a NAME"), "{words}");
        }
    }

    #[test]
    fn apps_are_read_out_of_addresses() {
        assert_eq!(app_in("http://localhost:8080/hello.git").as_deref(), Some("hello"));
        assert_eq!(app_in("https://user@host/hello.git/").as_deref(), Some("hello"));
        assert_eq!(app_in("git@host:hello.git").as_deref(), Some("hello"));
        assert_eq!(app_in("https://github.com/ann/hello.git"), None);
        assert_eq!(app_in("/srv/hello.git"), None);
    }
}
