//! The buildpacks that an app's owner chose for its next pushes.
use crate::{
    api::Api,
    auth::OwnApp,
    error::{ApiError, Result},
    payload::Payload,
};
use axum::{Json, extract::State};
use paas_api_types as types;
use paas_model::BuildpackRef;

/// As many as one build runs.
const MOST: usize = 10;

/// The app's buildpacks; none when the source decides.
#[utoipa::path(get, path = "/apps/{app}/buildpack-installations", operation_id = "listBuildpacks", tag = "builds",
    responses((status = 200, description = "The buildpacks in their order.", body = Vec<types::BuildpackInstallation>)))]
pub async fn list(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::BuildpackInstallation>>> {
    let buildpacks = api.store.buildpacks(app.id).await?;
    Ok(Json((0..).zip(&buildpacks).map(view).collect()))
}

/// Replaces the app's buildpacks, from the next push on.
#[utoipa::path(put, path = "/apps/{app}/buildpack-installations", operation_id = "updateBuildpacks", tag = "builds",
    request_body = types::BuildpackInstallations,
    responses((status = 200, description = "The buildpacks in their order.", body = Vec<types::BuildpackInstallation>)))]
pub async fn update(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Payload(wanted): Payload<types::BuildpackInstallations>,
) -> Result<Json<Vec<types::BuildpackInstallation>>> {
    let names = references(wanted.updates.into_iter().map(|update| update.buildpack))?;
    api.store.set_buildpacks(app.id, &names).await?;
    list(State(api), OwnApp(app)).await
}

/// Names of buildpacks, as many as one build may have.
pub fn references(names: impl ExactSizeIterator<Item = String>) -> Result<Vec<BuildpackRef>> {
    if names.len() > MOST {
        return Err(ApiError::invalid(format!("An app may have {MOST} buildpacks.")));
    }
    names.map(|name| BuildpackRef::try_from(name).map_err(|bad| ApiError::invalid(bad.to_string()))).collect()
}

fn view((ordinal, buildpack): (u32, &BuildpackRef)) -> types::BuildpackInstallation {
    types::BuildpackInstallation { ordinal, buildpack: types::BuildpackName { url: buildpack.to_string(), name: buildpack.to_string() } }
}
