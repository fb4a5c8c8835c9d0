//! Tells an app's log what was done to the app, in the words that Heroku uses.
use crate::api::Api;
use chrono::Utc;
use paas_model::{
    AppId, Release,
    log::{Line, Sink, Source},
};

/// `paas[api]: text`
pub fn text(api: &Api, app: AppId, text: String) {
    api.logs.write(app, Line { at: Utc::now(), source: Source::Paas, process: "api".into(), text });
}

/// `Set FOO config vars by user@example.com`, then `Release v4 created by user@example.com`.
pub fn release(api: &Api, release: &Release) {
    text(api, release.app, format!("{} by {}", release.description, release.user_email));
    if let Some(version) = release.version {
        text(api, release.app, format!("Release {version} created by {}", release.user_email));
    }
}
