//! What this node's machine gives the platform, and what it lacks.
use crate::{api::Api, error::Result};
use axum::{Json, extract::State};
use paas_api_types::Check;

/// Looks at the parts that depend on the machine.
#[utoipa::path(get, path = "/doctor", operation_id = "runDoctor", tag = "platform",
    responses((status = 200, description = "What was looked at, and found.", body = Vec<Check>)))]
pub async fn show(State(api): State<Api>) -> Result<Json<Vec<Check>>> {
    Ok(Json(vec![sandbox(&api), build_memory(&api), build_calls(&api), database(&api).await]))
}

fn sandbox(api: &Api) -> Check {
    let builder = api.deploy.builder();
    let (level, reason) = (builder.sandbox_level(), builder.sandbox_reason());
    match (reason, builder.builds_are_refused()) {
        ("", _) => check("build sandbox", "ok", level.to_string()),
        (_, false) => check("build sandbox", "warning", format!("{level}: {reason}")),
        (_, true) => check("build sandbox", "failed", format!("{level}, so builds are refused: {reason}")),
    }
}

fn build_memory(api: &Api) -> Check {
    match api.deploy.builder().limits_memory() {
        true => check("build memory", "ok", "a build as a whole is limited".into()),
        false => check("build memory", "warning", "only each process of a build is limited: control groups cannot be made here".into()),
    }
}

fn build_calls(api: &Api) -> Check {
    match api.deploy.builder().filters_calls() {
        true => check("build calls", "ok", "system calls that no build needs are denied (seccomp)".into()),
        false => check("build calls", "warning", "system calls are not filtered; what the build sandbox says has the reason".into()),
    }
}

async fn database(api: &Api) -> Check {
    match api.store.durability().await {
        Ok(lacking) if lacking.is_empty() => {
            check("database", "ok", "what is committed survives a power cut (fsync, full_page_writes); checksums are on".into())
        }
        Ok(lacking) => {
            check("database", "warning", format!("not as safe as it could be: {} is off. Set it in PostgreSQL's configuration", lacking.join(", ")))
        }
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the database could not be asked for its settings");
            check("database", "failed", "it does not answer; paasd's log says why".into())
        }
    }
}

fn check(name: &str, status: &str, detail: String) -> Check {
    Check { name: name.into(), status: status.into(), detail }
}
