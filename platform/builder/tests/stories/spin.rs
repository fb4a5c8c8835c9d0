//! The Spin buildpack: what it takes, and what it says of what it does not.
use crate::room::Room;
use paas_model::{AppId, ConfigVars, Launch};

const MANIFEST: &str = r#"spin_manifest_version = 2
[application]
name = "x"
[variables]
greeting = { default = "Hello" }
token = { required = true, description = "of the bank" }
[[trigger.http]]
route = "/a/..."
component = "a"
[[trigger.http]]
route = "/b"
component = { source = "b.wat", environment = { X = "say \"x\"" } }
[component.a]
source = "a.wat"
files = ["images/*.png", { source = "docs", destination = "/text" }]
exclude_files = ["images/b.png"]
allowed_outbound_hosts = ["https://api.example.com", "*://x.example.com:8080", "http://{{ host }}"]
[component.a.variables]
hello = "{{ greeting }}!"
[component.unused]
source = "none.wasm"
"#;
const FILES: [(&str, &str); 6] =
    [("a.wat", "(module)"), ("b.wat", "(module)"), ("images/a.png", "a"), ("images/b.png", "b"), ("images/c.txt", "c"), ("docs/d/e.md", "e")];

fn source(manifest: &str) -> Vec<(&str, &str)> {
    [&FILES[..], &[("spin.toml", manifest)]].concat()
}

fn config() -> ConfigVars {
    ConfigVars([("SPIN_VARIABLE_TOKEN".to_string(), "t".to_string())].into())
}

#[tokio::test]
async fn components_get_their_files_routes_variables_and_hosts() {
    let room = Room::with_ours(&["spin"]);
    let done = room.build_as(AppId::generate(), &config(), &source(MANIFEST)).await.unwrap_or_else(|why| panic!("{why}\n{}", room.said()));
    assert_eq!(done.names(), ["a.wasm", "files/a/images/a.png", "files/a/text/d/e.md", "trigger-2.wasm"]);
    let Launch::Components(components) = &done.built.processes["web"] else { panic!("{:?}", done.built.processes) };
    let routes: Vec<_> = components.routes.iter().map(|route| (route.path.as_str(), route.component.as_deref().unwrap())).collect();
    assert_eq!(routes, [("/a/...", "a"), ("/b", "trigger-2")]);
    let (a, b) = (&components.components["a"], &components.components["trigger-2"]);
    assert_eq!((a.files.as_deref(), a.variables["hello"].as_str()), (Some("files/a"), "{{ greeting }}!"));
    assert_eq!(a.egress.iter().map(ToString::to_string).collect::<Vec<_>>(), ["https://api.example.com", "x.example.com:8080"]);
    assert_eq!((b.files.as_deref(), b.environment["X"].as_str()), (None, "say \"x\""));
    assert_eq!(components.variables, [("greeting".to_string(), "Hello".to_string())].into());
    assert!(room.said().contains("http://{{ host }}, which depends on a variable. Allow the host itself: paas egress:allow HOST"), "{}", room.said());
}

#[tokio::test]
async fn what_is_not_offered_is_named_with_its_component() {
    let room = Room::with_ours(&["spin"]);
    let component = |line: &str| MANIFEST.replace("[component.a]\n", &format!("[component.a]\n{line}\n"));
    for (manifest, words) in [
        (MANIFEST.replace("= 2", "= \"1\""), "spin.toml is a manifest of version 1; this platform reads version 2."),
        (component("sqlite_databases = ['default']"), "Component a asks for SQLite databases (sqlite_databases)"),
        (component("ai_models = ['llama2-chat']"), "Component a asks for language models (ai_models)"),
        (MANIFEST.replace("trigger.http]]\nroute = \"/a/...\"", "trigger.redis]]\nchannel = \"c\""), "Component a answers a redis trigger"),
        (MANIFEST.replace("route = \"/a/...\"", "route = { private = true }"), "Component a has a private route"),
        (MANIFEST.replace("https://api.example.com", "redis://cache.example.com"), "Component a wants to call redis://cache.example.com"),
        (MANIFEST.replace("https://api.example.com", "http://b.spin.internal"), "Component a wants to call its own app (http://b.spin.internal"),
        (MANIFEST.replace("source = \"a.wat\"", "source = { url = 'https://x.test/a.wasm', digest = 'sha256:0' }"), "Component a is fetched from"),
        (
            MANIFEST.replace("source = \"a.wat\"", "source = 'c.wasm'\nbuild = { command = 'npm run build' }"),
            "Run `spin build`, commit c.wasm, and push",
        ),
        (MANIFEST.replace("source = \"a.wat\"", "source = '../../etc/passwd'"), "Component a: the source has no file ../../etc/passwd."),
        (MANIFEST.replace("{{ greeting }}", "{{ greting }}"), "Component a uses the variable greting, which [variables] of spin.toml does not have."),
        (MANIFEST.replace("route = \"/b\"", "route = \"/a/...\""), "Two triggers of spin.toml have the route /a/...."),
        (MANIFEST.replace("images/*.png", "../*"), "Component a shows the files ../*, which are not in the source."),
    ] {
        let built = room.build_as(AppId::generate(), &config(), &source(&manifest)).await;
        assert_eq!(built.err().unwrap_or_else(|| panic!("built: {words}")), "Push rejected, failed to compile Spin app.");
        assert!(room.said().contains(words), "no {words:?} in\n{}", room.said());
    }
    room.refusal(&source(MANIFEST)).await;
    assert!(
        room.said().contains("  token: of the bank\n !     Set them with `paas config:set SPIN_VARIABLE_TOKEN=…`, and push again."),
        "{}",
        room.said()
    );
}
