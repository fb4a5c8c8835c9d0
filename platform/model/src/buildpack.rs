//! Which buildpack an app wants, as people name it.
use serde::{Deserialize, Serialize};
use std::fmt;

/// A name (`javascript`, `heroku/nodejs`), a git URL with an optional `#ref`, or a folder of the source (`./buildpack`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BuildpackRef(String);

/// Where it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildpackSource {
    /// One of the platform's own, by id.
    Ours(String),
    Git {
        url: String,
        /// Branch or tag.
        reference: Option<String>,
    },
    /// Relative to the source's root.
    Folder(String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no buildpack. Give a name (javascript), a git URL (https://…/buildpack.git#v1), or a folder of the source (./buildpack).")]
pub struct BadBuildpackRef(String);

const MAX_BYTES: usize = 500;
/// What Heroku calls ours.
const ALIASES: [(&str, &str); 5] = [("nodejs", "javascript"), ("node", "javascript"), ("nginx", "static"), ("html", "static"), ("golang", "go")];
const SCHEMES: [&str; 3] = ["https://", "http://", "git://"];

impl BuildpackRef {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn source(&self) -> BuildpackSource {
        let text = self.0.as_str();
        if let Some(folder) = text.strip_prefix("./") {
            return BuildpackSource::Folder(folder.trim_end_matches('/').into());
        }
        if let Some(name) = herokus(text) {
            return BuildpackSource::Ours(name);
        }
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            let (url, reference) = text.split_once('#').map_or((text, None), |(url, reference)| (url, Some(reference.to_string())));
            return BuildpackSource::Git { url: url.into(), reference };
        }
        BuildpackSource::Ours(alias(text))
    }
}

/// `heroku/nodejs`, and the address of its source: the platform has its own for that.
fn herokus(text: &str) -> Option<String> {
    let official = text.split_once("github.com/heroku/heroku-buildpack-").map(|(_, rest)| rest);
    let name = text.strip_prefix("heroku/").or_else(|| text.strip_prefix("heroku-community/")).or(official)?;
    Some(alias(name.split('#').next().unwrap_or(name).trim_end_matches('/').trim_end_matches(".git")))
}

fn alias(name: &str) -> String {
    ALIASES.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours).into()
}

impl TryFrom<String> for BuildpackRef {
    type Error = BadBuildpackRef;

    fn try_from(text: String) -> Result<Self, BadBuildpackRef> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+~".contains(c);
        let part = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.starts_with('-') && part.chars().all(plain);
        let legal = match Self(text.clone()).source() {
            BuildpackSource::Ours(name) => part(&name),
            BuildpackSource::Folder(folder) => folder.split('/').all(part),
            BuildpackSource::Git { url, reference } => {
                let rest = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or_default();
                let (host, path) = rest.split_once('/').unwrap_or_default();
                let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
                let port = |c: char| plain(c) || c == ':' || c == '[' || c == ']';
                !host.is_empty() && host.chars().all(port) && path.split('/').all(part) && reference.is_none_or(|it| it.split('/').all(part))
            }
        };
        if legal && text.len() <= MAX_BYTES { Ok(Self(text)) } else { Err(BadBuildpackRef(text)) }
    }
}

impl From<BuildpackRef> for String {
    fn from(name: BuildpackRef) -> Self {
        name.0
    }
}

impl fmt::Display for BuildpackRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> BuildpackSource {
        BuildpackRef::try_from(text.to_string()).unwrap().source()
    }

    #[test]
    fn names_of_heroku_mean_ours() {
        for name in [
            "javascript",
            "heroku/nodejs",
            "https://github.com/heroku/heroku-buildpack-nodejs",
            "https://github.com/heroku/heroku-buildpack-nodejs.git#v1",
        ] {
            assert_eq!(source(name), BuildpackSource::Ours("javascript".into()), "{name}");
        }
        assert_eq!(source("heroku/python"), BuildpackSource::Ours("python".into()));
    }

    #[test]
    fn git_urls_and_folders_are_told_apart() {
        let git = |url: &str, reference: Option<&str>| BuildpackSource::Git { url: url.into(), reference: reference.map(String::from) };
        assert_eq!(source("https://example.com/a/b.git#v1.2"), git("https://example.com/a/b.git", Some("v1.2")));
        assert_eq!(source("git://127.0.0.1:9418/b"), git("git://127.0.0.1:9418/b", None));
        assert_eq!(source("./tools/buildpack/"), BuildpackSource::Folder("tools/buildpack".into()));
    }

    #[test]
    fn what_could_mean_something_else_to_git_or_a_path_is_refused() {
        for bad in [
            "",
            "../x",
            "./../x",
            "./",
            "--upload-pack=x",
            "ext::sh -c x",
            "file:///etc",
            "https://",
            "https://host",
            "https://h/a b",
            "https://h/a#-x",
            "a/b",
            "./a//b",
        ] {
            assert!(BuildpackRef::try_from(bad.to_string()).is_err(), "{bad:?}");
        }
    }
}
