use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(&paas_api::openapi()).unwrap()
}

fn operations(document: &Value) -> Vec<(&String, &String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (path, method, operation))).collect()
}

#[test]
fn every_operation_has_a_name_words_and_the_shape_of_its_refusals() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
        assert!(names.insert(name), "{name} is there twice");
        assert!(operation["summary"].is_string(), "{name} says nothing");
        assert!(operation["responses"]["default"].is_object(), "{name} never refuses");
        let named: BTreeSet<_> =
            operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path").map(|p| p["name"].as_str().unwrap()).collect();
        let there: BTreeSet<_> = path.split(['{', '}']).skip(1).step_by(2).collect();
        assert_eq!(named, there, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = &reference[..reference.find('"').unwrap()];
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}
