//! How many apps a node gets: memory, disk, start-up and first requests, as the number grows.
use crate::{
    cold::first_requests,
    fleet::Fleet,
    machine,
    process::{self, Usage},
    subject::quantile,
};
use paas_tests::{Platform, platform::project, sample};
use std::{fmt::Write, path::Path, process::Command, time::Instant};

const KINDS: [(&str, &str); 2] = [("tiny", "bench/apps/tiny"), ("javascript", "bench/apps/javascript")];
const STEPS: [usize; 4] = [10, 100, 1_000, 10_000];

/// One point of the curve.
struct Point {
    apps: usize,
    start_s: f64,
    started: Usage,
    asked: Usage,
    maps: usize,
    p50_ms: f64,
    p99_ms: f64,
    disk_mib: f64,
}

/// Each kind in a data folder of its own, up to `most` apps.
pub async fn run(most: usize) -> String {
    let mut text = head();
    for (kind, source) in KINDS {
        let mut platform = Platform::start().await;
        push(&platform, kind, source).await;
        writeln!(text, "\n## {kind}\n\n{COLUMNS}").expect("a string can be written");
        let mut points: Vec<Point> = Vec::new();
        let steps = STEPS.iter().copied().filter(|step| *step <= most);
        for apps in steps {
            let first = points.last().map_or(1, |point| point.apps + 1);
            let made = Instant::now();
            Fleet::new(&platform).make(kind, "idle", first..=apps).await.unwrap_or_else(|said| panic!("{said}"));
            eprintln!("{kind}: {apps} apps, the last {} made in {:.0} s", apps + 1 - first, made.elapsed().as_secs_f64());
            points.push(point(&mut platform, apps).await);
            writeln!(text, "{}", row(&points)).expect("a string can be written");
        }
    }
    text
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

const COLUMNS: &str = "| apps | start-up s | private MiB at the start | private MiB, each asked once | private KiB an app | resident MiB | resident KiB an app | maps | first request p50 / p99 ms | disk MiB an app |
|---|---|---|---|---|---|---|---|---|---|";

/// The newest point; memory and disk of an app are the growth since the first point.
fn row(points: &[Point]) -> String {
    let Some((first, now)) = points.first().zip(points.last()) else { return String::new() };
    let each = |value: fn(&Point) -> f64| match now.apps - first.apps {
        0 => "–".to_string(),
        more => format!("{:.1}", (value(now) - value(first)) / more as f64),
    };
    let disk = match now.apps - first.apps {
        0 => "–".to_string(),
        more => format!("{:.2}", (now.disk_mib - first.disk_mib) / more as f64),
    };
    format!(
        "| {} | {:.2} | {:.0} | {:.0} | {} | {:.0} | {} | {} | {:.2} / {:.2} | {disk} |",
        now.apps,
        now.start_s,
        now.started.private_kib as f64 / 1024.0,
        now.asked.private_kib as f64 / 1024.0,
        each(|point| point.asked.private_kib as f64),
        now.asked.rss_kib as f64 / 1024.0,
        each(|point| point.asked.rss_kib as f64),
        now.maps,
        now.p50_ms,
        now.p99_ms,
    )
}

fn disk_mib(folder: &Path) -> f64 {
    let output = Command::new("du").args(["-s", "--block-size=1K"]).arg(folder).output().expect("du is there");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn head() -> String {
    format!(
        "# Many idle apps on one node\n\nMade by `make bench-density`; see README.md. The apps of a kind are releases of one slug, made through the API: each has its own name, config, \
         row, log and handle, and a JavaScript app its own boot and snapshot. What they share is the slug's files and, for tiny ones, the compiled file on the disk, which \
         each of them maps for itself. Private: anonymous memory of paasd. Resident: all of its memory, files included. \
         `an app`: the growth since the first row. Disk: data folder (database, logs, slugs) and the node's cache of code and snapshots.\n\n{}",
        machine::describe()
    )
}
