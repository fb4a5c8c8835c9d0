//! Sessions of the dashboard: an API key, exchanged for a cookie that scripts cannot read.
use crate::{
    account,
    api::Api,
    error::{ApiError, Result},
    origin,
    payload::Payload,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    response::{AppendHeaders, IntoResponse},
};
use http::{HeaderMap, StatusCode, header, request};
use paas_api_types as types;
use paas_model::Address;
use paas_store::TokenKind;
use std::time::Duration;

const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A wrong key costs this long. Keys are too long to be guessed; this keeps guessers from costing the store much.
const WRONG_KEY: Duration = Duration::from_millis(300);

/// Signs in to the dashboard: answers with a session cookie.
#[utoipa::path(post, path = "/sessions", operation_id = "createSession", tag = "sessions", request_body = types::NewSession, responses(
    (status = 201, description = "The account; the cookie is in `Set-Cookie`.", body = types::Account),
    (status = 401, description = "The key is wrong.", body = types::Error)))]
pub async fn create(State(api): State<Api>, door: Door, Payload(new): Payload<types::NewSession>) -> Result<impl IntoResponse> {
    let Some(account) = api.store.account_of_token(new.key.trim()).await? else {
        tokio::time::sleep(WRONG_KEY).await;
        return Err(ApiError::unauthorized());
    };
    let token = api.store.create_token(account.id, "Dashboard", TokenKind::Session, Some(LIFETIME)).await?;
    Ok((StatusCode::CREATED, door.cookie(&token, LIFETIME), Json(account::view(account))))
}

/// Signs out of the dashboard: ends the session of the request's cookie.
#[utoipa::path(delete, path = "/sessions", operation_id = "deleteSession", tag = "sessions",
    responses((status = 204, description = "The session has ended.")))]
pub async fn delete(State(api): State<Api>, door: Door, headers: HeaderMap) -> Result<impl IntoResponse> {
    if let Some(token) = token(&headers, &api.address) {
        api.store.delete_token(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, door.cookie("", Duration::ZERO)))
}

/// The session token in the request's cookie.
pub fn token<'a>(headers: &'a HeaderMap, address: &Address) -> Option<&'a str> {
    let name = name(origin::is_https(headers, address));
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, token)| token)
}

/// Under TLS browsers refuse a `__Host-` cookie from any other host, such as an app's below the same domain.
fn name(https: bool) -> &'static str {
    if https { "__Host-paas_session" } else { "paas_session" }
}

/// How the request came in. Refuses one that a page of another site sent, which could sign its visitor in as somebody else.
pub struct Door {
    https: bool,
}

impl Door {
    fn cookie(&self, token: &str, lifetime: Duration) -> AppendHeaders<[(header::HeaderName, String); 1]> {
        let (name, secure) = (name(self.https), if self.https { "; Secure" } else { "" });
        let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}", lifetime.as_secs());
        AppendHeaders([(header::SET_COOKIE, cookie)])
    }
}

impl FromRequestParts<Api> for Door {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, api: &Api) -> Result<Self> {
        if origin::is_foreign(parts, &api.address) {
            return Err(ApiError::forbidden("A page of another site sent this. Sign in on the dashboard itself."));
        }
        Ok(Self { https: origin::is_https(&parts.headers, &api.address) })
    }
}
