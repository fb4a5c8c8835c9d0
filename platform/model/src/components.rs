//! Several components in one slug, each behind its routes, as Spin's manifests describe them.
use crate::{ConfigVars, Digest, Egress, EgressRule, Launch, Manifest, Target, slug::File};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The config var that gives the variable `api_host` its value is `SPIN_VARIABLE_API_HOST`: Spin's own name for it in an environment.
pub const VARIABLE: &str = "SPIN_VARIABLE_";
/// Begins what the platform adds to every environment.
const OURS: &str = "PAAS_";

/// How such a slug answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Components {
    pub components: BTreeMap<String, Component>,
    pub routes: Vec<Route>,
    /// The app's variables that have a default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub file: String,
    /// Folder of the slug's files that it sees at `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// What it reads as variables; `{{ name }}` stands for a variable of the app.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The hosts it may call.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub egress: BTreeSet<EgressRule>,
}

/// Where requests for a path go: `/cart`, `/users/:id`, `/static/...`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// An answer without a component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Fixed>,
}

/// An answer that never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    pub status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// What a route made of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched<'a> {
    pub route: &'a Route,
    /// The path behind the route.
    pub rest: &'a str,
    /// What `:name`s stood for.
    pub parts: Vec<(&'a str, &'a str)>,
}

impl Components {
    /// The most particular route for this path: segment by segment a word comes before `:name`, and that before `...`.
    pub fn route<'a>(&'a self, path: &'a str) -> Option<Matched<'a>> {
        let matched = self.routes.iter().filter_map(|route| route.matched(path));
        matched.min_by_key(|matched| matched.route.ranks())
    }

    /// The hosts that any of them may call.
    pub fn egress(&self) -> impl Iterator<Item = EgressRule> {
        self.components.values().flat_map(|component| component.egress.iter().cloned())
    }

    /// What does not fit together, in words for the buildpack's author.
    pub fn fault(&self, is_file: impl Fn(&str) -> bool, is_folder: impl Fn(&str) -> bool) -> Option<String> {
        if self.routes.is_empty() {
            return Some("has no routes".into());
        }
        for (name, component) in &self.components {
            if !is_file(&component.file) {
                return Some(format!("starts {}, which the slug does not contain", component.file));
            }
            if component.files.as_deref().is_some_and(|folder| !is_folder(folder)) {
                return Some(format!("shows its component {name} a folder that the slug does not contain"));
            }
        }
        self.routes.iter().find_map(|route| route.fault(&self.components).map(|fault| format!("has a route {}, which {fault}", route.path)))
    }

    fn variables(&self, component: &Component, config: &ConfigVars) -> BTreeMap<String, String> {
        let value = |name: &str| config.0.get(&format!("{VARIABLE}{}", name.to_ascii_uppercase())).or_else(|| self.variables.get(name)).cloned();
        component.variables.iter().filter_map(|(name, template)| Some((name.clone(), filled(template, value)?))).collect()
    }
}

/// With the value of each `{{ name }}` in its place; `None` if one has none.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, behind) = after.split_once("}}")?;
        text += before;
        text += &value(name.trim())?;
        rest = behind;
    }
    Some(text + rest)
}

impl Route {
    fn matched<'a>(&'a self, path: &'a str) -> Option<Matched<'a>> {
        let mut rest = path.strip_suffix('/').unwrap_or(path);
        let mut parts = Vec::new();
        for wanted in segments(&self.path) {
            let after = rest.strip_prefix('/')?;
            let (segment, behind) = after.split_at(after.find('/').unwrap_or(after.len()));
            match wanted.strip_prefix(':') {
                Some(name) if !segment.is_empty() => parts.push((name, segment)),
                None if wanted == segment => {}
                _ => return None,
            }
            rest = behind;
        }
        if !self.is_open() && !rest.is_empty() {
            return None;
        }
        let taken = path.strip_suffix('/').unwrap_or(path).len() - rest.len();
        Some(Matched { route: self, rest: &path[taken..], parts })
    }

