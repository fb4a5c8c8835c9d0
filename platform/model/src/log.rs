//! A log line as users read it, and the place it goes.
use crate::AppId;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// Longer lines are split into several.
pub const MAX_LINE_BYTES: usize = 10_000;

/// Who wrote a line: the app, or the platform about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    App,
    Paas,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Paas => "paas",
        }
    }
}

/// One line, printed as `2026-11-23T05:29:35.123456+00:00 app[web.1]: message`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub at: DateTime<Utc>,
    pub source: Source,
    /// `web.1`, `router`, `api`.
    pub process: Cow<'static, str>,
    /// Never contains a newline.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, false);
        write!(f, "{at} {}[{}]: {}", self.source.as_str(), self.process, self.text)
    }
}

/// Where lines go. Never blocks: a full sink drops and counts.
pub trait Sink: Send + Sync {
    fn write(&self, app: AppId, line: Line);
}
