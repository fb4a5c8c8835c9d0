use crate::fixture::{World, limit, vars};
use futures::StreamExt;
use paas_model::{AppRoutes, ReleaseId, ReleaseVersion};
use paas_store::{Hint, NewConfig, NewRelease};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn v(number: u32) -> ReleaseVersion {
    ReleaseVersion::new(number).unwrap()
}

fn versions(app: &AppRoutes) -> Vec<u32> {
    app.targets.iter().map(|target| target.version.number()).collect()
}

#[tokio::test]
async fn routes_name_every_app_and_what_may_answer() {
    let world = World::new().await;
    let (blank, hello) = (world.app("blank").await, world.app("hello").await);
    world.push(hello.id, "one").await;
    let config = NewConfig::Vars(vars("GREETING", "hi"));
    let change = NewRelease {
        id: ReleaseId::generate(),
        app: hello.id,
        code_of: v(2),
        config,
        settings: limit("cpu", "10s"),
        description: "Set GREETING config vars".into(),
        account: world.account.id,
        expected: v(2),
    };
    let activated = world.store.release_with(&change).await.unwrap();
    world.built(hello.id, "not yet").await;

    let routes = world.store.routes().await.unwrap();
    assert_eq!(routes.version, activated.routes_version);
    let [first, second] = routes.apps.as_slice() else { panic!("two apps: {routes:?}") };
    assert_eq!((first.id, first.current, versions(first)), (blank.id, None, vec![]));
    assert_eq!((second.id, second.current, versions(second)), (hello.id, Some(v(3)), vec![3, 2]));
    let (now, before) = (&second.targets[0], &second.targets[1]);
    assert_eq!((now.env.0["GREETING"].as_str(), now.env.0["PAAS_RELEASE_VERSION"].as_str()), ("hi", "v3"));
    assert!(!before.env.0.contains_key("GREETING"));
    assert_eq!((now.limits.cpu_ms, before.limits.cpu_ms), (10_000, 30_000));
    assert!(Arc::ptr_eq(&now.manifest, &before.manifest), "one slug, one manifest");

    let again = world.store.routes().await.unwrap();
    assert!(Arc::ptr_eq(&again.apps[1].targets[0].env, &now.env), "nothing is opened twice");
}

#[tokio::test]
async fn no_target_gets_more_than_the_caps() {
    let mut world = World::new().await;
    let app = world.app("hello").await;
    world.push(app.id, "one").await;
    world.store = world.store.with_caps("cpu=2s".parse().unwrap());
    assert_eq!(world.store.routes().await.unwrap().apps[0].targets[0].limits.cpu_ms, 2_000);
}

#[tokio::test]
async fn a_new_release_of_a_known_slug_shares_its_manifest() {
    let world = World::new().await;
    let app = world.app("hello").await;
    world.push(app.id, "one").await;
    let before = world.store.routes().await.unwrap();
    world.push(app.id, "one").await;
    let after = world.store.routes().await.unwrap();
    assert!(Arc::ptr_eq(&before.apps[0].targets[0].manifest, &after.apps[0].targets[0].manifest));
}

#[tokio::test]
async fn the_last_hundred_releases_are_kept_on_the_air() {
    let world = World::new().await;
    let app = world.app("hello").await;
    for _ in 2..=103 {
        world.push(app.id, "same").await;
    }
    let routes = world.store.routes().await.unwrap();
    assert_eq!(versions(&routes.apps[0]), (4..=103).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn everything_that_changes_routing_raises_the_version() {
    let world = World::new().await;
    let mut last = world.store.routes_version().await.unwrap();
    let mut rises = async |what: &str, does: bool| {
        let now = world.store.routes_version().await.unwrap();
        assert_eq!(now > last, does, "{what}");
        last = now;
    };
    let app = world.app("hello").await;
    rises("a new app", true).await;
    world.built(app.id, "one").await;
    rises("a built release", false).await;
    world.push(app.id, "one").await;
    rises("a push", true).await;
    assert!(world.store.set_maintenance(app.id, true).await.unwrap().maintenance);
    rises("maintenance", true).await;
    world.store.set_maintenance(app.id, true).await.unwrap();
    rises("the same again", false).await;
    world.store.delete_app(app.id).await.unwrap();
    rises("the end of an app", true).await;
}

#[tokio::test]
async fn a_change_is_heard_of_also_after_the_connection_was_lost() {
    let world = World::new().await;
    let mut changes = std::pin::pin!(world.store.changes());
    assert_eq!(timeout(PATIENCE, changes.next()).await.unwrap(), Some(Hint), "listening began");
    let app = world.app("hello").await;
    assert_eq!(timeout(PATIENCE, changes.next()).await.unwrap(), Some(Hint), "an app was made");

    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%' and datname = current_database()";
    sqlx::query(cut).execute(&mut world.connection().await).await.unwrap();
    assert_eq!(timeout(PATIENCE, changes.next()).await.unwrap(), Some(Hint), "listening began again");
    world.store.set_maintenance(app.id, true).await.unwrap();
    assert_eq!(timeout(PATIENCE, changes.next()).await.unwrap(), Some(Hint), "the app is in maintenance");
}
