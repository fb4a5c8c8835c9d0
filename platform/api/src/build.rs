//! Builds: what they were, and what they print.
use crate::{
    api::Api,
    app, archive,
    auth::{Caller, OwnApp, path_param},
    buildpack,
    error::{ApiError, Result},
    list::{Page, Range},
    payload::Payload,
    source,
};
use axum::{
    Json,
    body::Body,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{HeaderMap, StatusCode, header, request};
use paas_api_types as types;
use paas_deploy::Form;
use paas_model::{App, Build, BuildId, BuildStatus, Release, build::BuildpackVersion};
use std::convert::Infallible;

/// An app's builds, newest first.
#[utoipa::path(get, path = "/apps/{app}/builds", operation_id = "listBuilds", tag = "builds", responses(
    (status = 200, description = "The builds.", body = Vec<types::Build>),
    (status = 206, description = "The first of them; `Next-Range` says how to ask for more.", body = Vec<types::Build>)))]
pub async fn list(State(api): State<Api>, OwnApp(app): OwnApp, headers: HeaderMap) -> Result<Page<types::Build>> {
    let range = Range::of(&headers, "created_at")?;
    let releases = api.store.releases(app.id).await?;
    let builds = api.store.builds(app.id).await?;
    let release_of = |build: &Build| releases.iter().find(|release| Some(release.id) == build.release);
    let views = builds.iter().map(|build| view(&api, &app, build, release_of(build))).collect();
    Ok(range.page("created_at", views, |build: &types::Build| build.created_at.timestamp_micros().unsigned_abs()))
}

/// Builds an archive that was sent to a source of this server, and releases it, as a push of its files would. Answers at once; the build waits
/// its turn among those of the app.
#[utoipa::path(post, path = "/apps/{app}/builds", operation_id = "createBuild", tag = "builds", request_body = types::NewBuild,
    responses((status = 201, description = "The build, which is pending.", body = types::Build)))]
pub async fn create(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    Payload(new): Payload<types::NewBuild>,
) -> Result<(StatusCode, Json<types::Build>)> {
    let archive = source::archive(&api, account.id, &new.source_blob)?;
    let version = source::version(new.source_blob.version)?;
    let buildpacks = buildpack::references(new.buildpacks.into_iter().map(|buildpack| buildpack.url))?;
    let waiting = archive::queue(&api, &app, &account, &archive, version, Form::Code(buildpacks)).await?;
    let id = waiting.build();
    // Its outcome is told in its output, and logged where it is a fault of ours.
    tokio::spawn(archive::run(api.clone(), app.clone(), account, archive, waiting));
    let build = api.store.build(id).await?.ok_or_else(|| ApiError::fault("a build vanished as it began"))?;
    Ok((StatusCode::CREATED, Json(view(&api, &app, &build, None))))
}

/// One build.
#[utoipa::path(get, path = "/apps/{app}/builds/{build}", operation_id = "getBuild", tag = "builds",
    params(("build" = Uuid, Path, description = "The build's id.")), responses((status = 200, description = "The build.", body = types::Build)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp, OwnBuild(build): OwnBuild) -> Result<Json<types::Build>> {
    let release = match build.release {
        Some(release) => api.store.release_by_id(release).await?,
        None => None,
    };
    Ok(Json(view(&api, &app, &build, release.as_ref())))
}

/// Ends a build that runs: its push is rejected.
#[utoipa::path(delete, path = "/apps/{app}/builds/{build}", operation_id = "cancelBuild", tag = "builds",
    params(("build" = Uuid, Path, description = "The build's id.")),
    responses((status = 202, description = "The build as it was; it ends in a moment.", body = types::Build)))]
pub async fn cancel(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    OwnBuild(build): OwnBuild,
) -> Result<(StatusCode, Json<types::Build>)> {
    if !api.deploy.cancel_build(build.id, &account) {
        return Err(ApiError::invalid(format!("Build {} does not run any more, or its release is being made already.", build.id)));
    }
    Ok((StatusCode::ACCEPTED, Json(view(&api, &app, &build, None))))
}

