//! Deploys without git: an archive of files, or a slug that was built elsewhere.
use crate::app::open_app;
use crate::args::{BuildsCreate, SlugsUpload};
use crate::build::follow;
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::output::{self, Progress};
use crate::pack::{pack_all, pack_kept};
use paas_api_types::{Build, NewBuild, NewRelease, NewSlug, NewSourceBlob, Release, Slug, Source};
use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A build's output ends a moment before its verdict is written down.
const VERDICT_WITHIN: Duration = Duration::from_secs(30);
const ASK_EVERY: Duration = Duration::from_millis(200);

pub fn build(args: &BuildsCreate) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let archive = match (&args.source_tar, &args.source_dir) {
        (Some(file), _) => open(file)?,
        (None, Some(folder)) => packed(folder, pack_kept)?,
        (None, None) => return Err(Failure::Usage("Say what to build: --source-tar FILE or --source-dir DIR.".into())),
    };
    let source: Source = client.post("/sources", &())?;
    send(&client, &source.source_blob.put_url, &archive)?;
    let source_blob = NewSourceBlob { url: source.source_blob.get_url, version: args.version.clone(), checksum: None };
    let build: Build = client.post(&format!("/apps/{app}/builds"), &NewBuild { source_blob, buildpacks: Vec::new() })?;
    let id = build.id.to_string();
    follow(&client, &app, &id, |line| match args.of.json.json {
        true => {
            output::note(output::err().text(line));
            Ok(())
        }
        false => output::line(output::out().text(line)),
    })?;
    let build = ended(&client, &app, &id)?;
    if args.of.json.json {
        output::json(&build)?;
    }
    match build.status.as_str() {
        "succeeded" => Ok(()),
        status => Err(Failure::Refused(format!("Build {id} is {status}. To read why again, run: paas builds:output {id} -a {app}"))),
    }
}

pub fn slug(args: &SlugsUpload) -> Result<()> {
    let (client, app) = open_app(&args.of.app)?;
    let archive = if args.slug.is_dir() { packed(&args.slug, pack_all)? } else { open(&args.slug)? };
    let slug: Slug = client.post(&format!("/apps/{app}/slugs"), &NewSlug { commit: args.commit.clone() })?;
    send(&client, &slug.blob.url, &archive)?;
    let progress = Progress::start(format_args!("Releasing the slug as {}", output::err().app(&app)));
    let new = NewRelease { slug: Some(slug.id.to_string()), ..NewRelease::default() };
    let release: Release = client.post(&format!("/apps/{app}/releases"), &new)?;
    progress.done_with(format_args!("v{}", release.version));
    match args.of.json.json {
        true => output::json(&release),
        false => Ok(()),
    }
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Failure::local(format_args!("open {}", path.display()), format_args!("{error}. Check its name")))
}

fn packed(folder: &Path, pack: fn(&Path) -> Result<File>) -> Result<File> {
    let progress = Progress::start(format_args!("Packing {}", folder.display()));
    let archive = pack(folder)?;
    progress.done_with(size(&archive)?);
    Ok(archive)
}

fn send(client: &Client, url: &str, archive: &File) -> Result<()> {
    let progress = Progress::start(format_args!("Sending {}", size(archive)?));
    client.send_elsewhere(url, archive)?;
    progress.done();
    Ok(())
}

fn size(file: &File) -> Result<String> {
    Ok(output::bytes(file.metadata().map_err(|error| Failure::local("measure the archive", error))?.len()))
}

fn ended(client: &Client, app: &str, id: &str) -> Result<Build> {
    let deadline = Instant::now() + VERDICT_WITHIN;
    loop {
        let build: Build = client.get(&format!("/apps/{app}/builds/{id}"))?;
        if build.status != "pending" || Instant::now() > deadline {
            return Ok(build);
        }
        sleep(ASK_EVERY);
    }
}
