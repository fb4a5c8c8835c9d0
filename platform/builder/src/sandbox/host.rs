//! What of the machine itself a build sees, read-only.
use std::{ffi::OsString, fs, path::Path};

/// Folders that are links into `/usr` on most machines.
const SYSTEM: [&str; 6] = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// Files below `/etc` that programs ask for: names, certificates, loader, alternatives, package clients' settings for the whole machine.
const ETC: [&str; 19] = [
    "alternatives",
    "ca-certificates.conf",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "npmrc",
    "passwd",
    "pip.conf",
    "pki/tls/certs",
    "protocols",
    "resolv.conf",
    "services",
    "ssl/certs",
];

/// Arguments of bubblewrap that show the system's programs and nothing that belongs to anyone.
pub fn arguments() -> Vec<OsString> {
    let mut arguments = bind("--ro-bind", Path::new("/usr"), Path::new("/usr"));
    for name in SYSTEM {
        let path = Path::new("/").join(name);
        match fs::read_link(&path) {
            Ok(link) => arguments.extend(["--symlink".into(), link.into(), path.into()]),
            Err(_) if path.is_dir() => arguments.extend(bind("--ro-bind", &path, &path)),
            Err(_) => {}
        }
    }
    for name in ETC {
        let path = Path::new("/etc").join(name);
        if path.exists() {
            arguments.extend(bind("--ro-bind", &path, &path));
        }
    }
    arguments
}

/// Shows `outside` at `inside`. Folders on the way are made first: bubblewrap would close those that it makes by itself.
pub fn bind(how: &str, outside: &Path, inside: &Path) -> Vec<OsString> {
    let mut above: Vec<&Path> = inside.ancestors().skip(1).filter(|path| path.parent().is_some()).collect();
    above.reverse();
    let mut arguments: Vec<OsString> = above.into_iter().flat_map(|path| ["--perms".into(), "0755".into(), "--dir".into(), path.into()]).collect();
    arguments.extend([how.into(), outside.into(), inside.into()]);
    arguments
}
