use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Asks for an app's log.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewLogSession {
    /// How many past lines; 100 when left out.
    pub lines: Option<u32>,
    /// Keeps the stream open for new lines.
    pub tail: Option<bool>,
    /// `app` or `paas` (`heroku` is understood as `paas`).
    pub source: Option<String>,
    /// Only lines of this process: `web.1`, `router`.
    pub dyno: Option<String>,
    pub dyno_name: Option<String>,
    /// Only lines of this process type: `web`.
    #[serde(rename = "type")]
    pub process_type: Option<String>,
}

/// The log is read at `logplex_url`, which needs no further key and is valid for five minutes:
/// server-sent events when asked for with `Accept: text/event-stream`, plain lines otherwise.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LogSession {
    pub id: Uuid,
    pub logplex_url: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
