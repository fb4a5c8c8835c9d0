//! How many apps a node gets: memory, disk, start-up and first requests, as the number grows.
use crate::{
    cold::first_requests,
    fleet::Fleet,
    folder, machine,
    process::{self, Maps, Usage},
    subject::quantile,
};
use paas_tests::{Platform, platform::project, sample};
use std::{fmt::Write, fs, path::Path, process::Command, time::Instant};

const KINDS: [(&str, &str); 2] = [("tiny", "bench/apps/tiny"), ("javascript", "bench/apps/javascript")];
const STEPS: [usize; 4] = [10, 100, 1_000, 10_000];
/// At the end all apps are asked once more with so little memory for loaded ones, to see that it holds.
const BUDGET_BYTES: usize = 16 << 20;

/// One point of the curve.
struct Point {
    apps: usize,
    start_s: f64,
    started: Usage,
    asked: Usage,
    maps: Maps,
    p50_ms: f64,
    p99_ms: f64,
    disk_mib: f64,
}

/// Each kind, or the one of that name, in a data folder of its own, up to `most` apps.
pub async fn run(most: usize, only: Option<&str>) -> String {
    let mut text = head();
    for (kind, source) in KINDS {
        let section = match only {
            Some(only) if only != kind => before(kind),
            _ => section(kind, source, most).await,
        };
        write!(text, "\n## {kind}\n\n{section}").expect("a string can be written");
    }
    text
}

/// What the report says of a kind that is not measured now.
fn before(kind: &str) -> String {
    let text = fs::read_to_string(folder().join("DENSITY.md")).unwrap_or_default();
    let found = text.split("\n## ").find_map(|section| section.strip_prefix(kind)?.strip_prefix("\n\n"));
    found.unwrap_or("Not measured.\n").to_string()
}

async fn section(kind: &str, source: &str, most: usize) -> String {
    let mut platform = Platform::start().await;
    push(&platform, kind, source).await;
    let mut points: Vec<Point> = Vec::new();
    let mut text = format!("{}\n{COLUMNS}\n", machine::describe_ours());
    for apps in STEPS.into_iter().filter(|step| *step <= most) {
        let first = points.last().map_or(1, |point| point.apps + 1);
        let made = Instant::now();
        Fleet::new(&platform).make(kind, "idle", first..=apps).await.unwrap_or_else(|said| panic!("{said}"));
        eprintln!("{kind}: {apps} apps, the last {} made in {:.0} s", apps + 1 - first, made.elapsed().as_secs_f64());
        points.push(point(&mut platform, apps).await);
        let row = row(&points, points.len() - 1);
        eprintln!("{row}");
        writeln!(text, "{row}").expect("a string can be written");
    }
    let Some(apps) = points.last().map(|point| point.apps) else { return text };
    platform.set("PAAS_MEMORY_BUDGET", &BUDGET_BYTES.to_string());
    points.push(point(&mut platform, apps).await);
    let asked = &points[points.len() - 1];
    write!(
        text,
        "\nWith `PAAS_MEMORY_BUDGET` at {} MiB, all {apps} asked once: {} programs loaded at the end, private memory {:.0} MiB ({:.0} at the start), first request {:.2} / {:.2} ms.\n",
        BUDGET_BYTES >> 20,
        asked.maps.programs,
        mib(asked.asked.private_kib),
        mib(asked.started.private_kib),
        asked.p50_ms,
        asked.p99_ms
    )
    .expect("a string can be written");
    text
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

async fn push(platform: &Platform, app: &str, source: &str) {
    let developer = platform.developer();
    let repository = developer.repository(app).await;
    sample::copy_folder(&project().join("tests").join(source), &repository.path);
    repository.commit("First").await;
    repository.push().await.ok();
}

/// Starts the platform with these apps, looks, asks each app once, and looks again.
async fn point(platform: &mut Platform, apps: usize) -> Point {
    platform.stop().await;
    let began = Instant::now();
    platform.run().await;
    let start_s = began.elapsed().as_secs_f64();
    let pid = platform.pid().expect("paasd runs");
    let started = process::usage(&[pid]);
    let times = first_requests(platform, "idle", apps).await;
    let asked = process::usage(&[pid]);
    Point {
        apps,
        start_s,
        started,
        asked,
        maps: process::maps(pid),
        p50_ms: quantile(&times, 0.5),
        p99_ms: quantile(&times, 0.99),
        disk_mib: disk_mib(platform.data()) + disk_mib(&platform.cache().join("runtime")),
    }
}

const COLUMNS: &str = "| apps | start-up s | private MiB at the start | each asked once | KiB an app | resident MiB, each asked once | KiB an app | programs loaded | maps | first request p50 / p99 ms | disk MiB an app |
|---|---|---|---|---|---|---|---|---|---|---|";

/// Memory and disk of an app are the growth since the first point.
fn row(points: &[Point], number: usize) -> String {
    let (first, now) = (&points[0], &points[number]);
    let each = |value: fn(&Point) -> f64, digits: usize| match now.apps - first.apps {
        0 => "–".to_string(),
        more => format!("{:.digits$}", (value(now) - value(first)) / more as f64),
    };
    format!(
        "| {} | {:.2} | {:.0} | {:.0} | {} | {:.0} | {} | {} | {} | {:.2} / {:.2} | {} |",
        now.apps,
        now.start_s,
        mib(now.started.private_kib),
        mib(now.asked.private_kib),
        each(|point| point.asked.private_kib as f64, 1),
        mib(now.asked.rss_kib),
        each(|point| point.asked.rss_kib as f64, 1),
        now.maps.programs,
        now.maps.all,
        now.p50_ms,
        now.p99_ms,
        each(|point| point.disk_mib, 2),
    )
}

fn disk_mib(folder: &Path) -> f64 {
    let output = Command::new("du").args(["-s", "--block-size=1K"]).arg(folder).output().expect("du is there");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn head() -> String {
    "# Many idle apps on one node\n\nMade by `make bench-density`; see README.md. The apps of a kind are releases of one slug, made through the API: each has its own name, config, \
     row, log and handle, and a JavaScript app its own boot and snapshot. What they share is the slug's files and, for tiny ones, the compiled file on the disk, which \
     each of them maps for itself. Private: anonymous memory of paasd. Resident: all of its memory, files included. \
     `an app`: the growth since the first row. Disk: data folder (database, logs, slugs) and the node's cache of code and snapshots, of which whole ones take up to \
     `PAAS_SNAPSHOT_BUDGET`, 1 GB here; where there are more, the first request unpacks one, and a program is loaded only until others need its room.\n"
        .into()
}
