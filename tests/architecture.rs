//! Holds the table of rooms: who may know whom, and who owns which heavy library.
use std::{collections::BTreeSet, fs, path::Path};
use toml::Table;

/// Room, and the rooms it may know. A new line here is a decision: `platform/decisions/` says why.
const ROOMS: [(&str, &[&str]); 13] = [
    ("model", &[]),
    ("receiver", &["model"]),
    ("builder", &["model"]),
    ("store", &["model"]),
    ("runtime", &["model"]),
    ("logs", &["model"]),
    ("metrics", &["model"]),
    ("deploy", &["model", "builder", "store", "runtime"]),
    ("router", &["model", "runtime", "logs", "metrics"]),
    ("api-types", &[]),
    ("api", &["model", "api-types", "receiver", "deploy", "store", "logs", "metrics"]),
    ("cli", &["api-types"]),
    ("server", &["model", "receiver", "builder", "store", "runtime", "logs", "metrics", "deploy", "router", "api-types", "api"]),
];

/// Library (or the beginning of its name), and the rooms that may use it.
const OWNERS: [(&str, &[&str]); 7] = [
    ("wasmtime", &["runtime"]),
    ("wasm-encoder", &["runtime"]),
    ("wasmparser", &["runtime"]),
    ("sqlx", &["store"]),
    ("git2", &["receiver"]),
    ("axum", &["api", "server"]),
    ("ureq", &["cli"]),
];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let table: Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    let section = table.get("dependencies").and_then(|section| section.as_table());
    section.map(|section| section.keys().cloned().collect()).unwrap_or_default()
}

fn room_dependencies(room: &str) -> BTreeSet<String> {
    dependencies(&project().join("platform").join(room).join("Cargo.toml"))
}

#[test]
fn every_room_is_in_the_table_and_in_the_workspace_in_reading_order() {
    let workspace: Table = fs::read_to_string(project().join("Cargo.toml")).unwrap().parse().unwrap();
    let members: Vec<_> = workspace["workspace"]["members"].as_array().unwrap().iter().map(|member| member.as_str().unwrap().to_string()).collect();
    let mut expected: Vec<_> = ROOMS.iter().map(|(room, _)| format!("platform/{room}")).collect();
    expected.push("tests".into());
    assert_eq!(members, expected);
}

#[test]
fn rooms_know_only_whom_they_may() {
    for (room, may_know) in ROOMS {
        for name in room_dependencies(room) {
            if let Some(other) = name.strip_prefix("paas-") {
                assert!(may_know.contains(&other), "{room} must not know {other}");
            }
        }
    }
    let known: Vec<_> = dependencies(&project().join("tests/Cargo.toml")).into_iter().filter(|name| name.starts_with("paas-")).collect();
    assert_eq!(known, ["paas-api-types"], "journeys use the public face only");
}

#[test]
fn heavy_libraries_have_one_owner() {
    for (library, owners) in OWNERS {
        for (room, _) in ROOMS {
            let uses = room_dependencies(room).iter().any(|name| name.starts_with(library));
            assert!(!uses || owners.contains(&room), "{room} must not use {library}");
        }
    }
}

#[test]
fn every_room_says_where_you_stand() {
    for (room, _) in ROOMS {
        let source = project().join("platform").join(room).join("src");
        let front = ["lib.rs", "main.rs"].into_iter().find_map(|name| fs::read_to_string(source.join(name)).ok()).unwrap();
        for line in ["//! In:", "//! Out:", "//! Knows"] {
            assert!(front.contains(line) || (line == "//! Out:" && front.contains(" Out: ")), "the front page of {room} lacks `{line}`");
        }
    }
}

#[test]
fn the_repository_holds_no_generated_files() {
    let listed = std::process::Command::new("git").args(["ls-files"]).current_dir(project()).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    for path in listed.lines() {
        let generated = ["/dist/", "node_modules/", "target/", "/generated/"].iter().any(|part| path.contains(part));
        let binary = [".wasm", ".cwasm", ".so", ".zip", ".tgz"].iter().any(|end| path.ends_with(end));
        assert!(!generated && !binary, "{path} is made by a tool; leave it out");
    }
}
