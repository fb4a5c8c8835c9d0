//! The platform's own log: one readable line an event, on stderr.
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// `PAAS_LOG` chooses what is shown (`info` by default), in the form of `RUST_LOG`.
pub fn start() {
    // Every call of an app's to WASI would make a span.
    let filter = EnvFilter::try_from_env("PAAS_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=error,hyper=warn,wasmtime_wasi=warn"));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false).init();
}
