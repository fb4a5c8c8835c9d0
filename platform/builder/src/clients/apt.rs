//! What apt needs to fetch and verify Debian's packages as a user without rights: where they come from, and whose signatures count.
use crate::sandbox::{Access, Job};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A buildpack that names this program may use apt.
pub const PROGRAM: &str = "apt-get";

const FILES: [&str; 3] = ["/etc/apt/sources.list", "/etc/apt/trusted.gpg", "/etc/apt/apt.conf"];
const FOLDERS: [&str; 4] = ["/etc/apt/sources.list.d", "/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/etc/apt/apt.conf.d"];

/// Shows the operator's settings of apt but for `auth.conf`, and files with an `@` as in `https://user:password@mirror`: each build can read them.
pub fn show(job: &mut Job) {
    for file in files(&FILES, &FOLDERS) {
        job.mount(&file, &file, Access::Read);
    }
}

fn files(files: &[&str], folders: &[&str]) -> Vec<PathBuf> {
    let inside = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten().map(|entry| entry.path());
    let mut all: Vec<PathBuf> = files.iter().map(PathBuf::from).chain(inside).filter(|file| plain(file)).collect();
    all.sort();
    all
}

/// A file without a password. Keys are not text, or are text without a scheme.
fn plain(file: &Path) -> bool {
    let secret = |text: &[u8]| text.split(|b| b.is_ascii_whitespace()).any(|word| word.windows(3).any(|w| w == b"://") && word.contains(&b'@'));
    file.is_file() && fs::read(file).is_ok_and(|text| !secret(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_of_the_operators_mirror_stays_there() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("debian.list", "deb https://mirror.example/debian stable main # ask admin@example\n");
        write("private.list", "deb https://user:SECRET@mirror.example/debian stable main\n");
        write("proxy.conf", "Acquire::http::Proxy \"http://user:SECRET@proxy:3128\";\n");
        fs::create_dir(folder.path().join("more")).unwrap();
        assert_eq!(files(&[], &[folder.path().to_str().unwrap()]), [folder.path().join("debian.list")]);
    }
}
