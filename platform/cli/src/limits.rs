//! Limits: list, set, unset.
use crate::app::open_app;
use crate::args::{LimitsSet, LimitsUnset, OfApp};
use crate::config::version_now;
use crate::failure::{Failure, Result};
use crate::output::{self, Paint, Progress, Text};
use paas_api_types::{Limit, LimitPatch};

pub fn list(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let limits: Vec<Limit> = client.get(&path(&app))?;
    if args.json.json {
        return output::json(&limits);
    }
    output::header(format_args!("{app} Limits"))?;
    let paint = output::out();
    let head = ["name", "value", "default", "cap", "beyond it"].map(|title| paint.faint(title)).to_vec();
    let rows: Vec<_> = std::iter::once(head).chain(limits.iter().map(|limit| row(limit, paint))).collect();
    output::write(output::table(&rows).as_bytes())
}

/// A value that the app chose itself stands out.
fn row(limit: &Limit, paint: Paint) -> Vec<Text> {
    vec![
        paint.text(&limit.name),
        if limit.set { paint.green(&limit.value) } else { paint.text(&limit.value) },
        paint.text(&limit.default),
        paint.text(&limit.cap),
        paint.faint(&limit.exceeded),
    ]
}

pub fn set(args: &LimitsSet) -> Result<()> {
    if args.pairs.is_empty() {
        let usage = "Usage: paas limits:set NAME1=VALUE1 [NAME2=VALUE2 ...]\nMust specify NAME and VALUE to set.";
        return Err(Failure::Usage(usage.to_owned()));
    }
    let patch = args.pairs.iter().map(|pair| parse_pair(pair)).collect::<Result<_>>()?;
    change(&args.of, "Setting", &patch)
}

pub fn unset(args: &LimitsUnset) -> Result<()> {
    let patch = args.names.iter().map(|name| (name.clone(), None)).collect();
    change(&args.of, "Unsetting", &patch)
}

/// `Setting cpu, memory and restarting ⬢ hello... done, v12`, then what holds.
fn change(of: &OfApp, doing: &str, patch: &LimitPatch) -> Result<()> {
    let (client, app) = open_app(&of.app)?;
    let names = patch.keys().map(|name| output::err().green(name).to_string()).collect::<Vec<_>>().join(", ");
    let progress = Progress::start(format_args!("{doing} {names} and restarting {}", output::err().app(&app)));
    let limits: Vec<Limit> = client.patch(&path(&app), patch)?;
    progress.done_with(output::err().green(&version_now(&client, &app)?));
    if of.json.json {
        return output::json(&limits);
    }
    let changed = limits.iter().filter(|limit| patch.contains_key(&limit.name));
    output::write(output::pairs(changed.map(|limit| (limit.name.as_str(), limit.value.clone()))).as_bytes())
}

fn path(app: &str) -> String {
    format!("/apps/{app}/limits")
}

fn parse_pair(pair: &str) -> Result<(String, Option<String>)> {
    let invalid = || Failure::Usage(format!("{pair} is invalid. Must be in the format memory=256MB. To see all limits, run: paas limits"));
    let (name, value) = pair.split_once('=').ok_or_else(invalid)?;
    Ok((name.to_owned(), Some(value.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_set_by_its_name_and_value() {
        assert_eq!(parse_pair("memory=256MB").unwrap(), ("memory".into(), Some("256MB".into())));
        assert_eq!(
            parse_pair("memory").unwrap_err().to_string().lines().next(),
            Some("memory is invalid. Must be in the format memory=256MB. To see all limits, run: paas limits")
        );
    }
}
