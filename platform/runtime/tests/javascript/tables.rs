//! Large tables in JSON files are values like any other, however they are asked for.
use crate::app::{App, Node};
use serde_json::{Map, Value, json};

const PACKAGE: &str = "module.exports = (name) => require('./types.json')[name];";
const INDEX: &str = "import type from 'types';
import all, { proto } from './types.json';
import * as space from './types.json';
import { lookup } from './lookup.cjs';
const own = Object.hasOwn(proto, '__proto__');
export default () => Response.json([type('text/x-700'), all['text/x-1'], proto.text, own, space.default === all, lookup('text/x-2')]);
";

/// As long as the lists of media types that many packages bring.
fn table() -> String {
    let mut table: Map<String, Value> = (0..1500).map(|number| (format!("text/x-{number}"), json!({ "extensions": [number.to_string()] }))).collect();
    table.insert("proto".into(), json!({ "__proto__": "own", "text": "“quoted”\u{2028}\\ and `${more}`" }));
    serde_json::to_string_pretty(&Value::from(table)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_table_is_the_same_value_in_every_way_it_is_asked_for() {
    let table = table();
    let app = App::build(
        Node::shared(),
        &[
            ("node_modules/types/index.js", PACKAGE),
            ("node_modules/types/types.json", &table),
            ("types.json", &table),
            ("lookup.cjs", "exports.lookup = (name) => require('./types.json')[name].extensions[0];"),
            ("index.mjs", INDEX),
        ],
    );
    let answer = Node::shared().get(&app.release(&[]), "/").await.json();
    let extensions = |number: &str| json!({ "extensions": [number] });
    assert_eq!(answer, json!([extensions("700"), extensions("1"), "“quoted”\u{2028}\\ and `${more}`", true, true, "2"]));
}

#[test]
fn a_table_that_is_no_json_is_told_with_its_line() {
    let table = table().replace("\"text/x-900\": {", "\"text/x-900\": {{");
    let told = App::try_build(
        Node::shared(),
        &[("types.json", &table), ("index.mjs", "import all from './types.json';\nexport default () => Response.json(all);")],
    )
    .err()
    .expect("it is refused");
    assert!(told.contains("types.json:") && told.contains("The app cannot be bundled"), "{told}");
}
