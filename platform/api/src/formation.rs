//! Process types and "dynos". Instances are made per request; while there is code, Heroku's clients see one `web.1` that is up.
use crate::{api::Api, app, auth::OwnApp, error::Result};
use axum::{Json, extract::State};
use paas_api_types as types;
use paas_model::{App, Launch, Release};

const SIZE: &str = "Instance";

/// The process types of the current release.
#[utoipa::path(get, path = "/apps/{app}/formation", operation_id = "listFormation", tag = "formation",
    responses((status = 200, description = "The process types.", body = Vec<types::Formation>)))]
pub async fn list(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::Formation>>> {
    let Some((release, command)) = web(&api, &app).await? else { return Ok(Json(Vec::new())) };
    Ok(Json(vec![types::Formation {
        id: app.id.0,
        app: app::reference(&app),
        process_type: "web".into(),
        command,
        quantity: 1,
        size: SIZE.into(),
        created_at: app.created_at,
        updated_at: release.created_at,
    }]))
}

/// What answers now.
#[utoipa::path(get, path = "/apps/{app}/dynos", operation_id = "listDynos", tag = "formation",
    responses((status = 200, description = "What answers now.", body = Vec<types::Dyno>)))]
pub async fn list_dynos(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::Dyno>>> {
    let Some((release, command)) = web(&api, &app).await? else { return Ok(Json(Vec::new())) };
    Ok(Json(vec![types::Dyno {
        id: release.id.0,
        app: app::reference(&app),
        name: "web.1".into(),
        process_type: "web".into(),
        command,
        size: SIZE.into(),
        state: "up".into(),
        release: types::DynoRelease { id: release.id.0, version: app.current.number() },
        attach_url: None,
        created_at: release.created_at,
        updated_at: release.created_at,
    }]))
}

/// The current release, and how its `web` is started; `None` before the first deploy.
async fn web(api: &Api, app: &App) -> Result<Option<(Release, String)>> {
    let Some(release) = api.store.release(app.id, app.current).await? else { return Ok(None) };
    let Some(slug) = release.slug else { return Ok(None) };
    let slug = api.store.slug(slug).await?;
    let command = slug.as_ref().and_then(|slug| slug.web()).map(command);
    Ok(command.map(|command| (release, command)))
}

fn command(launch: &Launch) -> String {
    match launch {
        Launch::Wasm { file } | Launch::Javascript { file, .. } => file.clone(),
        Launch::Python { app, .. } => format!("python {app}"),
        Launch::Static(site) => format!("static {}", if site.root.is_empty() { "." } else { &site.root }),
    }
}
