use crate::fixture::{COMMIT, World};
use paas_model::BuildStatus;

#[tokio::test]
async fn output_is_read_back_in_order() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let build = world.store.begin_build(app.id, world.account.id, COMMIT).await.unwrap();
    assert_eq!(world.store.output(build).await.unwrap(), "");
    for text in ["-----> Building\n", "       nul \0\n", "-----> Done\n"] {
        world.store.append_output(build, text).await.unwrap();
    }
    assert_eq!(world.store.output(build).await.unwrap(), "-----> Building\n       nul \u{fffd}\n-----> Done\n");
}

#[tokio::test]
async fn endless_output_is_cut_off_and_says_so() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let build = world.store.begin_build(app.id, world.account.id, COMMIT).await.unwrap();
    let megabyte = "x".repeat(1 << 20);
    for _ in 0..6 {
        world.store.append_output(build, &megabyte).await.unwrap();
    }
    let output = world.store.output(build).await.unwrap();
    assert_eq!(output.matches("what follows is not kept.\n").count(), 1);
    assert!(output.len() < 4 << 20);
}

#[tokio::test]
async fn the_first_end_of_a_build_counts() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let build = world.store.begin_build(app.id, world.account.id, COMMIT).await.unwrap();
    world.store.set_buildpack(build, "static@0.1.0").await.unwrap();
    world.store.finish_build(build, BuildStatus::Failed).await.unwrap();
    world.store.finish_build(build, BuildStatus::Succeeded).await.unwrap();
    let build = world.store.build(build).await.unwrap().unwrap();
    assert_eq!((build.status, build.buildpack.as_deref()), (BuildStatus::Failed, Some("static@0.1.0")));
    assert!(build.finished_at.is_some());
    assert_eq!(world.store.builds(app.id).await.unwrap(), [build]);
}

#[tokio::test]
async fn builds_of_a_dead_process_fail_and_those_at_work_go_on() {
    let world = World::new().await;
    let (dead, alive, waiting) = (world.app("dead").await, world.app("alive").await, world.app("waiting").await);
    world.store.begin_build(dead.id, world.account.id, COMMIT).await.unwrap();
    world.store.begin_build(alive.id, world.account.id, COMMIT).await.unwrap();
    world.built(waiting.id, "code").await;
    let _lock = world.store.lock_app(alive.id).await.unwrap().unwrap();

    assert_eq!(world.store.fail_pending_builds(&[]).await.unwrap(), 1);
    for (app, status) in [(dead, BuildStatus::Failed), (alive, BuildStatus::Pending), (waiting, BuildStatus::Pending)] {
        assert_eq!(world.store.builds(app.id).await.unwrap()[0].status, status, "{}", app.name);
    }
}
