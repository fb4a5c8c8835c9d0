//! What an app's requests cost.
use crate::app::open_app;
use crate::args::OfApp;
use crate::failure::Result;
use crate::output::{self, Paint, Text};
use paas_api_types::{Metrics, Quantiles, ReleaseMetrics};

pub fn show(args: &OfApp) -> Result<()> {
    let (client, app) = open_app(&args.app)?;
    let metrics: Metrics = client.get(&format!("/apps/{app}/metrics"))?;
    if args.json.json {
        return output::json(&metrics);
    }
    let Some(total) = &metrics.total else {
        return output::line(format_args!("Nobody has asked {app} for anything since the platform started. To ask it, run: paas open -a {app}"));
    };
    output::header(format_args!("{app} Metrics since the platform started"))?;
    let paint = output::out();
    let mut rows = vec![HEADINGS.iter().map(|heading| paint.faint(heading)).collect()];
    rows.extend(metrics.releases.iter().map(|release| row(release, paint)));
    if metrics.releases.len() > 1 {
        rows.push(row(total, paint));
    }
    output::write(output::table(&rows).as_bytes())?;
    output::line(paint.faint("Times and memory: what half, 95 % and 99 % of the requests did not exceed."))
}

const HEADINGS: [&str; 8] = ["", "requests", "cold", "errors", "service", "instantiate", "cpu", "memory"];

fn row(release: &ReleaseMetrics, paint: Paint) -> Vec<Text> {
    let name = release.version.map_or_else(|| "all".to_owned(), |version| format!("v{version}"));
    vec![
        paint.text(&name),
        paint.text(&release.requests.to_string()),
        paint.text(&release.cold.to_string()),
        errors(release, paint),
        paint.text(&quantiles(release.service_ms, time)),
        paint.text(&quantiles(release.instantiate_ms, time)),
        paint.text(&quantiles(release.cpu_ms, time)),
        paint.text(&quantiles(release.memory_bytes, |bytes| output::bytes(bytes as u64))),
    ]
}

/// `2 (H10: 1, H27: 1)`; statuses of 500 and more that the app itself sent have no code.
fn errors(release: &ReleaseMetrics, paint: Paint) -> Text {
    let visitors = |code: &str| ["H27", "H28"].contains(&code);
    let own = release.status.get("5xx").copied().unwrap_or_default();
    let left: u64 = release.codes.iter().filter(|(code, _)| visitors(code)).map(|(_, count)| count).sum();
    let codes: Vec<_> = release.codes.iter().map(|(code, count)| format!("{code}: {count}")).collect();
    match (own + left, codes.as_slice()) {
        (0, _) => paint.text("0"),
        (count, []) => paint.red(&count.to_string()),
        (count, codes) => paint.red(&format!("{count} ({})", codes.join(", "))),
    }
}

fn quantiles(values: Option<Quantiles>, unit: fn(f64) -> String) -> String {
    values.map_or_else(|| "-".to_owned(), |values| [values.p50, values.p95, values.p99].map(unit).join(" / "))
}

/// Three digits are enough: `41 µs`, `1.8 ms`, `12 s`.
fn time(ms: f64) -> String {
    let (value, unit) = match ms {
        ms if ms < 1.0 => (ms * 1e3, "µs"),
        ms if ms < 1e3 => (ms, "ms"),
        ms => (ms / 1e3, "s"),
    };
    if value < 10.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}