    /// Whether it takes everything below it, too.
    pub fn is_open(&self) -> bool {
        self.path.ends_with("/...")
    }

    /// Without the sign for that.
    pub fn base(&self) -> &str {
        self.path.strip_suffix("/...").unwrap_or(&self.path)
    }

    fn ranks(&self) -> Vec<u8> {
        let end = if self.is_open() { 3 } else { 0 };
        segments(&self.path).map(|segment| if segment.starts_with(':') { 2 } else { 1 }).chain([end]).collect()
    }

    fn fault(&self, components: &BTreeMap<String, Component>) -> Option<&'static str> {
        match (&self.component, &self.response) {
            _ if !self.path.starts_with('/') => Some("does not begin with /"),
            (Some(name), None) if !components.contains_key(name) => Some("names no component"),
            (Some(_), None) => None,
            (None, Some(fixed)) if !(200..600).contains(&fixed.status) => Some("answers with a status that is none"),
            (None, Some(_)) => None,
            _ => Some("leads to none or two answers"),
        }
    }
}

fn segments(route: &str) -> impl Iterator<Item = &str> {
    let plain = route.strip_suffix("/...").unwrap_or(route);
    plain.split('/').filter(|segment| !segment.is_empty())
}

impl Manifest {
    /// What is compiled and run apart, if `web` is several components.
    pub fn components(&self) -> Option<&Components> {
        match self.web() {
            Some(Launch::Components(components)) => Some(components),
            _ => None,
        }
    }

    /// Where the app sees files of its slug, if it sees some.
    pub fn files_at(&self) -> Option<&'static str> {
        let seen = |components: &Components| components.components.values().any(|component| component.files.is_some());
        match self.components() {
            Some(components) => seen(components).then_some("/"),
            None => self.app_files.is_some().then_some("/app"),
        }
    }

    /// The slug as one of its components sees it.
    pub fn part(&self, component: &Component) -> Self {
        let folder = component.files.as_ref().map(|folder| format!("{folder}/"));
        let is_seen = |path: &str| path == component.file || folder.as_ref().is_some_and(|folder| path.starts_with(folder));
        let files: BTreeMap<String, File> =
            self.files.iter().filter(|(path, _)| is_seen(path)).map(|(path, file)| (path.clone(), file.clone())).collect();
        let processes = [("web".to_string(), Launch::wasm(&component.file))].into();
        Self { buildpack: self.buildpack.clone(), processes, files, app_files: component.files.clone(), assets: None }
    }
}

