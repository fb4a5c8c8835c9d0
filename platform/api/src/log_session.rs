//! Reading an app's log: a session is asked for with a key, then read at an address that needs none.
use crate::{
    api::Api,
    auth::{OwnApp, path_param},
    error::{ApiError, Result},
    page,
    payload::Payload,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::Utc;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, StatusCode, header, request};
use paas_api_types as types;
use paas_logs::Filter;
use paas_model::{
    AppId, Digest,
    log::{Line, Source},
};
use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use uuid::Uuid;

/// How long a session may be opened; a stream that is open stays open.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// Proxies close connections on which nothing is sent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const LINES: u32 = 100;

/// Asks for the app's log, which is then read at `logplex_url`.
#[utoipa::path(post, path = "/apps/{app}/log-sessions", operation_id = "createLogSession", tag = "log-sessions", request_body = types::NewLogSession,
    responses((status = 201, description = "Where the log is read, for five minutes.", body = types::LogSession)))]
pub async fn create(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Payload(new): Payload<types::NewLogSession>,
) -> Result<(StatusCode, Json<types::LogSession>)> {
    let session = Session { app: app.id, lines: new.lines.unwrap_or(LINES) as usize, tail: new.tail.unwrap_or(false), filter: filter(&new)? };
    let token = hex::encode(rand::random::<[u8; 32]>());
    api.log_sessions.insert(&token, session);
    let now = Utc::now();
    let logplex_url = format!("{}/logs/{token}", api.address.control());
    Ok((StatusCode::CREATED, Json(types::LogSession { id: Uuid::new_v4(), logplex_url, created_at: now, updated_at: now })))
}

/// The log of a session: past lines, then, if it was asked to `tail`, each further one as it comes.
#[utoipa::path(get, path = "/logs/{session}", operation_id = "readLog", tag = "log-sessions",
    params(("session" = String, Path, description = "As given in `logplex_url`.")),
    responses((status = 200, description = "Lines.", content((String = "text/plain"), (String = "text/event-stream")))))]
pub async fn read(State(api): State<Api>, Opened(session): Opened, headers: HeaderMap) -> Response {
    let lines = match session.tail {
        true => api.logs.follow(session.app, session.lines, session.filter).left_stream(),
        false => stream::iter(api.logs.recent(session.app, session.lines, &session.filter)).right_stream(),
    };
    match page::accepts(&headers, "text/event-stream") {
        true => streamed("text/event-stream", kept_alive(lines.map(|line| event(&line)), KEEP_ALIVE)),
        false => streamed("text/plain; charset=utf-8", lines.map(|line| Bytes::from(format!("{line}\n")))),
    }
}

fn streamed(kind: &'static str, pieces: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
    // Asks proxies (nginx reads this) not to hold lines back.
    ([(header::CONTENT_TYPE.as_str(), kind), ("x-accel-buffering", "no")], body).into_response()
}

/// A server-sent event; a carriage return in a line would end its field, so it begins another one.
fn event(line: &Line) -> Bytes {
    let text = line.to_string();
    let fields: String = text.split(['\r', '\n']).map(|part| format!("data: {part}\n")).collect();
    Bytes::from(fields + "\n")
}

/// With a comment whenever nothing else came for a while.
fn kept_alive(events: impl Stream<Item = Bytes> + Send + 'static, every: Duration) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(Box::pin(events), move |mut events| async move {
        match timeout(every, events.next()).await {
            Ok(event) => Some((event?, events)),
            Err(_) => Some((Bytes::from_static(b": still here\n\n"), events)),
        }
    })
}

fn filter(new: &types::NewLogSession) -> Result<Filter> {
    let source = match new.source.as_deref() {
        None | Some("") => None,
        Some("app") => Some(Source::App),
        Some("paas" | "heroku") => Some(Source::Paas),
        Some(other) => return Err(ApiError::invalid(format!("There is no log source {other:?}. Use app or paas."))),
    };
    let process = [&new.dyno, &new.dyno_name, &new.process_type].into_iter().flatten().find(|name| !name.is_empty());
    Ok(Filter { source, process: process.cloned() })
}

/// What a session's address stands for.
#[derive(Clone, Debug)]
struct Session {
    app: AppId,
    lines: usize,
    tail: bool,
    filter: Filter,
}

/// The sessions that may be opened now, by their token's digest. They do not outlive the process: clients ask anew.
#[derive(Default)]
pub struct LogSessions(Mutex<HashMap<Digest, (Instant, Session)>>);

impl LogSessions {
    fn insert(&self, token: &str, session: Session) {
        let mut sessions = self.sessions();
        sessions.retain(|_, (made, _)| made.elapsed() < LIFETIME);
        sessions.insert(Digest::of(token.as_bytes()), (Instant::now(), session));
    }

    fn get(&self, token: &str) -> Option<Session> {
        let sessions = self.sessions();
        let (made, session) = sessions.get(&Digest::of(token.as_bytes()))?;
        (made.elapsed() < LIFETIME).then(|| session.clone())
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<Digest, (Instant, Session)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session in the request's path.
pub struct Opened(Session);

impl FromRequestParts<Api> for Opened {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, api: &Api) -> Result<Self> {
        let token = path_param(parts, api, "session").await?;
        let ended = || ApiError::not_found("This log session has ended. Ask for a new one.");
        api.log_sessions.get(&token).map(Self).ok_or_else(ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn line(text: &str) -> Arc<Line> {
        Arc::new(Line { at: "2026-11-23T05:29:35.123456Z".parse().unwrap(), source: Source::App, process: "web.1".into(), text: text.into() })
    }

    #[test]
    fn a_line_is_one_event_whatever_it_holds() {
        assert_eq!(event(&line("hello")), "data: 2026-11-23T05:29:35.123456+00:00 app[web.1]: hello\n\n");
        assert_eq!(event(&line("a\rdata: b")), "data: 2026-11-23T05:29:35.123456+00:00 app[web.1]: a\ndata: data: b\n\n");
    }

    #[test]
    fn heroku_is_understood_as_the_platform() {
        let of = |source: &str| filter(&types::NewLogSession { source: Some(source.into()), ..Default::default() });
        assert_eq!(of("heroku").unwrap().source, Some(Source::Paas));
        assert_eq!(of("app").unwrap().source, Some(Source::App));
        assert!(of("else").is_err());
    }

    #[test]
    fn a_session_is_found_by_its_token_alone() {
        let sessions = LogSessions::default();
        sessions.insert("abc", Session { app: AppId::generate(), lines: 1, tail: false, filter: Filter::default() });
        assert!(sessions.get("abc").is_some());
        assert!(sessions.get("abd").is_none());
    }

    #[tokio::test]
    async fn a_quiet_stream_is_kept_alive() {
        let mut events = Box::pin(kept_alive(stream::pending(), Duration::from_millis(1)));
        assert_eq!(events.next().await.unwrap(), ": still here\n\n");
    }
}
