//! Config vars. A change makes a release.
use crate::{
    announce,
    api::Api,
    auth::{Caller, OwnApp},
    error::Result,
    payload::Payload,
};
use axum::{Json, extract::State};
use paas_api_types as types;

/// The config vars that the app has now.
#[utoipa::path(get, path = "/apps/{app}/config-vars", operation_id = "getConfigVars", tag = "config-vars",
    responses((status = 200, description = "Names and values.", body = BTreeMap<String, String>)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<types::ConfigVars>> {
    let (_, vars) = api.store.config_vars(app.id).await?;
    Ok(Json(vars.0))
}

/// Sets some config vars and, where the value is null, removes some. Answers when the new release does.
#[utoipa::path(patch, path = "/apps/{app}/config-vars", operation_id = "updateConfigVars", tag = "config-vars",
    request_body = BTreeMap<String, Option<String>>,
    responses((status = 200, description = "All names and values after the change.", body = BTreeMap<String, String>)))]
pub async fn update(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    Payload(patch): Payload<types::ConfigPatch>,
) -> Result<Json<types::ConfigVars>> {
    let release = api.deploy.set_config(&app, &patch, &account).await?;
    if release.version > Some(app.current) {
        announce::release(&api, &release);
    }
    show(State(api), OwnApp(app)).await
}
