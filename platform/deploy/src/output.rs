//! A build's output: to the pusher as it comes, to those who follow it here, and into the build's row.
use crate::error::Result;
use futures::{Stream, StreamExt, future::OptionFuture, stream};
use paas_model::{BuildId, output::Output};
use paas_store::Store;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// How often a running build's new lines are put into its row; a crash loses no more than these.
const KEPT_EVERY: Duration = Duration::from_millis(500);

/// The outputs of the builds that run on this node.
#[derive(Clone, Default)]
pub struct Outputs(Arc<Mutex<HashMap<BuildId, Arc<Live>>>>);

/// One running build's output. Its length is bounded by the builder's cap.
struct Live {
    text: Mutex<String>,
    progress: watch::Sender<Progress>,
}

#[derive(Clone, Copy, Default)]
struct Progress {
    bytes: usize,
    ended: bool,
}

/// Held while the build runs; [`Recording::close`] returns when every line is kept. Dropped, it ends the followers' streams all the same.
pub struct Recording {
    outputs: Outputs,
    build: BuildId,
    live: Arc<Live>,
    keeper: Option<JoinHandle<()>>,
}

impl Outputs {
    /// An output that reaches the pusher, the followers and the build's row.
    pub fn record(&self, store: &Store, build: BuildId, pusher: &Output) -> (Output, Recording) {
        let live = Arc::new(Live { text: Mutex::default(), progress: watch::Sender::default() });
        self.map().insert(build, live.clone());
        let keeper = Some(tokio::spawn(keep(store.clone(), build, live.clone())));
        let (to_followers, pusher) = (live.clone(), pusher.clone());
        let output = Output::new(move |text: &str| {
            pusher.line(text);
            to_followers.push(text);
        });
        (output, Recording { outputs: self.clone(), build, live, keeper })
    }

    /// What there is, then what comes, until the build ends.
    pub async fn follow(&self, store: &Store, build: BuildId) -> Result<impl Stream<Item = String> + Send + use<>> {
        let live = self.map().get(&build).cloned();
        Ok(match live {
            Some(live) => live.follow().left_stream(),
            None => stream::iter([store.output(build).await?]).right_stream(),
        })
    }

    /// The builds that this process has in hand.
    pub fn builds(&self) -> Vec<BuildId> {
        self.map().keys().copied().collect()
    }

    fn map(&self) -> MutexGuard<'_, HashMap<BuildId, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recording {
    /// Ends the followers' streams, after the last line is in the row.
    pub async fn close(mut self) {
        self.live.end();
        if let Some(Err(error)) = OptionFuture::from(self.keeper.take()).await {
            tracing::error!(%error, build.id = %self.build, "a build's output was not kept to its end");
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.live.end();
        self.outputs.map().remove(&self.build);
    }
}

impl Live {
    fn push(&self, line: &str) {
        let mut text = self.text();
        text.push_str(line);
        text.push('\n');
        let bytes = text.len();
        self.progress.send_modify(|progress| progress.bytes = bytes);
    }

    fn end(&self) {
        self.progress.send_modify(|progress| progress.ended = true);
    }

    fn since(&self, start: usize) -> String {
        self.text()[start..].to_string()
    }

    fn text(&self) -> MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(self: Arc<Self>) -> impl Stream<Item = String> + Send {
        let progress = self.progress.subscribe();
        stream::unfold((self, progress, 0), |(live, mut progress, sent)| async move {
            let now = *progress.wait_for(|now| now.bytes > sent || now.ended).await.ok()?;
            let new = live.since(sent);
            let end = sent + new.len();
            (!new.is_empty() || !now.ended).then_some((new, (live, progress, end)))
        })
    }
}

async fn keep(store: Store, build: BuildId, live: Arc<Live>) {
    let mut progress = live.progress.subscribe();
    let mut kept = 0;
    while let Ok(now) = progress.wait_for(|now| now.bytes > kept || now.ended).await.map(|now| *now) {
        let new = live.since(kept);
        kept += new.len();
        if !new.is_empty()
            && let Err(error) = store.append_output(build, &new).await
        {
            tracing::error!(%error, build.id = %build, "a build's output could not be kept");
        }
        if now.ended {
            return;
        }
        let ended = progress.wait_for(|now| now.ended);
        drop(tokio::time::timeout(KEPT_EVERY, ended).await); // whichever comes first
    }
}
