//! What of the machine itself a build sees, read-only.
use std::{fs, path::Path};

/// Folders that are links into `/usr` on most machines.
const SYSTEM: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Files below `/etc` that programs ask for: names, certificates, loader, alternatives, package clients' settings for the whole machine.
const ETC: [&str; 19] = [
    "alternatives", "ca-certificates.conf", "group", "host.conf", "hosts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types",
    "nsswitch.conf", "npmrc", "passwd", "pip.conf", "pki/tls/certs", "protocols", "resolv.conf", "services", "ssl/certs",
];

/// Arguments of bubblewrap that show the system's programs and nothing that belongs to anyone.
pub fn arguments() -> Vec<String> {
    let mut arguments: Vec<String> = ["--ro-bind", "/usr", "/usr"].map(String::from).into();
    for name in SYSTEM {
        let path = format!("/{name}");
        match fs::read_link(&path) {
            Ok(link) => arguments.extend(["--symlink".into(), link.to_string_lossy().into_owned(), path]),
            Err(_) if Path::new(&path).is_dir() => arguments.extend(["--ro-bind".into(), path.clone(), path]),
            Err(_) => {}
        }
    }
    for name in ETC {
        let path = format!("/etc/{name}");
        arguments.extend(["--ro-bind-try".into(), path.clone(), path]);
    }
    arguments
}
