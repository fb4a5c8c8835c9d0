//! Releases: list, show, roll back.
use crate::app::open_app;
use crate::args::{OfRelease, Releases};
use crate::client::Client;
use crate::config;
use crate::failure::{Failure, Result};
use crate::output::{self, Paint, Progress, Text};
use paas_api_types::{ConfigVars, NewRelease, Release};
use std::cmp::Reverse;

/// How far back `rollback` without a version looks.
const ROLLBACK_WINDOW: u32 = 200;

/// `v12` or `12`
pub fn parse_version(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix('v').unwrap_or(text);
    digits.parse().map_err(|_| "a release is written like v12".to_owned())
}

/// At most `count`, newest first.
pub fn newest(client: &Client, app: &str, count: u32) -> Result<Vec<Release>> {
    let mut releases: Vec<Release> = client.newest(&format!("/apps/{app}/releases"), count)?;
    releases.sort_by_key(|release| Reverse(release.version));
    releases.truncate(count as usize);
    Ok(releases)
}

pub fn list(args: &Releases) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let releases = newest(&client, &app, args.number)?;
    if args.of.json.json {
        return output::json(&releases);
    }
    if releases.is_empty() {
        return output::line(format_args!("{app} has no releases."));
    }
    let current = releases.iter().find(|release| release.current).map(|release| format!(" - Current: v{}", release.version));
    output::header(format_args!("{app} Releases{}", current.unwrap_or_default()))?;
    let rows: Vec<_> = releases.iter().map(|release| row(release, output::out())).collect();
    output::write(output::table(&rows).as_bytes())
}

fn row(release: &Release, paint: Paint) -> Vec<Text> {
    let version = format!("v{}", release.version);
    let what = paint.text(&release.description);
    vec![
        if release.current { paint.green(&version) } else { paint.text(&version) },
        match release.status.as_str() {
            "failed" => what.then(paint.red(" release failed")),
            "pending" => what.then(paint.yellow(" release pending")),
            _ => what,
        },
        paint.text(&release.user.email),
        paint.faint(&output::time(release.created_at)),
    ]
}

pub fn info(args: &OfRelease) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let release = match args.version {
        Some(version) => client.get(&format!("/apps/{app}/releases/{version}"))?,
        None => current(&client, &app)?,
    };
    if args.of.json.json {
        return output::json(&release);
    }
    let vars: ConfigVars = client.get(&format!("/apps/{app}/releases/{}/config-vars", release.version))?;
    output::header(format_args!("Release v{}", release.version))?;
    output::write(output::pairs(facts(&release)).as_bytes())?;
    output::line("")?;
    output::header(format_args!("v{} Config Vars", release.version))?;
    config::print(&vars)
}

fn facts(release: &Release) -> Vec<(&'static str, String)> {
    let status = if release.current { format!("{}, current", release.status) } else { release.status.clone() };
    let mut facts = vec![
        ("By", release.user.email.clone()),
        ("Change", release.description.clone()),
        ("Status", status),
        ("When", output::time(release.created_at)),
    ];
    facts.extend(release.commit.clone().map(|commit| ("Commit", commit)));
    facts.extend(listed("Capabilities", &release.capabilities));
    facts.extend(listed("Egress", &release.egress));
    facts.extend(release.process_types.iter().map(|(name, command)| ("Process", process(name, command))));
    facts.extend(release.cron.iter().map(|cron| ("Cron", format!("{}  {} (recorded; not run yet)", cron.schedule, cron.command))));
    facts.extend(release.slug.as_ref().map(|_| ("Web URL", release.web_url.clone())));
    facts
}

fn process(name: &str, command: &str) -> String {
    let note = if matches!(name, "web" | "release") { "" } else { " (recorded; not run yet)" };
    format!("{name}: {command}{note}")
}

fn listed(name: &'static str, words: &[String]) -> Option<(&'static str, String)> {
    (!words.is_empty()).then(|| (name, words.join(", ")))
}

fn current(client: &Client, app: &str) -> Result<Release> {
    let releases = newest(client, app, ROLLBACK_WINDOW)?;
    let place = releases.iter().position(|release| release.current).unwrap_or(0);
    releases.into_iter().nth(place).ok_or_else(|| Failure::NotFound(format!("{app} has no releases. To make one, run: git push paas main")))
}

pub fn rollback(args: &OfRelease) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let version = match args.version {
        Some(version) => version,
        None => previous(&newest(&client, &app, ROLLBACK_WINDOW)?)
            .ok_or_else(|| Failure::NotFound(format!("No eligible release found for {app} to roll back to.")))?,
    };
    let paint = output::err();
    let progress = Progress::start(format_args!("Rolling back {} to {}", paint.app(&app), paint.green(&format!("v{version}"))));
    let wanted = NewRelease { release: Some(version.to_string()), ..NewRelease::default() };
    let release: Release = client.post(&format!("/apps/{app}/releases"), &wanted)?;
    progress.done_with(paint.green(&format!("v{}", release.version)));
    output::warn("Rollback affects code and config vars; it doesn't add or remove addons.");
    output::warn(&format!("To undo, run: paas rollback v{}", release.version - 1));
    if args.of.json.json { output::json(&release) } else { Ok(()) }
}

/// The newest release before the current one that can run again. `releases` are newest first.
fn previous(releases: &[Release]) -> Option<u32> {
    let current = releases.iter().find(|release| release.current)?.version;
    let fits = |release: &&Release| release.version < current && release.eligible_for_rollback;
    releases.iter().find(fits).map(|release| release.version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use paas_api_types::{AccountRef, AppRef};
    use uuid::Uuid;

    fn release(version: u32, current: bool, eligible_for_rollback: bool) -> Release {
        let id = Uuid::nil();
        Release {
            id,
            app: AppRef { id, name: "hello".into() },
            version,
            status: "succeeded".into(),
            current,
            description: "Deploy 4c47f1a2".into(),
            user: AccountRef { id, email: "ann@example.com".into() },
            slug: None,
            addon_plan_names: Vec::new(),
            output_stream_url: None,
            eligible_for_rollback,
            created_at: Utc::now(),
            updated_at: Utc::now(),
            web_url: String::new(),
            commit: None,
            build: None,
            capabilities: Vec::new(),
            egress: Vec::new(),
            process_types: Default::default(),
            cron: Vec::new(),
        }
    }

    #[test]
    fn versions_are_read_with_and_without_their_letter() {
        assert_eq!(parse_version("v12"), Ok(12));
        assert_eq!(parse_version("12"), Ok(12));
        assert!(parse_version("latest").is_err());
    }

    #[test]
    fn a_rollback_goes_to_the_last_release_that_can_run_before_the_current_one() {
        let releases = [release(6, false, true), release(5, true, true), release(4, false, false), release(3, false, true), release(2, false, true)];
        assert_eq!(previous(&releases), Some(3));
        assert_eq!(previous(&releases[1..3]), None);
    }
}