impl Target {
    /// What runs one component: with its own files, environment and variables, and the hosts of the app that are not only its neighbours'.
    pub fn part(&self, components: &Components, component: &Component) -> Self {
        let manifest = self.manifest.part(component);
        let ours = self.env.0.iter().filter(|(key, _)| key.starts_with(OURS)).map(|(key, value)| (key.clone(), value.clone()));
        let env = ours.chain(component.environment.clone()).chain(components.variables(component, &self.env)).collect();
        let others: BTreeSet<EgressRule> = components.egress().filter(|rule| !component.egress.contains(rule)).collect();
        let egress = self.egress.0.difference(&others).cloned().collect();
        let slug: Digest = manifest.digest();
        Self { slug, manifest: Arc::new(manifest), env: Arc::new(ConfigVars(env)), egress: Egress(egress), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(routes: &[&str]) -> Components {
        let route = |path: &&str| Route { path: path.to_string(), component: Some("a".into()), response: None };
        Components { routes: routes.iter().map(route).collect(), ..Components::default() }
    }

    #[test]
    fn the_most_particular_route_takes_a_path() {
        let app = app(&["/...", "/users/...", "/users/:id/edit", "/users/admin", "/users/:id", "/users/:id/cart/..."]);
        for (path, route, rest) in [
            ("/", "/...", "/"),
            ("/shop", "/...", "/shop"),
            ("/users", "/users/...", ""),
            ("/users/", "/users/...", "/"),
            ("/users/admin", "/users/admin", ""),
            ("/users/admin/", "/users/admin", "/"),
            ("/users/7", "/users/:id", ""),
            ("/users/7/edit", "/users/:id/edit", ""),
            ("/users/7/else", "/users/...", "/7/else"),
            ("/users/7/cart/items/3", "/users/:id/cart/...", "/items/3"),
            ("/usersx", "/...", "/usersx"),
        ] {
            let matched = app.route(path).unwrap();
            assert_eq!((matched.route.path.as_str(), matched.rest), (route, rest), "{path}");
        }
        assert_eq!(app.route("/users/7/cart/x").unwrap().parts, [("id", "7")]);
    }

    #[test]
    fn an_exact_route_takes_nothing_below_it() {
        let app = app(&["/cart", "/"]);
        for (path, found) in [("/cart", true), ("/cart/", true), ("/cart/x", false), ("/", true), ("/x", false), ("//cart", false)] {
            assert_eq!(app.route(path).is_some(), found, "{path}");
        }
    }

    #[test]
    fn a_variable_is_a_config_var_or_its_default_and_else_is_not_there() {
        let components = Components { variables: [("host".to_string(), "a.test".to_string())].into(), ..Components::default() };
        let variables = [("url", "https://{{ host }}/{{key}}"), ("plain", "x"), ("host", "{{host}}")].map(|(a, b)| (a.to_string(), b.to_string()));
        let component = Component { variables: variables.into(), ..Component::default() };
        let read = |config: &[(&str, &str)]| {
            let config = ConfigVars(config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect());
            components.variables(&component, &config).into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(read(&[]), "host=a.test plain=x");
        assert_eq!(read(&[("SPIN_VARIABLE_KEY", "k"), ("SPIN_VARIABLE_HOST", "b.test")]), "host=b.test plain=x url=https://b.test/k");
    }

    #[test]
    fn a_component_sees_its_own_files_environment_and_hosts() {
        let rules = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<BTreeSet<EgressRule>>();
        let one = Component {
            file: "one.wasm".into(),
            files: Some("files/one".into()),
            environment: [("A".to_string(), "1".to_string())].into(),
            egress: rules(&["one.test", "both.test"]),
            ..Component::default()
        };
        let two = Component { file: "two.wasm".into(), egress: rules(&["two.test", "both.test"]), ..Component::default() };
        let components = Components { components: [("one".to_string(), one.clone()), ("two".to_string(), two)].into(), ..Components::default() };
        let file = File { digest: Digest::of(b"x"), size: 1 };
        let files = ["one.wasm", "two.wasm", "files/one/a", "files/two/b"].map(|path| (path.to_string(), file.clone()));
        let manifest = Manifest {
            buildpack: "spin@1".into(),
            processes: [("web".to_string(), Launch::Components(components.clone()))].into(),
            files: files.into(),
            app_files: None,
            assets: None,
        };
        let target = Target {
            app: crate::AppId::generate(),
            app_name: "app".parse().unwrap(),
            release: crate::ReleaseId::generate(),
            version: "v1".parse().unwrap(),
            slug: manifest.digest(),
            manifest: Arc::new(manifest),
            env: Arc::new(ConfigVars([("SECRET", "s"), ("PAAS_APP_NAME", "app")].map(|(a, b)| (a.to_string(), b.to_string())).into())),
            limits: Default::default(),
            egress: Egress(rules(&["one.test", "two.test", "both.test", "mine.test"])),
        };
        let part = target.part(&components, &one);
        assert_eq!(part.manifest.files.keys().collect::<Vec<_>>(), ["files/one/a", "one.wasm"]);
        assert_eq!(part.env.0.keys().collect::<Vec<_>>(), ["A", "PAAS_APP_NAME"]);
        assert_eq!(part.egress.hosts(), ["both.test", "mine.test", "one.test"]);
        assert_ne!(part.slug, target.slug);
    }
}
