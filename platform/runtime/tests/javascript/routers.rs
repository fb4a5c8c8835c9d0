//! A router that is built at its first match is built at boot, so that no request pays for it, however the app is exported.
use crate::app::{App, Node};

const PACKAGE: (&str, &str) = ("package.json", r#"{ "type": "module", "main": "index.js", "dependencies": { "hono": "4.13.0" } }"#);

/// What the router's name says before the first request is matched: that it is the one it has chosen, if it is built.
async fn name_before_the_first_match(app: &str) -> String {
    let source = format!(
        "import {{ Hono }} from 'hono';\nconst app = new Hono();\napp.get('/', (c) => c.text(c.env.before));\nconst inner = new Hono();\ninner.get('/x', (c) => c.text('x'));\napp.route('/inner', inner);\n\
         const answer = (request) => {{ const before = app.router.name; return app.fetch(request, {{ before }}); }};\n{app}"
    );
    let app = App::build(Node::shared(), &[PACKAGE, ("index.js", &source)]);
    Node::shared().get(&app.release(&[]), "/").await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_router_of_hono_is_built_when_the_app_boots() {
    assert_eq!(name_before_the_first_match("export default { fetch: answer };").await, "SmartRouter + RegExpRouter");
    assert_eq!(name_before_the_first_match("export default answer;").await, "SmartRouter + RegExpRouter");
}
