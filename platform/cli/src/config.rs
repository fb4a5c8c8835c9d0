//! Config vars: list, get, set, unset.
use crate::app::open_app;
use crate::args::{ConfigGet, ConfigList, ConfigSet, ConfigUnset, OfApp};
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output::{self, Progress};
use crate::release;
use paas_api_types::{ConfigPatch, ConfigVars};

pub fn list(args: &ConfigList) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let vars: ConfigVars = client.get(&path(&app))?;
    if args.of.json.json {
        return output::json(&vars);
    }
    if args.shell {
        return vars.iter().try_for_each(|(key, value)| output::line(shell_line(key, value)));
    }
    if vars.is_empty() {
        return output::line(format_args!("{app} has no config vars."));
    }
    output::header(format_args!("{app} Config Vars"))?;
    print(&vars)
}

pub fn get(args: &ConfigGet) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let vars: ConfigVars = client.get(&path(&app))?;
    let value = vars
        .get(&args.key)
        .ok_or_else(|| Failure::NotFound(format!("{app} has no config var {}. To see those it has, run: paas config -a {app}", args.key)))?;
    match (args.of.json.json, args.shell) {
        (true, _) => output::json(value),
        (_, true) => output::line(shell_line(&args.key, value)),
        _ => output::line(value),
    }
}

pub fn set(args: &ConfigSet) -> Result<()> {
    if args.pairs.is_empty() {
        let usage = "Usage: paas config:set KEY1=VALUE1 [KEY2=VALUE2 ...]\nMust specify KEY and VALUE to set.";
        return Err(Failure::Usage(usage.to_owned()));
    }
    let pairs = args.pairs.iter().map(|pair| parse_pair(pair)).collect::<Result<ConfigVars>>()?;
    let patch = pairs.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect();
    let (vars, of) = change(&args.of, "Setting", &patch)?;
    match of {
        Form::Json => output::json(&vars),
        Form::Words => print(&pairs),
    }
}

pub fn unset(args: &ConfigUnset) -> Result<()> {
    let patch = args.keys.iter().map(|key| (key.clone(), None)).collect();
    match change(&args.of, "Unsetting", &patch)? {
        (vars, Form::Json) => output::json(&vars),
        (_, Form::Words) => Ok(()),
    }
}

enum Form {
    Json,
    Words,
}

/// `Setting A, C and restarting ⬢ hello... done, v12`
fn change(of: &OfApp, doing: &str, patch: &ConfigPatch) -> Result<(ConfigVars, Form)> {
    let (client, app) = open_app(&of.app)?;
    let keys = patch.keys().map(|key| output::err().green(key).to_string()).collect::<Vec<_>>().join(", ");
    let progress = Progress::start(format_args!("{doing} {keys} and restarting {}", output::err().app(&app)));
    let vars = client.patch(&path(&app), patch)?;
    progress.done_with(output::err().green(&version_now(&client, &app)?));
    Ok((vars, if of.json.json { Form::Json } else { Form::Words }))
}

/// The number of the newest release, once a change has been made: `v12`
pub fn version_now(client: &Client, app: &str) -> Result<String> {
    let newest = release::newest(client, app, 1)?;
    Ok(newest.first().map_or_else(String::new, |release| format!("v{}", release.version)))
}

/// `KEY: value` lines; also what a past release shows.
pub fn print(vars: &ConfigVars) -> Result<()> {
    output::write(output::pairs(vars.iter().map(|(key, value)| (key.as_str(), value.clone()))).as_bytes())
}

fn path(app: &str) -> String {
    format!("/apps/{app}/config-vars")
}

/// Splits at the first `=`: the value may have more of them, and line breaks.
fn parse_pair(pair: &str) -> Result<(String, String)> {
    let invalid = || Failure::Usage(format!("{} is invalid. Must be in the format FOO=bar.", pair.lines().next().unwrap_or("''")));
    let (key, value) = pair.split_once('=').ok_or_else(invalid)?;
    let key = parse_key(key).map_err(|_| invalid())?;
    Ok((key, value.to_owned()))
}

/// What a key looks like; which are reserved, the server says.
pub fn parse_key(key: &str) -> Result<String, String> {
    let first = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (first && rest).then(|| key.to_owned()).ok_or_else(|| "a key has only letters, digits and underscores, and no digit first".to_owned())
}

/// `KEY='value'`, quoted so that a POSIX shell reads the value back as it is.
fn shell_line(key: &str, value: &str) -> String {
    format!("{key}={}", shell_quote(value))
}

pub fn shell_quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(text: &str) -> (String, String) {
        parse_pair(text).unwrap()
    }

    #[test]
    fn a_value_may_hold_equal_signs_line_breaks_and_nothing() {
        assert_eq!(pair("A=b"), ("A".into(), "b".into()));
        assert_eq!(pair("URL=postgres://h/?a=b=c"), ("URL".into(), "postgres://h/?a=b=c".into()));
        assert_eq!(pair("PEM=line 1\nline 2=\n"), ("PEM".into(), "line 1\nline 2=\n".into()));
        assert_eq!(pair("_EMPTY="), ("_EMPTY".into(), String::new()));
    }

    #[test]
    fn what_is_no_pair_is_named_in_herokus_words() {
        let words = parse_pair("X").unwrap_err().to_string();
        assert_eq!(words, "X is invalid. Must be in the format FOO=bar.");
        for wrong in ["", "=b", "A-B=c", "1A=b", "A B=c"] {
            assert!(parse_pair(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_shell_reads_back_what_was_set() {
        let value = "it's $HOME \\ `x` \"y\"\nend";
        let script = format!("{}; printf %s \"$V\"", shell_line("V", value));
        let shell = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(String::from_utf8(shell.stdout).unwrap(), value);
    }
}
