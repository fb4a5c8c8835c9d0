//! Python's standard library is there but for what a machine without these parts lacks anywhere: packages import more of it than they use.
use crate::app::{App, Node};
use serde_json::json;

/// Made of system calls, C libraries or screens that an app does not have here; or of tools for a developer's machine.
const NOT_THERE: [&str; 23] = [
    "bz2",
    "ctypes",
    "curses",
    "ensurepip",
    "fcntl",
    "grp",
    "lzma",
    "mmap",
    "msvcrt",
    "nt",
    "pty",
    "pwd",
    "pydoc_data",
    "readline",
    "resource",
    "syslog",
    "termios",
    "tkinter",
    "tty",
    "turtle",
    "venv",
    "winreg",
    "winsound",
];
const APP: &str = r#"
import importlib, json, sys

def app(environ, start_response):
    missing = []
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in ("antigravity", "this", "idlelib", "turtledemo"):
            continue
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(missing).encode()]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn modules_of_the_standard_library_can_be_imported() {
    let node = Node::shared();
    let release = App::build(node, &[("app.py", APP)]).release(&[]);
    assert_eq!(node.get(&release, "/").await.json(), json!(NOT_THERE));
}
