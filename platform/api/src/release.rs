//! Releases: the history of an app, and the way back in it.
use crate::{
    announce,
    api::Api,
    app, archive,
    auth::{Caller, OwnApp, path_param},
    build,
    error::{ApiError, Result},
    list::{Page, Range},
    payload::Payload,
    source,
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
};
use http::{HeaderMap, StatusCode, request};
use paas_api_types as types;
use paas_deploy::Form;
use paas_model::{Account, App, BuildId, Release, ReleaseId, ReleaseState, ReleaseVersion, declared::Cron};
use std::collections::{BTreeMap, HashMap};

/// An app's releases, newest first. `Range: version ..; max=15, order=desc` asks for a part.
#[utoipa::path(get, path = "/apps/{app}/releases", operation_id = "listReleases", tag = "releases", responses(
    (status = 200, description = "The releases.", body = Vec<types::Release>),
    (status = 206, description = "The first of them; `Next-Range` says how to ask for more.", body = Vec<types::Release>)))]
pub async fn list(State(api): State<Api>, OwnApp(app): OwnApp, headers: HeaderMap) -> Result<Page<types::Release>> {
    let range = Range::of(&headers, "version")?;
    let releases = api.store.releases(app.id).await?;
    let builds = api.store.builds(app.id).await?;
    let made: HashMap<BuildId, ReleaseId> = builds.iter().filter_map(|build| Some((build.id, build.release?))).collect();
    let is_built = |release: &Release| release.build.is_some_and(|build| made.get(&build) == Some(&release.id));
    let views = releases.iter().filter_map(|release| view(&api, &app, release, is_built(release))).collect();
    Ok(range.page("version", views, |release: &types::Release| release.version.into()))
}

/// Goes back to an earlier release: makes a new one of its code and config vars. Or releases a slug that was sent. Answers when the new release does.
#[utoipa::path(post, path = "/apps/{app}/releases", operation_id = "createRelease", tag = "releases", request_body = types::NewRelease,
    responses((status = 201, description = "The new release.", body = types::Release)))]
pub async fn create(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    Payload(new): Payload<types::NewRelease>,
) -> Result<(StatusCode, Json<types::Release>)> {
    let (release, built) = match (new.release, new.slug) {
        (Some(to), _) => (roll_back(&api, &app, &account, &to).await?, false),
        (None, Some(slug)) => (release_slug(&api, &app, account, &slug).await?, true),
        (None, None) => {
            let text = "Name the release to go back to: {\"release\": \"v3\"}, or a slug that was sent: {\"slug\": …}. Code comes by git push.";
            return Err(ApiError::invalid(text));
        }
    };
    let shown = view(&api, &app, &release, built).ok_or_else(|| ApiError::fault("a release was made without a number"))?;
    Ok((StatusCode::CREATED, Json(shown)))
}

async fn roll_back(api: &Api, app: &App, by: &Account, to: &str) -> Result<Release> {
    let to = find(api, app, to).await?;
    let release = api.deploy.rollback(app, to.version, by).await?;
    announce::release(api, &release);
    Ok(release)
}

async fn release_slug(api: &Api, app: &App, by: Account, id: &str) -> Result<Release> {
    let (archive, commit) = source::slug(api, by.id, id)?;
    let waiting = archive::queue(api, app, &by, &archive, commit, Form::Slug).await?;
    let released = archive::run(api.clone(), app.clone(), by, archive, waiting).await?;
    released.ok_or_else(|| ApiError::fault("a slug was built and not released"))
}

/// One release.
#[utoipa::path(get, path = "/apps/{app}/releases/{release}", operation_id = "getRelease", tag = "releases",
    params(("release" = String, Path, description = "The release's number (`3`, `v3`) or id.")),
    responses((status = 200, description = "The release.", body = types::Release)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp, OwnRelease(release): OwnRelease) -> Result<Json<types::Release>> {
    let build = match release.build {
        Some(build) => api.store.build(build).await?,
        None => None,
    };
    let built = build.is_some_and(|build| build.release == Some(release.id));
    let shown = view(&api, &app, &release, built).ok_or_else(|| ApiError::fault("a release was found by a number that it lacks"))?;
    Ok(Json(shown))
}

/// The config vars of a release, which never change.
#[utoipa::path(get, path = "/apps/{app}/releases/{release}/config-vars", operation_id = "getReleaseConfigVars", tag = "releases",
    params(("release" = String, Path, description = "The release's number (`3`, `v3`) or id.")),
    responses((status = 200, description = "Names and values.", body = BTreeMap<String, String>)))]
pub async fn config_vars(State(api): State<Api>, OwnApp(app): OwnApp, OwnRelease(release): OwnRelease) -> Result<Json<BTreeMap<String, String>>> {
    let version = release.version.ok_or_else(|| ApiError::fault("a release was found by a number that it lacks"))?;
    let (_, vars) = api.store.config_vars_of(app.id, version).await?;
    Ok(Json(vars.0))
}

/// The numbered release in the request's path, which is of the app in it.
pub struct OwnRelease(pub Release);

impl FromRequestParts<Api> for OwnRelease {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, api: &Api) -> Result<Self> {
        let OwnApp(app) = OwnApp::from_request_parts(parts, api).await?;
        let text = path_param(parts, api, "release").await?;
        find(api, &app, &text).await.map(Self)
    }
}

/// By number or id; a release without a number is not one yet.
async fn find(api: &Api, app: &App, text: &str) -> Result<Release> {
    let found = match (text.parse::<ReleaseVersion>(), text.parse::<ReleaseId>()) {
        (Ok(version), _) => api.store.release(app.id, version).await?,
        (_, Ok(id)) => api.store.release_by_id(id).await?,
        _ => None,
    };
    let found = found.filter(|release| release.app == app.id && release.version.is_some());
    found.ok_or_else(|| ApiError::not_found(format!("{} has no release {text:?}. `paas releases -a {}` lists them.", app.name, app.name)))
}

/// `None` for a release without a number. `built`: whether a build made it, rather than a change of config or a rollback.
fn view(api: &Api, app: &App, release: &Release, built: bool) -> Option<types::Release> {
    let version = release.version?;
    let status = match release.state {
        ReleaseState::Built => "pending",
        ReleaseState::Succeeded => "succeeded",
        ReleaseState::Failed | ReleaseState::Abandoned => "failed",
    };
    Some(types::Release {
        id: release.id.0,
        app: app::reference(app),
        version: version.number(),
        status: status.into(),
        current: release.current,
        description: release.description.clone(),
        user: app::user(app, &release.user_email),
        slug: release.slug.map(|slug| types::SlugRef { id: slug.to_string() }),
        addon_plan_names: Vec::new(),
        output_stream_url: release.build.filter(|_| built).map(|build| build::output_url(api, app, build)),
        // The current one as well: Heroku's CLI takes the second of these for the one before.
        eligible_for_rollback: release.state == ReleaseState::Succeeded && release.slug.is_some(),
        created_at: release.created_at,
        updated_at: release.created_at,
        web_url: api.address.release(&app.name, version),
        commit: release.commit.clone(),
        build: release.build.map(|build| build.0),
        capabilities: release.capabilities.clone(),
        egress: release.settings.egress.hosts(),
        process_types: release.settings.declared.processes.clone(),
        cron: release.settings.declared.cron.iter().map(cron).collect(),
    })
}

fn cron(cron: &Cron) -> types::Cron {
    let Cron { command, schedule, maintenance, concurrency_policy } = cron.clone();
    types::Cron { command, schedule, maintenance, concurrency_policy: concurrency_policy.map(|policy| policy.as_str().into()) }
}
