//! Word that routes may have changed.
use crate::{Store, error::Result, route::CHANNEL};
use futures::{Stream, stream};
use sqlx::postgres::{PgListener, PgPoolOptions};
use std::time::Duration;

/// "Look again." What is true is in `routes()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint;

/// Between two attempts to listen again.
const PAUSE: Duration = Duration::from_millis(250);

impl Store {
    /// Never ends. Hints at every change, and whenever listening (again) begins, since words spoken meanwhile are lost.
    /// A connection can die unnoticed, so a listener also asks for `routes_version()` every few seconds.
    pub fn changes(&self) -> impl Stream<Item = Hint> + Send + use<> {
        let store = self.clone();
        stream::unfold(None, move |listener| {
            let store = store.clone();
            async move { Some((Hint, Some(store.next_change(listener).await))) }
        })
    }

    /// Waits for the next reason to look, and gives back the listener to go on with.
    async fn next_change(&self, listener: Option<PgListener>) -> PgListener {
        if let Some(mut listener) = listener {
            match listener.try_recv().await {
                // `None`: the connection was lost, and is there again.
                Ok(Some(_) | None) => return listener,
                Err(error) => tracing::warn!(%error, "lost the connection that tells of changed routes, trying again"),
            }
        }
        loop {
            match self.listen().await {
                Ok(listener) => return listener,
                Err(error) => tracing::debug!(%error, "cannot listen for changed routes yet"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Has a pool of its own: a listener keeps its connection for good.
    async fn listen(&self) -> Result<PgListener> {
        let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None).connect_lazy_with(self.options.clone());
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }
}
