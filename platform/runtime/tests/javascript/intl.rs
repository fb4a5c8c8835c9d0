//! What locales mean, which the engine was built without: as this machine's Node has it.
use crate::app::{App, Node};
use serde_json::{Map, Value};
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn dates_numbers_and_words_are_written_as_node_writes_them() {
    let checks = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/javascript/intl.mjs");
    let print = format!("import {{ said }} from {checks:?}; console.log(JSON.stringify(said()))");
    let real = Command::new("node").args(["--input-type=module", "-e", &print]).output().unwrap();
    let expected: Map<String, Value> = serde_json::from_slice(&real.stdout).unwrap();
    assert!(expected.len() > 1_000, "{}", String::from_utf8_lossy(&real.stderr));

    let source = "import { said } from './intl.mjs';\nexport default () => Response.json(said());";
    let files = [("index.mjs", source), ("intl.mjs", &std::fs::read_to_string(checks).unwrap())];
    let (app, told) = App::build_with_output(Node::shared(), &files);
    assert!(told.contains("Intl for en-US, en-GB, de-DE") && told.contains("Europe/Berlin"), "{told}");
    let answer = Node::shared().get(&app.release(&[]), "/").await.json();
    let differ: Vec<_> = expected.iter().filter(|(name, value)| answer[name.as_str()] != **value).collect();
    assert!(differ.is_empty(), "{differ:#?}\n{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_source_does_not_name_falls_back_or_is_refused_by_name() {
    let source = "const zone = () => { try { return new Date(0).toLocaleString('en-US', { timeZone: ['Asia', 'Tokyo'].join('/') }); } catch (error) { return error.message; } };\n\
                  export default () => Response.json([new Intl.NumberFormat(['xx', 'sv'].join('-')).resolvedOptions().locale, zone(), Intl.DateTimeFormat.supportedLocalesOf(['sv', 'en'])]);";
    let answer = Node::shared().get(&App::build(Node::shared(), &[("index.mjs", source)]).release(&[]), "/").await.json();
    assert_eq!((&answer[0], &answer[2]), (&"en-US".into(), &serde_json::json!(["en"])));
    assert!(answer[1].as_str().unwrap().starts_with("Invalid time zone specified: Asia/Tokyo"), "{answer}");
}
