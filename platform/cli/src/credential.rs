//! Lets git ask `paas` for the key of one server, so that no key is ever in a URL or typed at a prompt.
use crate::args::GitCredential;
use crate::config::shell_quote;
use crate::failure::{Failure, Result};
use crate::origin::Origin;
use crate::session::Session;
use crate::{git, output};
use std::io::{self, BufRead};
use std::path::PathBuf;

/// Writes into the repository's config that git asks us, for the origin of `git_url` only.
pub fn install(server: &Origin, git_url: &str) -> Result<()> {
    let (origin, _) = Origin::split(git_url)
        .ok_or_else(|| Failure::Refused(format!("The server gave out {git_url} for git, which is no address. Check PAAS_URL.")))?;
    let command = format!("!{} git:credential --server {} --git-origin {}", program(), quoted(&server.to_string()), quoted(&origin.to_string()));
    // The empty value first: helpers of the user's other config would else be asked before us, and store the key.
    git::set_config(&format!("credential.{origin}.helper"), &["", &command])
}

/// Speaks git's credential protocol (gitcredentials(7)): attributes on stdin, attributes on stdout.
pub fn answer(args: &GitCredential) -> Result<()> {
    let session = Session::of(Origin::of_server(&args.server)?)?;
    let meant = asked_origin(io::stdin().lock()).is_some_and(|origin| Some(origin) == Origin::of_server(&args.git_origin).ok());
    match args.action.as_str() {
        "get" if meant => give(&session),
        "erase" if meant => {
            output::complain(&session.refused().to_string());
            Ok(())
        }
        _ => Ok(()),
    }
}

fn give(session: &Session) -> Result<()> {
    match session.key() {
        Ok(key) => output::line(format_args!("username=paas\npassword={key}")),
        Err(failure) => {
            output::complain(&failure.to_string());
            output::line("quit=1") // git would go on to prompt for a user name, which helps nobody
        }
    }
}

fn asked_origin(question: impl BufRead) -> Option<Origin> {
    let (mut protocol, mut host) = (None, None);
    for line in question.lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        match line.split_once('=') {
            Some(("protocol", value)) => protocol = Some(value.to_owned()),
            Some(("host", value)) => host = Some(value.to_owned()),
            _ => {}
        }
    }
    Origin::of_server(&format!("{}://{}", protocol?, host?)).ok()
}

/// `paas` if that is what the PATH finds, so that an upgrade elsewhere keeps working; else this very file.
fn program() -> String {
    let Ok(this) = std::env::current_exe().and_then(|path| path.canonicalize()) else { return "paas".into() };
    let is_this = |folder: PathBuf| folder.join("paas").canonicalize().is_ok_and(|found| found == this);
    let on_path = std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(is_this));
    if on_path { "paas".into() } else { quoted(&this.to_string_lossy()) }
}

fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "/:._-".contains(c));
    if plain { text.to_owned() } else { shell_quote(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_question_is_understood_and_other_hosts_are_others() {
        let asked = |text: &str| asked_origin(text.as_bytes()).map(|origin| origin.to_string());
        assert_eq!(asked("protocol=http\nhost=paas.localhost:8080\n\n").as_deref(), Some("http://paas.localhost:8080"));
        assert_eq!(asked("protocol=https\nhost=evil.example\npath=x\n").as_deref(), Some("https://evil.example"));
        assert_eq!(asked("host=paas.localhost:8080\n"), None);
    }
}
