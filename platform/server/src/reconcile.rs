//! Makes what the rows say true here: the router's table follows the store.
use futures::{Stream, StreamExt};
use paas_deploy::Deploy;
use paas_model::{AppRoutes, Target};
use paas_receiver::Receiver;
use paas_router::Router;
use paas_runtime::Runtime;
use paas_store::{Hint, Store};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::timeout};

/// A notification is only a hint; this often the store is asked anyway.
const ASK_EVERY: Duration = Duration::from_secs(3);
/// How often releases that a failure left between two states are settled.
const SETTLE_EVERY: Duration = Duration::from_secs(60);
/// How often old snapshots are removed and how much each app is asked for is written down.
const TIDY_EVERY: Duration = Duration::from_secs(600);

/// Publishes the routes as they are at a start, and has the node make what it lacks of them; the answer is their version.
pub async fn begin(store: &Store, router: &Router, runtime: Runtime) -> anyhow::Result<u64> {
    let routes = store.routes().await?;
    let current = current(&routes.apps);
    router.begin(routes.apps);
    tokio::spawn(async move { runtime.prepare_all(current).await });
    Ok(routes.version)
}

/// Publishes the routes as they are now; the answer is their version.
async fn publish(store: &Store, router: &Router) -> anyhow::Result<u64> {
    let routes = store.routes().await?;
    router.publish(routes.apps).await;
    Ok(routes.version)
}

/// The releases that answer for their apps.
fn current(apps: &[AppRoutes]) -> Vec<Target> {
    let of = |app: &AppRoutes| app.targets.iter().find(|target| Some(target.version) == app.current).cloned();
    apps.iter().filter_map(of).collect()
}

/// Follows the store for ever. While it cannot be reached, the table stays as it is.
pub async fn follow(store: Store, router: Arc<Router>, published: watch::Sender<u64>) {
    let mut hints = Box::pin(store.changes());
    loop {
        wait(&mut hints).await;
        match store.routes_version().await {
            Ok(version) if version == *published.borrow() => continue,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the store is not reachable; apps go on as they are");
                continue;
            }
        }
        match publish(&store, &router).await {
            Ok(version) => drop(published.send_replace(version)),
            Err(error) => tracing::error!(error = format!("{error:#}"), "the routes could not be read; apps go on as they are"),
        }
    }
}

async fn wait(hints: &mut (impl Stream<Item = Hint> + Unpin)) {
    match timeout(ASK_EVERY, hints.next()).await {
        Ok(Some(_)) | Err(_) => {}
        Ok(None) => tokio::time::sleep(ASK_EVERY).await,
    }
}

/// Settles what failures leave behind, for ever; the first time is at start-up, by the caller.
pub async fn settle(deploy: Deploy, receiver: Receiver) {
    loop {
        tokio::time::sleep(SETTLE_EVERY).await;
        receiver.sources().tidy();
        if let Err(error) = recover(&deploy, &receiver).await {
            tracing::warn!(error = format!("{error:#}"), "releases in between could not be settled yet");
        }
    }
}

/// Keeps the node's own files small and true, for ever.
pub async fn tidy(store: Store, runtime: Runtime) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        if let Err(error) = tidy_once(&store, &runtime).await {
            tracing::warn!(error = format!("{error:#}"), "the node's cache could not be tidied up");
        }
    }
}

async fn tidy_once(store: &Store, runtime: &Runtime) -> anyhow::Result<()> {
    runtime.save_demand().await?;
    Ok(runtime.tidy(current(&store.routes().await?.apps)).await?)
}

pub async fn recover(deploy: &Deploy, receiver: &Receiver) -> anyhow::Result<()> {
    let reference = |app, name: String| async move { receiver.reference(app, &name).await.map_err(|error| error.to_string()) };
    Ok(deploy.recover(reference).await?)
}
