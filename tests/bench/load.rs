//! The load: wrk, as Debian ships it, on the same machine.
use crate::{
    process,
    subject::{Sample, Subject},
};
use std::process::Command;

pub const THREADS: usize = 2;
pub const CONNECTIONS: usize = 32;

/// Asks `subject` for as long as said; `Err` is what wrk said when it said no figures.
pub fn round(subject: &Subject, seconds: u64) -> Result<Sample, String> {
    let before = process::cpu_us(&subject.pids);
    let output = wrk(subject, seconds).output().map_err(|error| format!("wrk: {error}"))?;
    let usage = process::usage(&subject.pids);
    let text = String::from_utf8_lossy(&output.stdout);
    let figures = parse(&text).ok_or_else(|| format!("{text}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Sample { cpu_us: (usage.cpu_us - before) / figures.requests as f64, pss_mib: usage.pss_kib as f64 / 1024.0, ..figures.sample })
}

fn wrk(subject: &Subject, seconds: u64) -> Command {
    let mut command = Command::new("wrk");
    command.args(["--latency", "-t", &THREADS.to_string(), "-c", &CONNECTIONS.to_string(), "-d", &format!("{seconds}s"), "--timeout", "30s"]);
    match &subject.script {
        None => command.args(["-H", &format!("Host: {}", subject.host), &url(subject)]),
        Some((script, arguments)) => command.arg("-s").arg(script).arg(url(subject)).arg("--").args(arguments),
    };
    command
}

fn url(subject: &Subject) -> String {
    format!("http://127.0.0.1:{}/", subject.port)
}

struct Figures {
    requests: u64,
    sample: Sample,
}

fn parse(text: &str) -> Option<Figures> {
    let after = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label)).map(str::trim);
    let requests: u64 = text.lines().find_map(|line| line.trim().split_once(" requests in "))?.0.parse().ok()?;
    let failed = after("Non-2xx or 3xx responses:").map_or(0, |count| count.parse().unwrap_or(u64::MAX));
    let broken =
        after("Socket errors:").map_or(0, |errors| errors.split(|c: char| !c.is_ascii_digit()).filter_map(|count| count.parse::<u64>().ok()).sum());
    let sample = Sample {
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50_ms: milliseconds(after("50%")?)?,
        p99_ms: milliseconds(after("99%")?)?,
        failures: failed + broken,
        ..Sample::default()
    };
    (requests > 0).then_some(Figures { requests, sample })
}

/// wrk writes `190.00us`, `2.70ms`, `1.02s`.
fn milliseconds(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    match unit {
        "us" => Some(number / 1000.0),
        "ms" => Some(number),
        "s" => Some(number * 1000.0),
        "m" => Some(number * 60_000.0),
        _ => None,
    }
}
