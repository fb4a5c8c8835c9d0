//! Who calls, and whether they may: runs before every handler, by the rule in the table of routes.
use crate::{
    api::Api,
    error::{ApiError, Result},
    origin,
    routes::Access,
    session,
};
use axum::{
    extract::{FromRequestParts, RawPathParams, Request, State, rejection::RawPathParamsRejection},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, StatusCode, header, request};
use paas_model::{Account, App, AppId, AppName};

/// The account that the request's key or session belongs to. Only routes that ask for one have it.
#[derive(Clone, Debug)]
pub struct Caller(pub Account);

/// The app in the request's path, which the caller owns. Only routes with [`Access::Owner`] or [`Access::Git`] have it.
#[derive(Clone, Debug)]
pub struct OwnApp(pub App);

/// The layer around every handler.
pub async fn check(
    State((api, access)): State<(Api, Access)>,
    params: std::result::Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match admit(&api, access, params.ok().as_ref(), &mut parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) if access == Access::Git => error.for_git(),
        Err(error) => error.into_response(),
    }
}

async fn admit(api: &Api, access: Access, params: Option<&RawPathParams>, request: &mut request::Parts) -> Result<()> {
    let account = match access {
        Access::Public => return Ok(()),
        Access::Git => by_key(api, &request.headers).await?,
        Access::Admin => admin(api, &request.headers).await?,
        Access::Account | Access::Owner => by_key_or_session(api, request).await?,
    };
    if let Some(name) = app_param(access, params)? {
        let app = own_app(api, &account, name).await?;
        request.extensions.insert(OwnApp(app));
    }
    request.extensions.insert(Caller(account));
    Ok(())
}

/// An `Authorization` header always counts, even beside a cookie: what a program sends on purpose goes first.
async fn by_key_or_session(api: &Api, request: &request::Parts) -> Result<Account> {
    if request.headers.contains_key(header::AUTHORIZATION) {
        return by_key(api, &request.headers).await;
    }
    let token = session::token(&request.headers, &api.address).ok_or_else(ApiError::unauthorized)?;
    let account = account_of(api, token).await?;
    if origin::is_unsafe(&request.method) && !origin::is_own(request, &api.address) {
        return Err(ApiError::forbidden("This change was sent by a page of another site. Make it in the dashboard itself, or use an API key."));
    }
    Ok(account)
}

async fn by_key(api: &Api, headers: &HeaderMap) -> Result<Account> {
    let key = headers.get(header::AUTHORIZATION).and_then(key).ok_or_else(ApiError::unauthorized)?;
    account_of(api, &key).await
}

async fn admin(api: &Api, headers: &HeaderMap) -> Result<Account> {
    let account = by_key(api, headers).await?;
    match account.id == api.admin {
        true => Ok(account),
        false => Err(ApiError::forbidden(
            "This is about the apps of all accounts, so it takes the admin's key (admin.token in the platform's data folder).",
        )),
    }
}

async fn account_of(api: &Api, token: &str) -> Result<Account> {
    api.store.account_of_token(token).await?.ok_or_else(ApiError::unauthorized)
}

/// `Bearer KEY`, or `Basic` with any user name and the key as its password.
fn key(value: &HeaderValue) -> Option<String> {
    let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().to_string()),
        "basic" => {
            let pair = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
            pair.split_once(':').map(|(_, key)| key.to_string())
        }
        _ => None,
    }
}

/// The text that names the app, where the route has one.
fn app_param(access: Access, params: Option<&RawPathParams>) -> Result<Option<&str>> {
    let of = |name: &str| params.and_then(|params| params.iter().find(|(key, _)| *key == name)).map(|(_, value)| value);
    match access {
        Access::Public | Access::Account | Access::Admin => Ok(None),
        Access::Owner => of("app").map(Some).ok_or_else(|| ApiError::not_found("The address names no app that could be.")),
        Access::Git => of("repository").and_then(|name| name.strip_suffix(".git")).map(Some).ok_or_else(no_repository),
    }
}

/// An app of another account is answered exactly as one that doesn't exist.
async fn own_app(api: &Api, account: &Account, name: &str) -> Result<App> {
    if name.parse::<AppId>().is_err() && name.parse::<AppName>().is_err() {
        return Err(missing(name));
    }
    let app = api.store.app(name).await?.filter(|app| app.owner == account.id);
    app.ok_or_else(|| missing(name))
}

fn no_repository() -> ApiError {
    ApiError::not_found("There is no repository at this address. Use an app's git URL, which ends in .git; `paas apps:info` shows it.")
}

fn missing(name: &str) -> ApiError {
    ApiError::not_found(format!("Couldn't find the app {name:?}. `paas apps` lists yours, `paas create` makes one."))
}

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut request::Parts, _: &Api) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::fault("a public route asks for its caller"))
    }
}

impl FromRequestParts<Api> for OwnApp {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut request::Parts, _: &Api) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::fault("a route without an app asks for it"))
    }
}

/// A further part of the path, such as `{release}`.
pub async fn path_param(parts: &mut request::Parts, api: &Api, name: &str) -> Result<String> {
    let params = RawPathParams::from_request_parts(parts, api).await;
    let bad = |_| ApiError::refused(StatusCode::BAD_REQUEST, "bad_request", "The address is not valid UTF-8.");
    let params = params.map_err(bad)?;
    let found = params.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_string());
    found.ok_or_else(|| ApiError::fault(format!("the route has no parameter {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(text: &str) -> Option<String> {
        key(&HeaderValue::from_str(text).unwrap())
    }

    #[test]
    fn a_key_comes_as_a_bearer_token_or_as_a_password() {
        assert_eq!(key_of("Bearer paas_abc"), Some("paas_abc".into()));
        assert_eq!(key_of("bearer paas_abc"), Some("paas_abc".into()));
        let basic = |pair: &str| key_of(&format!("Basic {}", BASE64_STANDARD.encode(pair)));
        assert_eq!(basic("git:paas_abc"), Some("paas_abc".into()));
        assert_eq!(basic(":paas_abc"), Some("paas_abc".into()));
        assert_eq!(basic("paas_abc"), None);
        for other in ["paas_abc", "Digest x", "Basic %%%", ""] {
            assert_eq!(key_of(other), None, "{other}");
        }
    }
}
