//! What the router and the runtime need to know of a release, and nothing more.
use crate::{AppId, AppName, ConfigVars, Digest, Egress, Manifest, ReleaseId, ReleaseVersion, limits::Limits};
use std::sync::Arc;

#[derive(Clone, Debug)]
pub struct Target {
    pub app: AppId,
    pub app_name: AppName,
    pub release: ReleaseId,
    pub version: ReleaseVersion,
    pub slug: Digest,
    /// Shared by all releases of the same slug.
    pub manifest: Arc<Manifest>,
    /// The environment as the app sees it: its config vars and the platform's own (`PORT`, `PAAS_APP_NAME`, …).
    pub env: Arc<ConfigVars>,
    pub limits: Limits,
    /// The hosts it may call.
    pub egress: Egress,
}

/// What may answer for an app.
#[derive(Clone, Debug)]
pub struct AppRoutes {
    pub id: AppId,
    pub name: AppName,
    pub maintenance: bool,
    /// One of `targets`; `None` while the app has no code (H81).
    pub current: Option<ReleaseVersion>,
    /// The releases that answer at their own hosts, newest first.
    pub targets: Vec<Target>,
}

impl Target {
    /// Config vars plus what the platform adds to every app's environment.
    pub fn environment(config: &ConfigVars, app: &AppName, version: ReleaseVersion, commit: Option<&str>) -> ConfigVars {
        let mut vars = config.clone();
        let mut add = |key: &str, value: String| {
            vars.0.entry(key.to_string()).or_insert(value);
        };
        add("PORT", "8080".into());
        add("PAAS_APP_NAME", app.to_string());
        add("PAAS_RELEASE_VERSION", version.to_string());
        if let Some(commit) = commit {
            add("PAAS_SLUG_COMMIT", commit.to_string());
        }
        vars
    }
}
