//! Apps: list, make, look at, change, remove.
use crate::{
    announce,
    api::Api,
    auth::{Caller, OwnApp},
    error::{ApiError, Result},
    payload::Payload,
};
use axum::{Json, extract::State};
use http::StatusCode;
use paas_api_types as types;
use paas_model::{App, AppName, Manifest};
use uuid::Uuid;

/// Ids of what there is only one of; they never change.
const REGION: Uuid = Uuid::from_u128(0x5a0c_7d5e_0000_4000_8000_0000_0000_0001);
const STACK: Uuid = Uuid::from_u128(0x5a0c_7d5e_0000_4000_8000_0000_0000_0002);

/// Your apps, by name.
#[utoipa::path(get, path = "/apps", operation_id = "listApps", tag = "apps",
    responses((status = 200, description = "Your apps.", body = Vec<types::App>)))]
pub async fn list(State(api): State<Api>, Caller(account): Caller) -> Result<Json<Vec<types::App>>> {
    let mut apps = Vec::new();
    for app in api.store.apps(account.id).await? {
        apps.push(view(&api, app).await?);
    }
    Ok(Json(apps))
}

/// The same as `/apps`, under the address that Heroku's CLI asks.
#[utoipa::path(get, path = "/users/~/apps", operation_id = "listOwnApps", tag = "apps",
    responses((status = 200, description = "Your apps.", body = Vec<types::App>)))]
pub async fn list_own(api: State<Api>, caller: Caller) -> Result<Json<Vec<types::App>>> {
    list(api, caller).await
}

/// Makes an app with its first, empty release.
#[utoipa::path(post, path = "/apps", operation_id = "createApp", tag = "apps",
    request_body = types::NewApp, responses((status = 201, description = "The new app.", body = types::App)))]
pub async fn create(State(api): State<Api>, Caller(account): Caller, Payload(new): Payload<types::NewApp>) -> Result<(StatusCode, Json<types::App>)> {
    let name = new.name.map(|name| name.parse::<AppName>()).transpose();
    let name = name.map_err(|bad| ApiError::invalid(bad.to_string()))?;
    let app = api.deploy.create_app(name, &account).await?;
    api.receiver.create(app.id).await?;
    announce::text(&api, app.id, format!("Release {} created by {}", app.current, account.email));
    Ok((StatusCode::CREATED, Json(view(&api, app).await?)))
}

/// One app.
#[utoipa::path(get, path = "/apps/{app}", operation_id = "getApp", tag = "apps",
    responses((status = 200, description = "The app.", body = types::App)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<types::App>> {
    Ok(Json(view(&api, app).await?))
}

/// Changes an app; what is left out stays.
#[utoipa::path(patch, path = "/apps/{app}", operation_id = "updateApp", tag = "apps",
    request_body = types::AppUpdate, responses((status = 200, description = "The app as it is now.", body = types::App)))]
pub async fn update(
    State(api): State<Api>,
    OwnApp(mut app): OwnApp,
    Caller(account): Caller,
    Payload(update): Payload<types::AppUpdate>,
) -> Result<Json<types::App>> {
    if let Some(on) = update.maintenance.filter(|on| *on != app.maintenance) {
        app = api.deploy.set_maintenance(&app, on).await?;
        let change = if on { "enabled" } else { "disabled" };
        announce::text(&api, app.id, format!("Maintenance mode {change} by {}", account.email));
    }
    Ok(Json(view(&api, app).await?))
}

/// Removes an app with its releases, config vars, log and repository, for good.
#[utoipa::path(delete, path = "/apps/{app}", operation_id = "deleteApp", tag = "apps",
    responses((status = 200, description = "The app as it was.", body = types::App)))]
pub async fn delete(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<types::App>> {
    let was = view(&api, app.clone()).await?;
    api.deploy.destroy_app(&app).await?;
    api.logs.forget(app.id);
    if let Err(error) = api.receiver.delete(app.id).await {
        // The app is gone for its owner, and its id is never used again.
        tracing::error!(error = &error as &dyn std::error::Error, app.id = %app.id, "the repository of a removed app is left behind");
    }
    Ok(Json(was))
}

pub fn reference(app: &App) -> types::AppRef {
    types::AppRef { id: app.id.0, name: app.name.to_string() }
}

/// Only the owner may change an app, so whoever did something to it has the owner's id.
pub fn user(app: &App, email: &str) -> types::AccountRef {
    types::AccountRef { id: app.owner.0, email: email.into() }
}

async fn view(api: &Api, app: App) -> Result<types::App> {
    let current = api.store.release(app.id, app.current).await?;
    let slug = match current.as_ref().and_then(|release| release.slug) {
        Some(digest) => api.store.slug(digest).await?,
        None => None,
    };
    let stack = || types::Stack { id: STACK, name: "wasm".into() };
    Ok(types::App {
        id: app.id.0,
        web_url: api.address.app(&app.name),
        git_url: api.address.git(&app.name),
        owner: user(&app, &app.owner_email),
        region: types::Region { id: REGION, name: "local".into() },
        stack: stack(),
        build_stack: stack(),
        maintenance: app.maintenance,
        create_status: "complete".into(),
        buildpack_provided_description: slug.as_ref().map(buildpack),
        slug_size: slug.as_ref().map(Manifest::size),
        repo_size: None,
        acm: false,
        archived_at: None,
        created_at: app.created_at,
        updated_at: app.updated_at,
        released_at: app.released_at,
        current_release: app.current.number(),
        released_by: current.map(|release| release.user_email),
        name: app.name.into(),
    })
}

/// `javascript` of `javascript@0.1.0`
fn buildpack(slug: &Manifest) -> String {
    slug.buildpack.split('@').next().unwrap_or_default().to_string()
}
