//! What processes cost, read from /proc.
use std::{collections::HashMap, fs};

/// Processor time and memory of a process with its descendants; Postgres, which no request asks, is left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub cpu_us: f64,
    pub pss_kib: u64,
    pub rss_kib: u64,
    /// Memory that nobody else has, and that no file backs.
    pub private_kib: u64,
}

pub fn cpu_us(roots: &[u32]) -> f64 {
    tree(roots).into_iter().map(cpu_of).sum()
}

pub fn usage(roots: &[u32]) -> Usage {
    let mut all = Usage { cpu_us: cpu_us(roots), ..Usage::default() };
    for pid in tree(roots) {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
        let field =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0u64);
        all.pss_kib += field("Pss:");
        all.rss_kib += field("Rss:");
        all.private_kib += field("Anonymous:");
    }
    all
}

/// What a process has mapped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Maps {
    pub all: usize,
    /// Programs: each begins with the first page of a file of the runtime's cache.
    pub programs: usize,
}

pub fn maps(pid: u32) -> Maps {
    let text = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    // Address, permissions, offset, device, inode, path.
    let is_program = |line: &&str| {
        line.split_whitespace().nth(2).is_some_and(|offset| offset.bytes().all(|digit| digit == b'0')) && line.contains("/runtime/engine-")
    };
    Maps { all: text.lines().count(), programs: text.lines().filter(is_program).count() }
}

/// Of all its threads, those that have ended too. Linux counts in ticks of ten milliseconds for whoever reads it here.
fn cpu_of(pid: u32) -> f64 {
    const TICK_US: f64 = 10_000.0;
    stat(pid).map_or(0.0, |stat| stat.ticks as f64 * TICK_US)
}

fn tree(roots: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Some(stat) = stat(pid) else { continue };
        if stat.name != "postgres" {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    let mut found = roots.to_vec();
    let mut next = 0;
    while let Some(pid) = found.get(next) {
        found.extend(children.get(pid).into_iter().flatten().copied().collect::<Vec<_>>());
        next += 1;
    }
    found
}

/// Of a process.
struct Stat {
    name: String,
    parent: u32,
    /// Processor time, in the kernel too.
    ticks: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    // The state comes first; `utime` and `stime` are the 14th and 15th field of the line.
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    Some(Stat { name: name.into(), parent: fields.get(1)?.parse().ok()?, ticks: number(14)? + number(15)? })
}
