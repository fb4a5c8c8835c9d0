//! When to stop, and how long others may take.
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Someone at a terminal waits for the prompt.
const AFTER_CTRL_C: Duration = Duration::from_secs(8);
/// A supervisor gives us time.
const AFTER_TERM: Duration = Duration::from_secs(30);
/// A terminal's Ctrl-C may come twice, from the terminal and from the script that started us: that is one signal.
const SAME_SIGNAL: Duration = Duration::from_secs(1);

/// SIGINT and SIGTERM, caught from now on.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves at the first signal and says how long requests at work may go on; a second signal ends the process at once.
    pub async fn wait(mut self) -> Duration {
        let patience = self.next().await;
        tokio::spawn(async move {
            while tokio::time::timeout(SAME_SIGNAL, self.next()).await.is_ok() {}
            self.next().await;
            tracing::warn!("stopping at once; the database is left to recover at the next start");
            std::process::exit(130);
        });
        patience
    }

    async fn next(&mut self) -> Duration {
        tokio::select! {
            _ = self.interrupt.recv() => AFTER_CTRL_C,
            _ = self.terminate.recv() => AFTER_TERM,
        }
    }
}
