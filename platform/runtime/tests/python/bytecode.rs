//! What one boot of an app takes over from the one before.
use crate::app::{App, Node, kept};
use paas_model::{AppId, Target};
use std::{
    fs,
    time::{Duration, Instant},
};

/// Answers which modules were compiled while it started, and what they contain.
const SOURCE: &str = r#"
from _paas.bytecode import Loader

compiled = []
compile = Loader.source_to_code

def noted(self, data, path, **options):
    compiled.append(path.removeprefix("/app/"))
    return compile(self, data, path, **options)

Loader.source_to_code = noted
import one, two

def app(environ, start_response):
    start_response("200 OK", [])
    return [f"{','.join(compiled)} {one.VALUE}{two.VALUE}".encode()]
"#;

/// Boots a release of this app whose module `two` has this value.
async fn answer(node: &Node, app: AppId, two: &str, config: &[(&str, &str)]) -> String {
    let files = [("app.py", SOURCE), ("one.py", "VALUE = 1\n"), ("two.py", &format!("VALUE = {two}\n"))];
    let release = Target { app, ..App::build(node, &files).release(config) };
    node.get(&release, "/").await.text()
}

/// Waits until what the app compiled is kept, which happens beside its boot.
async fn is_kept(app: AppId) {
    let file = || {
        let engines = fs::read_dir(kept().join("cache")).unwrap().map(|entry| entry.unwrap().path());
        engines.map(|engine| engine.join("bytecode").join(app.to_string())).find(|file| file.with_extension("seal").exists() && file.exists())
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while file().is_none() {
        assert!(Instant::now() < deadline, "what {app} compiled is not kept");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_is_compiled_once_and_again_when_its_text_is_another() {
    let (node, app) = (Node::shared(), AppId::generate());
    assert_eq!(answer(node, app, "2", &[]).await, "one.py,two.py 12");
    is_kept(app).await;
    assert_eq!(answer(node, app, "2", &[("GREETING", "hello")]).await, " 12", "another config is no reason to compile");
    assert_eq!(answer(node, app, "3", &[]).await, "two.py 13");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_app_runs_what_another_compiled() {
    let (node, app) = (Node::shared(), AppId::generate());
    assert_eq!(answer(node, app, "4", &[]).await, "one.py,two.py 14");
    is_kept(app).await;
    assert_eq!(answer(node, AppId::generate(), "4", &[("OTHER", "app")]).await, "one.py,two.py 14");
}
