//! Builds: list, and what one printed.
use crate::app::open_app;
use crate::args::{BuildOutput, Builds, OfBuild};
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output::{self, Paint, Text};
use paas_api_types::Build;
use std::cmp::Reverse;
use std::io::{BufRead, Read};

/// Keeps everything but an id out of request paths.
pub fn parse_id(text: &str) -> Result<String, String> {
    let fits = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    fits.then(|| text.to_owned()).ok_or_else(|| "an id is as `paas builds` shows it".to_owned())
}

pub fn list(args: &Builds) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let mut builds = newest_first(&client, &app)?;
    builds.truncate(args.number as usize);
    if args.of.json.json {
        return output::json(&builds);
    }
    if builds.is_empty() {
        return output::line(format_args!("{app} has no builds. To make one, run: git push paas main"));
    }
    output::header(format_args!("{app} Builds"))?;
    let rows: Vec<_> = builds.iter().map(|build| row(build, output::out())).collect();
    output::write(output::table(&rows).as_bytes())
}

fn newest_first(client: &Client, app: &str) -> Result<Vec<Build>> {
    let mut builds: Vec<Build> = client.get(&format!("/apps/{app}/builds"))?;
    builds.sort_by_key(|build| Reverse(build.created_at));
    Ok(builds)
}

fn row(build: &Build, paint: Paint) -> Vec<Text> {
    let commit = build.source_blob.version.as_deref().unwrap_or("-");
    vec![
        paint.text(&build.id.to_string()),
        match build.status.as_str() {
            "failed" => paint.red("failed"),
            "pending" => paint.yellow("pending"),
            other => paint.text(other),
        },
        paint.text(commit.get(..8).unwrap_or(commit)),
        paint.text(build.buildpack.as_deref().unwrap_or("-")),
        paint.text(&build.user.email),
        paint.faint(&output::time(build.created_at)),
    ]
}

pub fn info(args: &OfBuild) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let build: Build = client.get(&path(&client, &app, args)?)?;
    if args.of.json.json {
        return output::json(&build);
    }
    output::header(format_args!("{app} Build {}", build.id))?;
    let mut pairs = vec![
        ("Status", build.status.clone()),
        ("Commit", build.source_blob.version.clone().unwrap_or_default()),
        ("Buildpack", build.buildpack.clone().unwrap_or_else(|| "not chosen yet".into())),
        ("By", build.user.email.clone()),
        ("Began", output::time(build.created_at)),
    ];
    if let Some(slug) = &build.slug {
        pairs.push(("Slug", slug.id.clone()));
    }
    if let Some(ended) = build.finished_at {
        pairs.push(("Took", seconds((ended - build.created_at).num_milliseconds().unsigned_abs())));
    }
    pairs.extend(build.phases.iter().map(|phase| (phase.name.as_str(), seconds(phase.ms))));
    output::write(output::pairs(pairs).as_bytes())?;
    made_with("Toolchain", build.toolchain.iter().map(|(name, version)| (name.as_str(), version.clone())))?;
    made_with("Lock files (sha256)", build.locks.iter().map(|lock| (lock.name.as_str(), lock.sha256.clone())))
}

/// A part of its own; nothing if nothing is known.
fn made_with<'a>(what: &str, pairs: impl Iterator<Item = (&'a str, String)>) -> Result<()> {
    let mut pairs = pairs.peekable();
    if pairs.peek().is_none() {
        return Ok(());
    }
    output::line("")?;
    output::header(what)?;
    output::write(output::pairs(pairs).as_bytes())
}

/// Prints the CycloneDX document as the server gives it out.
pub fn sbom(args: &BuildOutput) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let id = args.id.clone().map_or_else(|| newest_id(&client, &app), Ok)?;
    let mut document = String::new();
    client
        .stream(&format!("/apps/{app}/builds/{id}/sbom"))?
        .read_to_string(&mut document)
        .map_err(|error| Failure::local("read the document to its end", format_args!("{error}. Run the command again")))?;
    output::line(document)
}

pub fn cancel(args: &OfBuild) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let build: Build = client.take(&path(&client, &app, args)?)?;
    match args.of.json.json {
        true => output::json(&build),
        false => output::line(format_args!("Stopping build {}. Its push is rejected.", build.id)),
    }
}

fn path(client: &Client, app: &str, args: &OfBuild) -> Result<String> {
    let id = args.id.clone().map_or_else(|| newest_id(client, app), Ok)?;
    Ok(format!("/apps/{app}/builds/{id}"))
}

fn seconds(ms: u64) -> String {
    format!("{:.2}s", ms as f64 / 1000.0)
}

/// Prints what there is, then what comes, until the build ends.
pub fn output(args: &BuildOutput) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let id = match &args.id {
        Some(id) => id.clone(),
        None => newest_id(&client, &app)?,
    };
    follow(&client, &app, &id, |line| output::line(output::out().text(line)))
}

/// Hands over each line, until the build ends.
pub fn follow(client: &Client, app: &str, id: &str, mut show: impl FnMut(&str) -> Result<()>) -> Result<()> {
    for line in client.stream(&format!("/apps/{app}/builds/{id}/output"))?.split(b'\n') {
        let line = line.map_err(|error| Failure::local("read the output to its end", format_args!("{error}. Run the command again")))?;
        show(&String::from_utf8_lossy(&line))?;
    }
    Ok(())
}

fn newest_id(client: &Client, app: &str) -> Result<String> {
    let newest = newest_first(client, app)?.into_iter().next();
    newest.map(|build| build.id.to_string()).ok_or_else(|| Failure::NotFound(format!("{app} has no builds. To make one, run: git push paas main")))
}
