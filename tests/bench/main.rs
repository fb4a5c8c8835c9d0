//! `make bench`: what a request costs here and in what people run instead, measured in one run, in turns.
//!
//! In:  the programs beside this one, and the folder of tools that `install.sh` made (`PAAS_BENCH_TOOLS`).
//! Out: REPORT.md (requests), DENSITY.md (many apps), PUSHES.md (pushes).
//! Knows the programs, the public API and /proc. Never knows a room from inside.

mod cold;
mod competitors;
mod density;
mod fleet;
mod goals;
mod hyper;
mod load;
mod machine;
mod process;
mod profile;
mod push_report;
mod pushes;
mod report;
mod requests; // start here
mod subject;

use std::path::{Path, PathBuf};

const USAGE: &str = "usage: bench [--quick] [--cold] [--density APPS] [--pushes] [--only WORD]
  --quick         a smoke run: one short round, few apps; writes nothing
  --cold          the cold starts alone; writes nothing
  --density APPS  how many apps a node gets, instead of requests; writes DENSITY.md
  --pushes        what a push takes, instead of requests; writes PUSHES.md
  --only WORD     only subjects with this word in their name, and no goals; writes nothing. With --density: one kind of app; the other's part of DENSITY.md stays";

/// What was asked for.
pub struct Options {
    pub quick: bool,
    pub cold: bool,
    pub density: Option<usize>,
    pub pushes: bool,
    pub only: Option<String>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // Our own bare server, in a process of its own like everybody else.
    if let [command, port] = &arguments[..]
        && command == "hyper"
    {
        return hyper::serve(port.parse().expect("a port"));
    }
    let Some(options) = parse(&arguments) else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&options));
}

async fn run(options: &Options) {
    let (name, text) = match options.density {
        Some(apps) => ("DENSITY.md", density::run(apps, options.only.as_deref()).await),
        None if options.pushes => ("PUSHES.md", pushes::run(options).await),
        None if options.cold => ("", requests::cold(options).await),
        None => ("REPORT.md", requests::run(options).await),
    };
    println!("{text}");
    // What was measured of one kind of app goes beside what the report says of the other.
    if !options.quick && !options.cold && (options.only.is_none() || options.density.is_some()) {
        let path = folder().join(name);
        std::fs::write(&path, text).expect("the report can be written");
        eprintln!("written: {}", path.display());
    }
}

fn parse(arguments: &[String]) -> Option<Options> {
    let mut options = Options { quick: false, cold: false, density: None, pushes: false, only: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--cold" => options.cold = true,
            "--pushes" => options.pushes = true,
            "--density" => options.density = Some(rest.next()?.parse().ok()?),
            "--only" => options.only = Some(rest.next()?.clone()),
            _ => return None,
        }
    }
    Some(options)
}

/// tests/bench
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("bench")
}

/// What `install.sh` made.
pub fn tools() -> PathBuf {
    std::env::var_os("PAAS_BENCH_TOOLS")
        .map(PathBuf::from)
        .expect("PAAS_BENCH_TOOLS names the folder that tests/bench/install.sh printed; `make bench` sets it")
}
