//! The hosts that an app may call. A change makes a release.
use crate::{
    announce,
    api::Api,
    auth::{Caller, OwnApp},
    error::{ApiError, Result},
    payload::Payload,
};
use axum::{Json, extract::State};
use paas_api_types as types;
use paas_model::{EgressRule, Release, egress::EgressPatch};

/// The hosts that the app may call; all others are refused. Ours.
#[utoipa::path(get, path = "/apps/{app}/egress", operation_id = "getEgress", tag = "egress",
    responses((status = 200, description = "The hosts.", body = types::Egress)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<types::Egress>> {
    let release = api.store.release(app.id, app.current).await?;
    let release = release.ok_or_else(|| ApiError::fault("an app's current release is missing"))?;
    Ok(Json(view(&release)))
}

/// Allows and denies hosts. Answers when the new release does. Ours.
#[utoipa::path(patch, path = "/apps/{app}/egress", operation_id = "updateEgress", tag = "egress", request_body = types::EgressPatch,
    responses((status = 200, description = "All hosts after the change.", body = types::Egress)))]
pub async fn update(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    Payload(patch): Payload<types::EgressPatch>,
) -> Result<Json<types::Egress>> {
    let patch = EgressPatch { allow: rules(&patch.allow)?, deny: rules(&patch.deny)? };
    let release = api.deploy.set_egress(&app, &patch, &account).await?;
    if release.version > Some(app.current) {
        announce::release(&api, &release);
    }
    Ok(Json(view(&release)))
}

fn rules(hosts: &[String]) -> Result<Vec<EgressRule>> {
    hosts.iter().map(|host| host.parse().map_err(|bad: paas_model::egress::BadEgress| ApiError::invalid(bad.to_string()))).collect()
}

fn view(release: &Release) -> types::Egress {
    types::Egress { allowed: release.settings.egress.hosts() }
}
