use crate::fixture::{World, vars};
use paas_model::{AccountId, AppId, ReleaseId, ReleaseVersion, Settings, slug::BlobDir};
use paas_store::{NewConfig, NewRelease, SecretKey, Store, StoreError};

#[tokio::test]
async fn a_new_app_has_release_one_and_no_code() {
    let world = World::new().await;
    let app = world.app("hello").await;
    assert_eq!(app.current, ReleaseVersion::FIRST);
    assert_eq!(app.owner_email, "ada@example.com");
    let releases = world.store.releases(app.id).await.unwrap();
    assert_eq!(releases.len(), 1);
    assert_eq!((releases[0].description.as_str(), releases[0].slug, releases[0].current), ("Initial release", None, true));
}

#[tokio::test]
async fn an_app_is_found_by_name_and_by_id() {
    let world = World::new().await;
    let app = world.app("hello").await;
    assert_eq!(world.store.app("hello").await.unwrap(), Some(app.clone()));
    assert_eq!(world.store.app(&app.id.to_string()).await.unwrap(), Some(app.clone()));
    assert_eq!(world.store.app("other").await.unwrap(), None);
    assert_eq!(world.store.apps(world.account.id).await.unwrap(), [app]);
    assert_eq!(world.store.apps(AccountId::generate()).await.unwrap(), []);
}

#[tokio::test]
async fn a_name_belongs_to_one_living_app_and_is_free_again_afterwards() {
    let world = World::new().await;
    let app = world.app("hello").await;
    world.push(app.id, "code").await;
    let taken = world.store.create_app(&app.name, world.account.id).await;
    assert!(matches!(taken, Err(StoreError::NameTaken(_))), "{taken:?}");

    world.store.delete_app(app.id).await.unwrap();
    world.store.delete_app(app.id).await.unwrap();
    for table in ["apps", "releases", "configs", "builds"] {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let left: i64 = sqlx::query_scalar(count).fetch_one(&mut world.connection().await).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    world.app("hello").await;
}

#[tokio::test]
async fn what_is_asked_of_an_app_that_is_gone_is_refused_as_such() {
    let (world, gone) = (World::new().await, AppId::generate());
    assert!(matches!(world.store.config_vars(gone).await, Err(StoreError::NoApp)));
    assert!(matches!(world.store.set_maintenance(gone, true).await, Err(StoreError::NoApp)));
    let build = world.store.begin_build(gone, world.account.id, crate::fixture::COMMIT).await;
    assert!(matches!(build, Err(StoreError::NoApp)), "{build:?}");
}

#[tokio::test]
async fn sealed_config_cannot_be_read_with_another_key() {
    let world = World::new().await;
    let app = world.app("hello").await;
    let config = NewConfig::Vars(vars("PASSWORD", "correct horse"));
    let first = ReleaseVersion::FIRST;
    let new = NewRelease {
        id: ReleaseId::generate(),
        app: app.id,
        code_of: first,
        config,
        settings: Settings::default(),
        description: "Set PASSWORD config vars".into(),
        account: world.account.id,
        expected: first,
    };
    world.store.release_with(&new).await.unwrap();
    assert_eq!(world.store.config_vars(app.id).await.unwrap().1, vars("PASSWORD", "correct horse"));

    let sealed: Vec<Vec<u8>> = sqlx::query_scalar("select sealed from configs").fetch_all(&mut world.connection().await).await.unwrap();
    assert!(sealed.iter().all(|sealed| !sealed.windows(7).any(|window| window == b"correct")));
    let other = Store::connect(world.options.clone(), BlobDir(world.files.path().join("blobs")), SecretKey::from_bytes([8; 32])).await;
    assert!(matches!(other.err(), Some(StoreError::WrongKey)));
}
