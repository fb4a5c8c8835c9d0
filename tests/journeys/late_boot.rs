//! An app whose start needs what only a request has starts with each request, and its push says so and why.
use paas_tests::Platform;

const JAVASCRIPT: &str = "const http = require('http');
async function main() {
  const found = await fetch('http://127.0.0.1:1/config').then(() => 'fetched', () => 'unreachable');
  http.createServer((request, response) => response.end(found)).listen(process.env.PORT);
}
main();
";
const PYTHON: &str = "import urllib.request

try:
    FOUND = urllib.request.urlopen('http://127.0.0.1:1/config').read()
except OSError:
    FOUND = b'unreachable'


def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [FOUND]
";

#[tokio::test(flavor = "multi_thread")]
async fn the_push_says_that_an_app_starts_with_each_request_and_why() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    for (app, file, source, why) in [
        ("late-js", "index.js", JAVASCRIPT, "it uses the network while it starts. Move that into a request's handler to make requests faster."),
        ("late-py", "app.py", PYTHON, "its top level calls 127.0.0.1. Move that into a request's handler to make requests faster."),
    ] {
        let repository = developer.repository(app).await;
        repository.write(file, source);
        repository.commit("Ask at the start").await;
        let pushed = repository.push().await;
        let line = format!(" !     The app starts with each request: {why}");
        assert!(pushed.stderr.contains(&line), "no {line:?} in\n{}", pushed.stderr);
        pushed.ok();
        assert_eq!(platform.visitor().get(app, "/").await.text, "unreachable");
    }
}
