//! A project that says what it needs in pyproject.toml.
use crate::app::{App, Node};

const PROJECT: &str = "[project]\nname = \"shop\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = [\"bottle>=0.13\"]\n";
const APP: &str = "from bottle import Bottle\n\napp = Bottle()\n\n\n@app.get('/')\ndef index():\n    return 'from a project'\n";

#[tokio::test(flavor = "multi_thread")]
async fn dependencies_of_pyproject_toml_are_installed_and_the_app_is_found_in_its_package() {
    let node = Node::shared();
    let files = [("pyproject.toml", PROJECT), ("shop/__init__.py", ""), ("shop/app.py", APP)];
    let (app, told) = App::try_build(node, &files).unwrap_or_else(|told| panic!("{told}"));
    assert!(told.contains("Installing pyproject.toml with pip") && told.contains("The app is shop.app:app"), "{told}");
    assert_eq!(node.get(&app.release(&[]), "/").await.text(), "from a project");
}

#[test]
fn a_project_whose_dependencies_only_poetry_reads_is_told_how_to_write_them_down() {
    let project = "[tool.poetry]\nname = \"shop\"\n\n[tool.poetry.dependencies]\nbottle = \"^0.13\"\n";
    let told = App::try_build(Node::shared(), &[("pyproject.toml", project), ("app.py", APP)]).err().expect("it is refused");
    assert!(told.contains("poetry export -o requirements.txt"), "{told}");
    let broken = App::try_build(Node::shared(), &[("pyproject.toml", "[project\n"), ("app.py", APP)]).err().expect("it is refused");
    assert!(broken.contains("pyproject.toml cannot be read"), "{broken}");
}
