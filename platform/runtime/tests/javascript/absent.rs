//! Packages that a package can do without need not be installed; those that the app itself asks for do.
use crate::app::{App, Node};

const BUILDER: &str = "exports.load = (name) => (name === 'pg' ? require('pg') : undefined);\n";
const INDEX: &str = "const { load } = require('builder');
const asked = () => {
  try {
    return load('pg');
  } catch (error) {
    return error.code;
  }
};
require('http').createServer((request, response) => response.end(String(asked()))).listen(1);
";

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_is_not_installed_is_named_and_throws_when_it_is_asked_for() {
    let node = Node::shared();
    let files = [("node_modules/builder/index.js", BUILDER), ("index.js", INDEX)];
    let (app, told) = App::build_with_output(node, &files);
    assert!(told.contains("These packages are not installed; code that asks for them throws:"), "{told}");
    assert!(told.contains("  pg, imported by node_modules/builder/index.js"), "{told}");
    assert_eq!(node.get(&app.release(&[]), "/").await.text(), "MODULE_NOT_FOUND");
}

#[test]
fn what_the_apps_own_files_ask_for_has_to_be_installed() {
    let told = App::try_build(Node::shared(), &[("index.js", "require('pg');\nrequire('http').createServer(() => {}).listen(1);")])
        .err()
        .expect("it is refused");
    assert!(told.contains("Could not resolve \"pg\"") && told.contains("index.js:1:8"), "{told}");
}
