//! Which file an app of Node begins with: the one that it is started with, and no other.
use paas_tests::Platform;

/// As express-generator writes it.
const WWW: &str = r#"#!/usr/bin/env node
var app = require('../app');
var http = require('http');
var port = parseInt(process.env.PORT || '3000', 10);
app.set('port', port);
var server = http.createServer(app);
server.listen(port);
server.on('error', (error) => { throw error; });
server.on('listening', () => {
  var addr = server.address();
  console.log('Listening on ' + (typeof addr === 'string' ? 'pipe ' + addr : 'port ' + addr.port) + ' from ' + __filename);
});
"#;

const APP: &str = "module.exports = (request, response) => response.end(`${request.url} of www\\n`);\nmodule.exports.set = () => {};\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_app_begins_with_the_file_that_its_command_starts() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("shop").await;
    repository.write("package.json", r#"{ "main": "app.js", "scripts": { "start": "node --require ./first.js ./bin/www" } }"#);
    repository.write("first.js", "");
    repository.write("app.js", APP);
    repository.write("bin/www", WWW);
    repository.commit("As the generator makes it").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("shop", "/books").await.text, "/books of www\n");
    let log = developer.run("logs -a shop").await.ok();
    assert!(log.contains("Listening on port ") && log.contains("from /app/bin/www"), "{log}");

    // app.js is there, but was never to be started.
    repository.write("Procfile", "  web : node dist/server.js\n");
    repository.commit("Start what is not there").await;
    let push = repository.push().await;
    assert!(push.code != 0 && push.stderr.contains("dist/server.js does not exist, but package.json or the Procfile starts it."), "{}", push.stderr);
    assert_eq!(platform.visitor().get("shop", "/").await.text, "/ of www\n");
}
