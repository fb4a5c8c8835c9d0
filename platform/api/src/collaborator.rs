//! Who may work on an app: its owner.
use crate::{app, auth::OwnApp};
use axum::Json;
use paas_api_types as types;

/// Everybody who may work on the app.
#[utoipa::path(get, path = "/apps/{app}/collaborators", operation_id = "listCollaborators", tag = "apps",
    responses((status = 200, description = "The owner.", body = Vec<types::Collaborator>)))]
pub async fn list(OwnApp(app): OwnApp) -> Json<[types::Collaborator; 1]> {
    Json([types::Collaborator {
        id: app.owner.0,
        app: app::reference(&app),
        user: app::user(&app, &app.owner_email),
        role: "owner".into(),
        created_at: app.created_at,
        updated_at: app.created_at,
    }])
}
