//! Where a server spends its time under load: perf's samples, by function.
use crate::{load, subject::Subject};
use std::process::{Command, Stdio};

const SECONDS: u64 = 3;
const SHOWN: usize = 14;

/// The functions on top, or why there are none.
pub fn of(subject: &Subject) -> String {
    let file = std::env::temp_dir().join(format!("paas-bench-{}.perf", std::process::id()));
    let pids = subject.pids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let mut record = Command::new("perf");
    record.args(["record", "--quiet", "--event", "cpu-clock", "--freq", "999", "--output"]).arg(&file).args(["--pid", &pids]);
    record.args(["--", "sleep", &SECONDS.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut recording) = record.spawn() else { return "perf is not installed.".into() };
    let loaded = load::round(subject, SECONDS + 1);
    let recorded = recording.wait();
    if loaded.is_err() || !recorded.is_ok_and(|status| status.success()) {
        return "perf could not sample here.".into();
    }
    let report = Command::new("perf")
        .args(["report", "--stdio", "--no-children", "--sort", "symbol", "--percent-limit", "0.5", "--input"])
        .arg(&file)
        .output();
    std::fs::remove_file(&file).ok(); // it lies in the system's folder for such files
    let text = report.map(|report| report.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().map(str::trim).filter(|line| line.split_whitespace().next().is_some_and(|first| first.ends_with('%')));
    lines.take(SHOWN).map(|line| line.chars().take(150).collect::<String>().trim_end().to_string()).collect::<Vec<_>>().join("\n")
}
