//! Instances that answer several requests, where a Python app chose so.
use crate::app::{App, Node};
use http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_keeps_its_state_for_as_many_requests_as_the_app_chose() {
    let node = Node::shared();
    let source = r#"
count = 0
def app(environ, start_response):
    global count
    count += 1
    body = environ["wsgi.input"].read().decode()
    start_response("200 OK", [])
    return [f"{count} {body}".encode()]
"#;
    let mut release = App::build(node, &[("app.py", source)]).release(&[]);
    assert_eq!(node.runtime.prepare(&release).await.unwrap(), None);
    release.limits.reuse = 3;
    let app = node.runtime.app(release);
    for count in [1, 2, 3, 1, 2, 3] {
        assert_eq!(node.answer(&app, Request::post("/"), "body").await.text(), format!("{count} body"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asgi_app_is_reused_too() {
    let node = Node::shared();
    let source = r#"
count = 0
async def app(scope, receive, send):
    global count
    assert scope["type"] == "http"
    count += 1
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(count).encode()})
"#;
    let mut release = App::build(node, &[("app.py", source)]).release(&[]);
    release.limits.reuse = 2;
    let app = node.runtime.app(release);
    for count in ["1", "2", "1"] {
        assert_eq!(node.answer(&app, Request::get("/"), "").await.text(), count);
    }
}
