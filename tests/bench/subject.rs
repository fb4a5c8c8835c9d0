//! Something that answers requests, and what one round told of it.
use std::path::PathBuf;

pub struct Subject {
    pub name: String,
    /// What it is, in a line of the report.
    pub about: String,
    pub port: u16,
    /// The `Host` that is asked for; with `script`, the script's own.
    pub host: String,
    /// A wrk script and its arguments.
    pub script: Option<(PathBuf, Vec<String>)>,
    /// The processes whose cost is counted, with their descendants.
    pub pids: Vec<u32>,
}

impl Subject {
    pub fn new(name: &str, about: &str, port: u16, pids: &[u32]) -> Self {
        Self { name: name.into(), about: about.into(), port, host: "localhost".into(), script: None, pids: pids.into() }
    }
}

/// One measurement of one subject.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Processor time of the server, in microseconds a request.
    pub cpu_us: f64,
    pub pss_mib: f64,
    /// Answers that were not 2xx, and broken connections.
    pub failures: u64,
}

/// The middle one; of two middle ones, the upper.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value that `share` of all lie below.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values.get(((values.len().saturating_sub(1)) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}
