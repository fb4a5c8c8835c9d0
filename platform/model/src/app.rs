//! An app and the rule for its name.
use crate::{AccountId, AppId, ReleaseVersion};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// `^[a-z][a-z0-9-]{1,28}[a-z0-9]$`, without `--` (which separates a release in a host name) and not a reserved word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

/// Names that belong to the platform itself.
const RESERVED: [&str; 10] = ["paas", "api", "git", "www", "localhost", "admin", "dashboard", "healthz", "internal", "new"];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAppName {
    #[error(
        "Name must start with a letter, end with a letter or digit and can only contain lowercase letters, digits and single dashes (3 to 30 characters)."
    )]
    Form,
    #[error("Name {0} is reserved. Choose another one.")]
    Reserved(String),
}

impl AppName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AppName {
    type Err = BadAppName;

    fn from_str(text: &str) -> Result<Self, BadAppName> {
        let bytes = text.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
        let formed = (3..=30).contains(&bytes.len())
            && bytes[0].is_ascii_lowercase()
            && bytes[bytes.len() - 1] != b'-'
            && bytes.iter().all(inner)
            && !text.contains("--");
        if !formed {
            return Err(BadAppName::Form);
        }
        if RESERVED.contains(&text) {
            return Err(BadAppName::Reserved(text.into()));
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<String> for AppName {
    type Error = BadAppName;
    fn try_from(text: String) -> Result<Self, BadAppName> {
        text.parse()
    }
}
impl From<AppName> for String {
    fn from(name: AppName) -> String {
        name.0
    }
}
impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub id: AppId,
    pub name: AppName,
    pub owner: AccountId,
    pub owner_email: String,
    pub maintenance: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When the newest release was made.
    pub released_at: Option<DateTime<Utc>>,
    /// The release that answers now; v1 from creation on.
    pub current: ReleaseVersion,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_taken() {
        for name in ["hello", "a-b-c", "app1", "abc", &"a".repeat(30)] {
            assert_eq!(name.parse::<AppName>().map(String::from), Ok(name.to_string()));
        }
    }

    #[test]
    fn names_that_would_break_a_host_name_are_refused() {
        for name in ["", "ab", "1abc", "abc-", "-abc", "Hello", "a_b", "a--v1", "a.b", "ab\n", &"a".repeat(31), "é-app"] {
            assert_eq!(name.parse::<AppName>(), Err(BadAppName::Form), "{name:?}");
        }
        assert_eq!("paas".parse::<AppName>(), Err(BadAppName::Reserved("paas".into())));
    }
}
