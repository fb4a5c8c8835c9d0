//! The sample apps of tests/apps.
use crate::platform::project;
use std::{fs, path::Path};

/// Copies a sample's files into a repository.
pub fn copy(name: &str, into: &Path) {
    copy_folder(&project().join("tests/apps").join(name), into);
}

/// Copies what lies in a folder.
pub fn copy_folder(from: &Path, into: &Path) {
    fs::create_dir_all(into).expect("the repository can be written");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("sample {}: {error}", from.display())) {
        let entry = entry.expect("a sample's folder can be read");
        let to = into.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
}