/// A build's output: what there is, then what comes, until the build ends.
#[utoipa::path(get, path = "/apps/{app}/builds/{build}/output", operation_id = "getBuildOutput", tag = "builds",
    params(("build" = Uuid, Path, description = "The build's id.")),
    responses((status = 200, description = "The output, as it comes.", body = String, content_type = "text/plain")))]
pub async fn output(State(api): State<Api>, OwnBuild(build): OwnBuild) -> Result<Response> {
    let output = api.deploy.build_output(build.id).await?;
    let body = Body::from_stream(output.map(Ok::<_, Infallible>));
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}

/// The packages in a build's slug: a CycloneDX document.
#[utoipa::path(get, path = "/apps/{app}/builds/{build}/sbom", operation_id = "getBuildSbom", tag = "builds",
    params(("build" = Uuid, Path, description = "The build's id.")),
    responses((status = 200, description = "The document.", body = Object, content_type = "application/vnd.cyclonedx+json")))]
pub async fn sbom(State(api): State<Api>, OwnBuild(build): OwnBuild) -> Result<Response> {
    let missing =
        || ApiError::not_found(format!("Build {} has no bill of materials: only what made a slug has one. `paas builds` shows others.", build.id));
    let document = api.store.sbom(build.id).await?.ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "application/vnd.cyclonedx+json; version=1.5")], document).into_response())
}

/// The build in the request's path, which is of the app in it.
pub struct OwnBuild(pub Build);

impl FromRequestParts<Api> for OwnBuild {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, api: &Api) -> Result<Self> {
        let OwnApp(app) = OwnApp::from_request_parts(parts, api).await?;
        let text = path_param(parts, api, "build").await?;
        let missing = || ApiError::not_found(format!("{} has no build {text:?}. `paas builds -a {}` lists them.", app.name, app.name));
        let id: BuildId = text.parse().map_err(|_| missing())?;
        let build = api.store.build(id).await?.filter(|build| build.app == app.id);
        build.map(Self).ok_or_else(missing)
    }
}

pub fn output_url(api: &Api, app: &App, build: BuildId) -> String {
    format!("{}/apps/{}/builds/{build}/output", api.address.control(), app.name)
}

/// `release` counts only once it has a number: before, the build may still come to nothing.
fn view(api: &Api, app: &App, build: &Build, release: Option<&Release>) -> types::Build {
    let release = release.filter(|release| release.version.is_some());
    let status = match build.status {
        BuildStatus::Pending => "pending",
        BuildStatus::Succeeded => "succeeded",
        BuildStatus::Failed => "failed",
    };
    types::Build {
        id: build.id.0,
        app: app::reference(app),
        user: app::user(app, &build.user_email),
        status: status.into(),
        source_blob: types::SourceBlob { url: None, version: Some(build.commit.clone()), version_description: None },
        output_stream_url: output_url(api, app, build.id),
        buildpack: build.buildpack.clone(),
        release: release.map(|release| types::ReleaseRef { id: release.id.0 }),
        slug: release.and_then(|release| release.slug).map(|slug| types::SlugRef { id: slug.to_string() }),
        created_at: build.created_at,
        updated_at: build.finished_at.unwrap_or(build.created_at),
        finished_at: build.finished_at,
        phases: build.phases.0.iter().map(|phase| types::BuildPhase { name: phase.name.clone(), ms: phase.ms }).collect(),
        buildpacks: build.record.buildpacks.iter().map(buildpack_used).collect(),
        toolchain: build.record.toolchain.clone(),
        locks: build.record.locks.iter().map(|lock| types::LockFile { name: lock.name.clone(), sha256: lock.sha256.to_string() }).collect(),
        sbom: build.sbom.map(|digest| digest.to_string()),
    }
}

fn buildpack_used(used: &BuildpackVersion) -> types::BuildpackUsed {
    types::BuildpackUsed { name: used.name.clone(), url: used.name.clone(), version: used.version.clone() }
}
