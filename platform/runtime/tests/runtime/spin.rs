//! Several components in one slug.
use crate::stage::{Stage, body, get, text};
use http::Request;
use paas_model::{
    AppId, Launch, Manifest,
    components::{Component, Components, Fixed, Route},
    limits::Limits,
    output::Output,
    slug::StaticSite,
};
use paas_runtime::App;

fn guest(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/guests/{name}.wat", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn component(file: &str) -> Component {
    Component { file: file.into(), ..Component::default() }
}

fn route(path: &str, component: &str) -> Route {
    Route { path: path.into(), component: Some(component.into()), response: None }
}

/// `hello` is in CGI form, `env` shows its environment, `proxy` and `service` are components of wasi:http 0.2 and 0.3.
fn manifest(stage: &Stage) -> Manifest {
    let names = ["hello", "env", "proxy", "service"];
    let guests: Vec<(String, Vec<u8>)> = names.iter().map(|name| (format!("{name}.wat"), guest(name))).collect();
    let mut files: Vec<(&str, &[u8])> = guests.iter().map(|(name, text)| (name.as_str(), text.as_slice())).collect();
    files.push(("assets/logo.svg", b"<svg/>"));
    let mut components: std::collections::BTreeMap<_, _> = names.iter().map(|name| (name.to_string(), component(&format!("{name}.wat")))).collect();
    components.get_mut("env").unwrap().environment = [("OWN".to_string(), "mine".to_string())].into();
    let gone = Fixed { status: 410, headers: [("x-why".to_string(), "moved".to_string())].into(), body: "gone\n".into() };
    let routes = vec![
        route("/hello/...", "hello"),
        route("/env/:name", "env"),
        route("/proxy", "proxy"),
        route("/service/...", "service"),
        Route { path: "/gone".into(), component: None, response: Some(gone) },
    ];
    let plain = stage.manifest(Launch::Components(Components { components, routes, ..Components::default() }), &files);
    Manifest { assets: Some(StaticSite { root: "assets".into(), fallback: false }), ..plain }
}

async fn app(stage: &Stage, limits: Limits) -> App {
    let app = stage.runtime.app(stage.target(manifest(stage), limits, &[("SECRET", "s"), ("PAAS_APP_NAME", "shop")]));
    app.load().await.unwrap();
    app
}

#[tokio::test]
async fn each_route_has_its_component_whatever_its_form() {
    let stage = Stage::new();
    let able = stage.runtime.check(AppId::generate(), &manifest(&stage), &Output::new(|_: &str| {})).await.unwrap();
    assert!(able.words().contains(&"log".to_string()));
    let app = app(&stage, Limits::default()).await;
    let alone = async |name: &str| text(get(&stage.app(name).await, "/").await.unwrap()).await;
    for (path, name) in [("/hello/x", "hello"), ("/hello", "hello"), ("/proxy", "proxy"), ("/service/a", "service")] {
        assert_eq!(text(get(&app, path).await.unwrap()).await, alone(name).await, "{path}");
    }
    for path in ["/", "/proxy/x", "/helloo"] {
        assert_eq!(get(&app, path).await.unwrap().status(), 404, "{path}");
    }
    let gone = get(&app, "/gone").await.unwrap();
    assert_eq!((gone.status().as_u16(), gone.headers()["x-why"].to_str().unwrap()), (410, "moved"));
    assert_eq!(text(get(&app, "/logo.svg").await.unwrap()).await, "<svg/>", "files answer first here, too");
}

#[tokio::test]
async fn a_component_is_told_its_route_and_sees_its_own_environment_only() {
    let stage = Stage::new();
    let app = app(&stage, Limits::default()).await;
    let request = Request::builder().uri("/env/ada?x=1").header("host", "shop.localhost").header("spin-path-info", "/forged").header("spin-x", "y");
    let answer = app.handle(request.body(body("")).unwrap()).await;
    assert!(!answer.usage.instantiate().is_zero());
    let seen = text(answer.result.unwrap()).await;
    for line in ["OWN=mine", "PAAS_APP_NAME=shop", "HTTP_SPIN_PATH_MATCH_NAME=ada", "SCRIPT_NAME=/env/:name", "HTTP_SPIN_MATCHED_ROUTE=/env/:name"] {
        assert!(seen.contains(line), "no {line} in {seen}");
    }
    for hidden in ["SECRET", "forged", "HTTP_SPIN_X"] {
        assert!(!seen.contains(hidden), "{hidden} in {seen}");
    }
}

#[tokio::test]
async fn what_one_component_lacks_is_said_with_its_name() {
    let stage = Stage::new();
    let components = Components {
        components: [("counter".to_string(), component("a.wat"))].into(),
        routes: vec![route("/...", "counter")],
        ..Components::default()
    };
    let manifest = stage.manifest(Launch::Components(components), &[("a.wat", &guest("needs-database"))]);
    let refusal = stage.runtime.check(AppId::generate(), &manifest, &Output::new(|_: &str| {})).await.unwrap_err().to_string();
    assert!(refusal.starts_with("Component counter: This app needs `"), "{refusal}");
    let limits = Limits { reuse: 8, ..Limits::default() };
    let refusal = stage.runtime.prepare(&stage.target(self::manifest(&stage), limits, &[])).await.unwrap_err().to_string();
    assert!(refusal.starts_with("Component env: This app cannot answer several requests with one instance"), "{refusal}");
}
