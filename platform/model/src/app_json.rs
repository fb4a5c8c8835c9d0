//! app.json: what an app says of itself to the platform. Heroku's keys, and Dokku's for cron.
use crate::{
    BuildpackRef, EgressRule,
    config::{BadConfig, ConfigVars, check_key},
    declared::{Cron, Formation},
    procfile::is_process_type,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a push reads of `app.json`. Keys that the platform has no use for (name, logo, add-ons, …) are passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct AppJson {
    #[serde(default)]
    pub env: BTreeMap<String, EnvVar>,
    #[serde(default)]
    pub buildpacks: Vec<BuildpackEntry>,
    #[serde(default)]
    pub formation: BTreeMap<String, Formation>,
    #[serde(default)]
    pub cron: Vec<Cron>,
    /// The hosts that the app wants to call. Ours.
    #[serde(default)]
    pub egress: BTreeSet<EgressRule>,
    /// Folder of files that answer before the app is asked. Ours.
    pub assets: Option<String>,
}

/// A config var that the app wants.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum EnvVar {
    /// `"KEY": "value"`: a default.
    Default(String),
    Described(Described),
}

/// The long form: `{"description": …, "value": …, "required": …, "generator": "secret"}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Described {
    #[serde(default)]
    pub description: String,
    pub value: Option<String>,
    pub required: Option<bool>,
    pub generator: Option<Generator>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generator {
    /// 64 hex digits, made once for each app.
    Secret,
}

/// Heroku writes `{"url": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BuildpackEntry {
    pub url: BuildpackRef,
}

#[derive(Debug, thiserror::Error)]
pub enum BadAppJson {
    #[error("app.json is not valid: {0}.")]
    Form(String),
    #[error("app.json: {0}")]
    Config(BadConfig),
    #[error("app.json: formation names the process type {0:?}, which may only contain letters, digits, dashes and underscores (63 at most).")]
    Formation(String),
    #[error("app.json: cron[{0}] {1}.")]
    Cron(usize, String),
}

impl AppJson {
    pub fn parse(text: &str) -> Result<Self, BadAppJson> {
        let read: Self = serde_json::from_str(text).map_err(|error| BadAppJson::Form(error.to_string()))?;
        for key in read.env.keys() {
            check_key(key).map_err(BadAppJson::Config)?;
        }
        if let Some(bad) = read.formation.keys().find(|name| !is_process_type(name)) {
            return Err(BadAppJson::Formation(bad.clone()));
        }
        for (place, cron) in read.cron.iter().enumerate() {
            cron.fault().map_or(Ok(()), |fault| Err(BadAppJson::Cron(place, fault)))?;
        }
        Ok(read)
    }

    /// The vars that are to be added to an app that has `vars`: defaults, and secrets drawn from `secret`.
    pub fn additions(&self, vars: &ConfigVars, mut secret: impl FnMut() -> String) -> ConfigVars {
        let absent = self.env.iter().filter(|(key, _)| !vars.0.contains_key(*key));
        let value = |var: &EnvVar| match var {
            EnvVar::Default(value) => Some(value.clone()),
            EnvVar::Described(Described { value: Some(value), .. }) => Some(value.clone()),
            EnvVar::Described(Described { generator: Some(Generator::Secret), .. }) => Some(secret()),
            EnvVar::Described(_) => None,
        };
        let mut value = value;
        ConfigVars(absent.filter_map(|(key, var)| Some((key.clone(), value(var)?))).collect())
    }

    /// Required vars that neither `vars` nor a default gives, with their descriptions.
    pub fn missing(&self, vars: &ConfigVars) -> Vec<(&str, &str)> {
        let needs = |var: &&EnvVar| match var {
            EnvVar::Described(described) => described.value.is_none() && described.generator.is_none() && described.required.unwrap_or(true),
            EnvVar::Default(_) => false,
        };
        let absent = self.env.iter().filter(|(key, var)| !vars.0.contains_key(*key) && needs(var));
        absent.map(|(key, var)| (key.as_str(), var.description())).collect()
    }
}

impl EnvVar {
    fn description(&self) -> &str {
        match self {
            Self::Default(_) => "",
            Self::Described(described) => &described.description,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = r#"{
      "name": "shop", "addons": ["postgres"],
      "env": {
        "GREETING": "hello",
        "COLOUR": { "description": "of the page", "value": "blue" },
        "SECRET_KEY": { "generator": "secret" },
        "API_TOKEN": { "description": "from your provider" },
        "EXTRA": { "required": false }
      },
      "formation": { "web": { "quantity": 2 } },
      "cron": [{ "command": "tidy.wasm", "schedule": "0 3 * * *" }]
    }"#;

    fn vars(pairs: &[(&str, &str)]) -> ConfigVars {
        ConfigVars(pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect())
    }

    #[test]
    fn defaults_and_secrets_are_added_once_and_never_over_what_is_set() {
        let app = AppJson::parse(ALL).unwrap();
        let added = app.additions(&vars(&[("GREETING", "moin")]), || "drawn".into());
        assert_eq!(added, vars(&[("COLOUR", "blue"), ("SECRET_KEY", "drawn")]));
        assert_eq!(app.formation["web"].quantity, Some(2));
        assert_eq!(app.cron[0].schedule, "0 3 * * *");
    }

    #[test]
    fn a_required_var_without_a_value_is_missing_by_name() {
        let app = AppJson::parse(ALL).unwrap();
        assert_eq!(app.missing(&vars(&[])), [("API_TOKEN", "from your provider")]);
        assert_eq!(app.missing(&vars(&[("API_TOKEN", "x")])), []);
    }

    #[test]
    fn what_is_no_app_json_is_refused_with_its_place() {
        let error = AppJson::parse("{\"env\": [}").unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
        assert!(AppJson::parse(r#"{"env": {"A-B": "x"}}"#).unwrap_err().to_string().contains("A-B"));
        assert!(AppJson::parse(r#"{"env": {"PAAS_X": "x"}}"#).is_err());
        assert!(AppJson::parse(r#"{"formation": {"w b": {}}}"#).is_err());
        let error = AppJson::parse(r#"{"cron": [{"command": "a", "schedule": "@daily"}, {"command": "b", "schedule": "* 24 * * *"}]}"#);
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("app.json: cron[1] has the schedule \"* 24 * * *\": invalid hour field"), "{error}");
    }
}
