//! Process types and "dynos". Instances are made per request; while there is code, Heroku's clients see one `web.1` that is up.
use crate::{api::Api, app, auth::OwnApp, error::Result};
use axum::{Json, extract::State};
use paas_api_types as types;
use paas_model::{App, Digest, Launch, Manifest, Release};
use std::collections::BTreeSet;
use uuid::Uuid;

const SIZE: &str = "Instance";

/// The process types of the current release: `web`, and what its source declares beside it, which is recorded.
#[utoipa::path(get, path = "/apps/{app}/formation", operation_id = "listFormation", tag = "formation",
    responses((status = 200, description = "The process types.", body = Vec<types::Formation>)))]
pub async fn list(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::Formation>>> {
    let Some((release, slug)) = current(&api, &app).await? else { return Ok(Json(Vec::new())) };
    let declared = &release.settings.declared;
    let names: BTreeSet<&String> = slug.processes.keys().chain(declared.processes.keys()).chain(declared.formation.keys()).collect();
    let scaled = names.into_iter().filter(|name| *name != "release");
    Ok(Json(scaled.map(|name| of_type(&app, &release, &slug, name)).collect()))
}

fn of_type(app: &App, release: &Release, slug: &Manifest, name: &str) -> types::Formation {
    let declared = &release.settings.declared;
    let (web, written) = (name == "web", declared.processes.get(name).cloned());
    let made = slug.processes.get(name).map(command);
    types::Formation {
        id: if web { app.id.0 } else { id(app, name) },
        app: app::reference(app),
        process_type: name.into(),
        command: if web { made.or(written) } else { written.or(made) }.unwrap_or_default(),
        quantity: u32::from(web),
        size: SIZE.into(),
        declared: declared.formation.get(name).map(|wish| types::DeclaredFormation { quantity: wish.quantity, size: wish.size.clone() }),
        created_at: app.created_at,
        updated_at: release.created_at,
    }
}

/// The same in each release, and of no other app.
fn id(app: &App, name: &str) -> Uuid {
    let digest = Digest::of(format!("{} {name}", app.id).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What answers now.
#[utoipa::path(get, path = "/apps/{app}/dynos", operation_id = "listDynos", tag = "formation",
    responses((status = 200, description = "What answers now.", body = Vec<types::Dyno>)))]
pub async fn list_dynos(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::Dyno>>> {
    let Some((release, slug)) = current(&api, &app).await? else { return Ok(Json(Vec::new())) };
    let Some(command) = slug.web().map(command) else { return Ok(Json(Vec::new())) };
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

/// The current release and its slug; `None` before the first deploy.
async fn current(api: &Api, app: &App) -> Result<Option<(Release, Manifest)>> {
    let Some(release) = api.store.release(app.id, app.current).await? else { return Ok(None) };
    let Some(slug) = release.slug else { return Ok(None) };
    Ok(api.store.slug(slug).await?.map(|slug| (release, slug)))
}

fn command(launch: &Launch) -> String {
    match launch {
        Launch::Wasm { file, .. } | Launch::Javascript { file, .. } => file.clone(),
        Launch::Python { app, .. } => format!("python {app}"),
        Launch::Components(_) => "spin".into(),
        Launch::Static(site) => format!("static {}", if site.root.is_empty() { "." } else { &site.root }),
    }
}
