//! Limits of an app. A change makes a release.
use crate::{
    announce,
    api::Api,
    auth::{Caller, OwnApp},
    error::{ApiError, Result},
    payload::Payload,
};
use axum::{Json, extract::State};
use paas_api_types as types;
use paas_model::{
    Release,
    limits::{LIMITS, Limits},
};

/// All limits: what holds now, what would hold by itself, and what the operator allows at most. Ours.
#[utoipa::path(get, path = "/apps/{app}/limits", operation_id = "getLimits", tag = "limits",
    responses((status = 200, description = "All limits.", body = Vec<types::Limit>)))]
pub async fn show(State(api): State<Api>, OwnApp(app): OwnApp) -> Result<Json<Vec<types::Limit>>> {
    let release = api.store.release(app.id, app.current).await?;
    let release = release.ok_or_else(|| ApiError::fault("an app's current release is missing"))?;
    Ok(Json(view(&api, &release)))
}

/// Sets some limits and, where the value is null, goes back to the default. Answers when the new release does. Ours.
#[utoipa::path(patch, path = "/apps/{app}/limits", operation_id = "updateLimits", tag = "limits",
    request_body(content = BTreeMap<String, Option<String>>, example = json!({ "memory": "256MB", "cpu": "10s", "idle": null })),
    responses((status = 200, description = "All limits after the change.", body = Vec<types::Limit>)))]
pub async fn update(
    State(api): State<Api>,
    OwnApp(app): OwnApp,
    Caller(account): Caller,
    Payload(patch): Payload<types::LimitPatch>,
) -> Result<Json<Vec<types::Limit>>> {
    let release = api.deploy.set_limits(&app, &patch, &account).await?;
    if release.version > Some(app.current) {
        announce::release(&api, &release);
    }
    Ok(Json(view(&api, &release)))
}

fn view(api: &Api, release: &Release) -> Vec<types::Limit> {
    let (caps, chosen) = (api.store.caps(), &release.settings.limits);
    let holds = chosen.resolve(caps);
    let limit = |limit: &paas_model::limits::Limit| types::Limit {
        name: limit.name.into(),
        value: limit.show(limit.of(holds)),
        default: limit.show(limit.of(Limits::default())),
        cap: limit.show(caps.of(limit)),
        amount: limit.of(holds),
        unit: limit.unit.as_str().into(),
        set: chosen.is_set(limit),
        about: limit.about.into(),
        exceeded: limit.exceeded.into(),
    };
    LIMITS.iter().map(limit).collect()
}
