//! What Heroku has and this platform has not, told to Heroku's clients: there is none.
use crate::error::ApiError;
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that there is none of.
#[derive(Serialize, ToSchema)]
pub struct Absent {}

type None = Json<[Absent; 0]>;

/// Add-ons of the app: none.
#[utoipa::path(get, path = "/apps/{app}/addons", operation_id = "listAddons", tag = "compatibility",
    responses((status = 200, description = "An empty list.", body = Vec<Absent>)))]
pub async fn addons() -> None {
    Json([])
}

/// Attachments of add-ons: none.
#[utoipa::path(get, path = "/apps/{app}/addon-attachments", operation_id = "listAddonAttachments", tag = "compatibility",
    responses((status = 200, description = "An empty list.", body = Vec<Absent>)))]
pub async fn addon_attachments() -> None {
    Json([])
}

/// Optional features of the app: none.
#[utoipa::path(get, path = "/apps/{app}/features", operation_id = "listAppFeatures", tag = "compatibility",
    responses((status = 200, description = "An empty list.", body = Vec<Absent>)))]
pub async fn features() -> None {
    Json([])
}

/// Optional features of the account: none.
#[utoipa::path(get, path = "/account/features", operation_id = "listAccountFeatures", tag = "compatibility",
    responses((status = 200, description = "An empty list.", body = Vec<Absent>)))]
pub async fn account_features() -> None {
    Json([])
}

/// Teams of the account: none.
#[utoipa::path(get, path = "/teams", operation_id = "listTeams", tag = "compatibility",
    responses((status = 200, description = "An empty list.", body = Vec<Absent>)))]
pub async fn teams() -> None {
    Json([])
}

/// The pipeline that the app is in: none.
#[utoipa::path(get, path = "/apps/{app}/pipeline-couplings", operation_id = "getPipelineCoupling", tag = "compatibility", responses())]
pub async fn pipeline_coupling() -> ApiError {
    ApiError::not_found("The app is in no pipeline.")
}
