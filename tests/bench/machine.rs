//! What the figures were taken on and with.
use crate::{folder, tools};
use std::{fs, path::Path, process::Command};

/// Lines of Markdown.
pub fn describe() -> String {
    described(&versions())
}

/// As [`describe`], without what paasd is compared with.
pub fn describe_platform() -> String {
    described(&[paasd(), said("git", &["--version"]), said("rustc", &["--version"])])
}

fn described(versions: &[String]) -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu =
        cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": ")).map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory: u64 = memory.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    format!(
        "- machine: {cores} × {cpu}, {} GiB, kernel {}; load average at the start {} (of other work; a quiet machine is below 0.5)\n- versions: {}\n",
        memory >> 20,
        said("uname", &["-r"]),
        load.join(" "),
        versions.join(", ")
    )
}

fn versions() -> Vec<String> {
    let tools = tools();
    vec![
        paasd(),
        said(tools.join("wasmtime/bin/wasmtime"), &["--version"]),
        said(tools.join("npm/node_modules/@cloudflare/workerd-linux-64/bin/workerd"), &["--version"]),
        format!("node {}", said("node", &["--version"])),
        said("nginx", &["-v"]).replace("nginx version: ", ""),
        said(tools.join("python/bin/gunicorn"), &["--version"]),
        said(tools.join("python/bin/python"), &["--version"]),
        said("wrk", &["-v"]).split(" [").next().unwrap_or("wrk").to_string(),
        said("rustc", &["--version"]),
    ]
}

fn paasd() -> String {
    format!("paasd at commit {}", said("git", &["-C", &folder().display().to_string(), "rev-parse", "--short", "HEAD"]))
}

/// The first line that a program prints, wherever.
fn said(program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let output = Command::new(program.as_ref()).args(arguments).output();
    let text = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().next().unwrap_or("not found").trim().to_string()
}
