//! What the figures were taken on and with.
use crate::{folder, tools};
use std::{fs, path::Path, process::Command};

/// Lines of Markdown, for what `paasd` was compared with others.
pub fn describe() -> String {
    text(&ours().into_iter().chain(others()).collect::<Vec<_>>())
}

/// The same without the others.
pub fn describe_ours() -> String {
    text(&ours())
}

fn text(versions: &[String]) -> String {
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

fn ours() -> Vec<String> {
    let commit = said("git", &["-C", &folder().display().to_string(), "rev-parse", "--short", "HEAD"]);
    let program = paas_tests::platform::program("paasd");
    let profile = program.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    vec![format!("paasd at commit {commit}, built as `{profile}`"), said("git", &["--version"]), said("rustc", &["--version"])]
}

fn others() -> Vec<String> {
    let tools = tools();
    vec![
        said(tools.join("wasmtime/bin/wasmtime"), &["--version"]),
        said(tools.join("npm/node_modules/@cloudflare/workerd-linux-64/bin/workerd"), &["--version"]),
        format!("node {}", said("node", &["--version"])),
        said("nginx", &["-v"]).replace("nginx version: ", ""),
        said(tools.join("python/bin/gunicorn"), &["--version"]),
        said(tools.join("python/bin/python"), &["--version"]),
        said("wrk", &["-v"]).split(" [").next().unwrap_or("wrk").to_string(),
    ]
}

/// The first line that a program prints, wherever.
fn said(program: impl AsRef<Path>, arguments: &[&str]) -> String {
    let output = Command::new(program.as_ref()).args(arguments).output();
    let text = output.map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().next().unwrap_or("not found").trim().to_string()
}
