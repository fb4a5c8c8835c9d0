//! Another program of the workspace: the Procfile says that it is not the one that answers.
fn main() {
    println!("{:?}", shelf::title(1));
}
