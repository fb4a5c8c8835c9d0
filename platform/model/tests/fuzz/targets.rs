//! What strangers write, in the hands of a fuzzer: each target takes any bytes and asserts what must hold of them.
//!
//! `cargo test` runs a short and always the same run; `fuzz/` at the project's root a long one.
use paas_model::{Host, procfile::Procfile};

const DOMAIN: &str = "localhost";

/// A host leads to the same place however it is written.
pub fn host(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let found = Host::parse(&text, DOMAIN);
    assert_eq!(Host::parse(&text.to_ascii_uppercase(), DOMAIN), found, "case does not matter");
    let written = match &found {
        Host::App(name) => format!("{name}.{DOMAIN}"),
        Host::Release(name, version) => format!("{name}--{version}.{DOMAIN}"),
        Host::Control | Host::Unknown => return,
    };
    assert_eq!(Host::parse(&written, DOMAIN), found);
    assert_eq!(Host::parse(&format!("{written}.:8080"), DOMAIN), found, "nor do a dot and a port");
    assert!(text.to_ascii_lowercase().starts_with(&written), "what is ignored comes behind");
}

/// A Procfile is taken whole or refused with a line that it has.
pub fn procfile(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Procfile::parse(&text) {
        Ok(Procfile(types)) => {
            for (name, command) in &types {
                assert!(!name.is_empty() && name.len() <= 63 && !command.is_empty() && !command.contains('\n'));
            }
            let written: String = types.iter().map(|(name, command)| format!("{name}: {command}\n")).collect();
            assert_eq!(Procfile::parse(&written), Ok(Procfile(types)), "what was read can be written and read again");
        }
        Err(refused) => {
            let line = refused.to_string().split([' ', ':']).nth(2).and_then(|number| number.parse::<usize>().ok());
            assert!(line.is_some_and(|line| (1..=text.lines().count()).contains(&line)), "{refused}");
        }
    }
}
