use crate::fixture::{COMMIT, World, activate, limit, vars};
use paas_model::{App, BuildStatus, ConfigVars, ReleaseId, ReleaseState, ReleaseVersion, Settings};
use paas_store::{Activated, BuiltRelease, NewConfig, NewRelease, StoreError};

fn v(number: u32) -> ReleaseVersion {
    ReleaseVersion::new(number).unwrap()
}

fn change(world: &World, app: &App, code_of: u32, config: NewConfig, expected: u32) -> NewRelease {
    let (id, description) = (ReleaseId::generate(), "A change".to_string());
    let settings = Settings::default();
    NewRelease { id, app: app.id, code_of: v(code_of), config, settings, description, account: world.account.id, expected: v(expected) }
}

#[tokio::test]
async fn a_release_gets_the_next_number_and_its_build_succeeds() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let Activated { release, .. } = world.push(app.id, "one").await;
    assert_eq!((release.version, release.state, release.current), (Some(v(2)), ReleaseState::Succeeded, true));
    assert_eq!(release.commit.as_deref(), Some(COMMIT));
    assert_eq!(world.push(app.id, "two").await.release.version, Some(v(3)));

    let app = world.reload(&app).await;
    assert_eq!(app.current, v(3));
    let build = world.store.build(release.build.unwrap()).await.unwrap().unwrap();
    assert_eq!((build.status, build.release), (BuildStatus::Succeeded, Some(release.id)));
    let versions: Vec<_> = world.store.releases(app.id).await.unwrap().into_iter().map(|release| release.version.unwrap()).collect();
    assert_eq!(versions, [v(3), v(2), v(1)]);
    assert!(!world.store.release(app.id, v(2)).await.unwrap().unwrap().current);
}

#[tokio::test]
async fn a_built_release_has_no_number_and_is_listed_for_whoever_cleans_up() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let release = world.built(app.id, "one").await;
    assert_eq!(world.store.releases(app.id).await.unwrap().len(), 1);
    let expected = BuiltRelease { app: app.id, release, commit: COMMIT.into(), reference: "refs/heads/main".into() };
    assert_eq!(world.store.built_releases().await.unwrap(), [expected]);
    assert_eq!(world.store.release_by_id(release).await.unwrap().unwrap().state, ReleaseState::Built);
}

#[tokio::test]
async fn activation_after_another_release_is_refused() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let release = world.built(app.id, "one").await;
    world.store.release_with(&change(&world, &app, 1, NewConfig::Vars(vars("A", "1")), 1)).await.unwrap();

    let refused = world.store.activate(release, v(1)).await;
    assert!(matches!(refused, Err(StoreError::Conflict { current }) if current == v(2)), "{refused:?}");
    assert_eq!(world.store.activate(release, v(2)).await.unwrap().release.version, Some(v(3)));
    assert_eq!(world.store.config_vars_of(app.id, v(3)).await.unwrap().1, vars("A", "1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn activations_at_once_give_each_its_number_and_never_one_twice() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let mut tasks = tokio::task::JoinSet::new();
    for content in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let (release, store) = (world.built(app.id, content).await, world.store.clone());
        tasks.spawn(async move { activate(&store, app.id, release).await });
    }
    let mut activated = tasks.join_all().await;
    activated.sort_by_key(|activated| activated.release.version);
    let numbers: Vec<u32> = activated.iter().map(|activated| activated.release.version.unwrap().number()).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9]);
    assert!(activated.is_sorted_by(|a, b| a.routes_version < b.routes_version), "later numbers have later routes");
    assert_eq!(world.reload(&app).await.current, v(9));
}

#[tokio::test]
async fn activating_again_after_a_lost_answer_gives_the_same_release() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let release = world.built(app.id, "one").await;
    let first = world.store.activate(release, v(1)).await.unwrap();
    assert_eq!(world.store.activate(release, v(1)).await.unwrap(), first);
    world.store.abandon(release).await.unwrap();
    assert_eq!(world.reload(&app).await.current, v(2), "what succeeded is not abandoned");
}

#[tokio::test]
async fn an_abandoned_release_is_never_activated_and_its_build_failed() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let release = world.built(app.id, "one").await;
    world.store.abandon(release).await.unwrap();
    let refused = world.store.activate(release, v(1)).await;
    assert!(matches!(&refused, Err(StoreError::NotBuilt(state)) if state == "abandoned"), "{refused:?}");
    assert_eq!(world.store.builds(app.id).await.unwrap()[0].status, BuildStatus::Failed);
    assert_eq!(world.push(app.id, "two").await.release.version, Some(v(2)), "no number was used up");
}

#[tokio::test]
async fn a_config_change_keeps_the_code_and_a_rollback_brings_back_both() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let one = world.push(app.id, "one").await.release;
    let set = world.store.release_with(&change(&world, &app, 2, NewConfig::Vars(vars("A", "1")), 2)).await.unwrap().release;
    assert_eq!((set.version, set.slug, set.commit, set.build), (Some(v(3)), one.slug, one.commit, one.build));
    let two = world.push(app.id, "two").await.release;
    assert_ne!(two.slug, one.slug);

    let back = world.store.release_with(&change(&world, &app, 2, NewConfig::SameAs(v(2)), 4)).await.unwrap().release;
    assert_eq!((back.version, back.slug), (Some(v(5)), one.slug));
    assert_eq!(world.store.config_vars(app.id).await.unwrap().1, ConfigVars::default());
    assert_eq!(world.store.config_vars_of(app.id, v(4)).await.unwrap().1, vars("A", "1"));
}

#[tokio::test]
async fn settings_are_the_release_s_own_and_a_push_takes_over_the_current_ones() {
    let world = World::new().await;
    let app = world.app("hello").await;
    world.push(app.id, "one").await;
    let slow = NewRelease { settings: limit("cpu", "10s"), ..change(&world, &app, 2, NewConfig::SameAs(v(2)), 2) };
    assert_eq!(world.store.release_with(&slow).await.unwrap().release.settings, slow.settings);
    assert_eq!(world.push(app.id, "two").await.release.settings, slow.settings);
    assert_eq!(world.store.release(app.id, v(2)).await.unwrap().unwrap().settings, Settings::default());
}

#[tokio::test]
async fn a_change_from_a_release_that_is_no_longer_current_is_refused() {
    let world = World::new().await;
    let app = world.app("hello").await;
    world.push(app.id, "one").await;
    let stale = world.store.release_with(&change(&world, &app, 1, NewConfig::Vars(vars("A", "1")), 1)).await;
    assert!(matches!(stale, Err(StoreError::Conflict { current }) if current == v(2)), "{stale:?}");
    let unknown = world.store.release_with(&change(&world, &app, 9, NewConfig::SameAs(v(2)), 2)).await;
    assert!(matches!(unknown, Err(StoreError::NoRelease(_))), "{unknown:?}");
}

#[tokio::test]
async fn a_change_that_is_retried_is_made_once() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let new = change(&world, &app, 1, NewConfig::Vars(vars("A", "1")), 1);
    let first = world.store.release_with(&new).await.unwrap();
    assert_eq!(world.store.release_with(&new).await.unwrap(), first);
    assert_eq!(world.reload(&app).await.current, v(2));
}
