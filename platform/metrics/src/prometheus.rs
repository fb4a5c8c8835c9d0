//! Prometheus' text format, version 0.0.4.
//!
//! The number of series is bounded: the first [`MAX_RELEASES`] releases have theirs, how many are left out is a series too. An app's name is of
//! letters, digits and hyphens, so no label needs escaping.
use crate::{
    histogram::Counts,
    meter::{Meter, Totals},
};
use std::{
    fmt::{self, Write},
    sync::Arc,
};

const MAX_RELEASES: usize = 1_000;
/// Of the six bounds to the power of ten, those that begin with 1, 2 and 5.
const TIME_BOUNDS: fn(usize) -> bool = |bucket| bucket % 2 == 0;
/// Powers of two.
const SIZE_BOUNDS: fn(usize) -> bool = |bucket| bucket % 2 == 0;

type Taken = (String, Totals);

pub(crate) fn text(meters: &[Arc<Meter>]) -> String {
    let shown = meters.iter().take(MAX_RELEASES);
    let taken: Vec<Taken> = shown.map(|meter| (format!("app=\"{}\",release=\"{}\"", meter.name, meter.release), meter.totals())).collect();
    let mut text = String::with_capacity(4_096 + 12_288 * taken.len());
    // Writing to a string does not fail.
    let _written = write(&mut text, &taken, meters.len() - taken.len());
    text
}

fn write(out: &mut String, taken: &[Taken], left_out: usize) -> fmt::Result {
    family(out, "paas_requests_total", "counter", "Requests answered, by class of status.")?;
    for (labels, totals) in taken {
        for (class, count) in totals.classes.iter().enumerate().filter(|(_, count)| **count > 0) {
            writeln!(out, "paas_requests_total{{{labels},status=\"{}xx\"}} {count}", class + 1)?;
        }
    }
    family(out, "paas_request_errors_total", "counter", "Requests that the app did not answer whole, by the router's code.")?;
    for (labels, totals) in taken {
        for (code, count) in totals.errors() {
            writeln!(out, "paas_request_errors_total{{{labels},code=\"{code}\"}} {count}")?;
        }
    }
    family(out, "paas_cold_starts_total", "counter", "Requests that had to load the app first.")?;
    for (labels, totals) in taken {
        writeln!(out, "paas_cold_starts_total{{{labels}}} {}", totals.cold)?;
    }
    times(out, taken, "paas_request_duration_seconds", "From a request's head to its answer's last byte.", |totals| &totals.service)?;
    times(out, taken, "paas_instantiate_duration_seconds", "Making the request's instance.", |totals| &totals.instantiate)?;
    times(out, taken, "paas_request_cpu_seconds", "How long the request's guest kept a thread busy.", |totals| &totals.cpu)?;
    let (name, help) = ("paas_instance_memory_bytes", "The most linear memory that the request's instance had.");
    histogram(out, taken, (name, help), SIZE_BOUNDS, 1.0, |totals| &totals.memory)?;
    family(out, "paas_metrics_releases_left_out", "gauge", "Releases without series of their own, because there are too many.")?;
    writeln!(out, "paas_metrics_releases_left_out {left_out}")
}

fn times(out: &mut String, taken: &[Taken], name: &str, help: &str, of: fn(&Totals) -> &Counts) -> fmt::Result {
    histogram(out, taken, (name, help), TIME_BOUNDS, 1e9, of)
}

/// `unit`: how many of our units make one of Prometheus'.
fn histogram(
    out: &mut String,
    taken: &[Taken],
    (name, help): (&str, &str),
    bounds: fn(usize) -> bool,
    unit: f64,
    of: fn(&Totals) -> &Counts,
) -> fmt::Result {
    family(out, name, "histogram", help)?;
    for (labels, totals) in taken {
        let counts = of(totals);
        for (bound, count) in counts.cumulative(bounds) {
            match bound {
                Some(bound) => writeln!(out, "{name}_bucket{{{labels},le=\"{}\"}} {count}", bound as f64 / unit)?,
                None => writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}")?,
            }
        }
        writeln!(out, "{name}_sum{{{labels}}} {}\n{name}_count{{{labels}}} {}", counts.sum as f64 / unit, counts.total())?;
    }
    Ok(())
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}
