//! When to stop, and how long others may take.
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Someone at a terminal waits for the prompt.
const AFTER_CTRL_C: Duration = Duration::from_secs(8);
/// A supervisor gives us time.
const AFTER_TERM: Duration = Duration::from_secs(30);

/// Resolves at the first SIGINT or SIGTERM; a second one ends the process at once.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// How long requests at work may go on.
    pub async fn wait(mut self) -> Duration {
        let patience = tokio::select! {
            _ = self.interrupt.recv() => AFTER_CTRL_C,
            _ = self.terminate.recv() => AFTER_TERM,
        };
        tokio::spawn(async move {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
            }
            tracing::warn!("stopping at once; the database is left to recover at the next start");
            std::process::exit(130);
        });
        patience
    }
}
