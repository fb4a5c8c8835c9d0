//! Programs that run once in a deploy, as a Procfile names them.
use crate::app::{App, Node};
use paas_model::output::Output;
use std::sync::{Arc, Mutex};

const APP: (&str, &str) = ("app.py", "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'web']\n");

/// What the release command says, and why it failed if it did.
async fn release(node: &Node, command: &str, files: &[(&str, &str)]) -> (String, Result<(), String>) {
    let procfile = format!("web: gunicorn app:app\nrelease: {command}\n");
    let mut source = vec![APP, ("Procfile", procfile.as_str())];
    source.extend(files);
    let target = App::build(node, &source).release(&[("NAME", "shop")]);
    assert_eq!(node.get(&target, "/").await.text(), "web");
    let said = Arc::<Mutex<Vec<String>>>::default();
    let lines = said.clone();
    let output = Output::new(move |line: &str| lines.lock().unwrap().push(line.trim().into()));
    let ran = node.runtime.run_once(&target, "release", &output).await;
    let said = said.lock().unwrap().join("\n");
    (said, ran.map_err(|refusal| refusal.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_command_runs_a_script_with_its_arguments_and_its_exit_status_counts() {
    let node = Node::shared();
    let script = "import os, sys\nimport helper\nif __name__ == '__main__':\n    print(os.environ['NAME'], sys.argv, helper.WORD)\n    sys.exit(int(sys.argv[1]))\n";
    let files = [("scripts/migrate.py", script), ("scripts/helper.py", "WORD = 'helped'\n")];
    let (said, ran) = release(node, "python scripts/migrate.py 0 'two words'", &files).await;
    assert_eq!((said.as_str(), ran), ("shop ['scripts/migrate.py', '0', 'two words'] helped", Ok(())));
    let (said, ran) = release(node, "python3 -u scripts/migrate.py 3", &files).await;
    assert!(said.contains("['scripts/migrate.py', '3']"), "{said}");
    assert_eq!(ran, Err("exited with status 3".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_command_runs_a_package_and_what_cannot_be_fails_with_its_own_words() {
    let node = Node::shared();
    let main = "import socket, sys\nprint(sys.argv[1:])\nif 'database' in sys.argv:\n    socket.create_connection(('db.example', 5432)).recv(1)\n";
    let files = [("tool/__init__.py", ""), ("tool/__main__.py", main)];
    assert_eq!(release(node, "python -m tool up", &files).await, ("['up']".into(), Ok(())));
    let (said, ran) = release(node, "python -m tool database", &files).await;
    assert!(said.contains("tool/__main__.py\", line 4") && said.contains("an app may call other hosts by HTTP only"), "{said}");
    assert!(!said.contains("_paas") && !said.contains("runpy"), "{said}");
    assert_eq!(ran, Err("exited with status 1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_command_that_is_not_pythons_is_refused_when_it_is_built() {
    let node = Node::shared();
    for (command, words) in [("./migrate.sh", "is not one of Python's"), ("python gone.py", "there is no such file")] {
        let procfile = format!("web: gunicorn app:app\nrelease: {command}\n");
        let told = App::try_build(node, &[APP, ("Procfile", &procfile)]).err().expect("it is refused");
        assert!(told.contains(words), "{told}");
    }
}
