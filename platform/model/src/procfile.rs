//! The Procfile: `type: command`, a line each.
use std::collections::BTreeMap;

/// Process types and their commands; `web` answers HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Procfile(pub BTreeMap<String, String>);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProcfile {
    #[error("Procfile line {0}: expected `type: command`, such as `web: app.wasm`.")]
    Form(usize),
    #[error("Procfile line {0}: process type {1:?} may only contain letters, digits, dashes and underscores (63 at most).")]
    Type(usize, String),
    #[error("Procfile line {0}: process type {1} is declared twice.")]
    Twice(usize, String),
}

impl Procfile {
    /// Reads a whole Procfile or refuses it whole, so that a merge marker never deploys.
    pub fn parse(text: &str) -> Result<Self, BadProcfile> {
        let mut types = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, command) = line.split_once(':').ok_or(BadProcfile::Form(number))?;
            let (name, command) = (name.trim(), command.trim());
            if name.is_empty() || command.is_empty() {
                return Err(BadProcfile::Form(number));
            }
            if !is_process_type(name) {
                return Err(BadProcfile::Type(number, name.into()));
            }
            if types.insert(name.to_string(), command.to_string()).is_some() {
                return Err(BadProcfile::Twice(number, name.into()));
            }
        }
        Ok(Self(types))
    }
}

/// Whether a process type may be called so.
pub fn is_process_type(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=63).contains(&name.len()) && name.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_commands_are_read() {
        let file = Procfile::parse("# processes\nweb: app.wasm\r\n\nworker:  w.wasm --x=a:b\n").unwrap();
        assert_eq!(file.0["web"], "app.wasm");
        assert_eq!(file.0["worker"], "w.wasm --x=a:b");
    }

    #[test]
    fn a_bad_line_refuses_the_whole_file_by_number() {
        assert_eq!(Procfile::parse("web: a\n<<<<<<< HEAD\n"), Err(BadProcfile::Form(2)));
        assert_eq!(Procfile::parse("web:\n"), Err(BadProcfile::Form(1)));
        assert_eq!(Procfile::parse("w b: x"), Err(BadProcfile::Type(1, "w b".into())));
        assert_eq!(Procfile::parse("web: a\nweb: b"), Err(BadProcfile::Twice(2, "web".into())));
    }
}
