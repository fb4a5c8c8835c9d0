//! The dashboard's files are embedded; without them (they are built by npm) the folder must still exist.
fn main() {
    let dist = std::path::Path::new("../../web-ui/dist");
    std::fs::create_dir_all(dist).expect("web-ui/dist can be made");
    println!("cargo::rerun-if-changed={}", dist.display());
}
