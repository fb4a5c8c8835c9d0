use crate::fixture::{World, until};

#[tokio::test]
async fn the_lock_excludes_others_and_is_freed_by_drop() {
    let world = World::new().await;
    let (app, other) = (world.app("hello").await, world.app("other").await);
    let lock = world.store.lock_app(app.id).await.unwrap().unwrap();
    assert!(world.store.lock_app(app.id).await.unwrap().is_none());
    assert!(world.store.lock_app(other.id).await.unwrap().is_some());
    drop(lock);
    until("the lock is free", async || world.store.lock_app(app.id).await.unwrap().is_some()).await;
}

#[tokio::test]
async fn a_panic_frees_the_lock() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let lock = world.store.lock_app(app.id).await.unwrap().unwrap();
    let task = tokio::spawn(async move {
        let _lock = lock;
        panic!("as if a push had failed badly");
    });
    assert!(task.await.unwrap_err().is_panic());
    until("the lock is free", async || world.store.lock_app(app.id).await.unwrap().is_some()).await;
}
