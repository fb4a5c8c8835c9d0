use crate::fixture::World;
use paas_model::{Digest, Launch, slug::BlobDir};
use paas_store::{NewSlug, SlugFile, StoreError};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::PathBuf,
};

fn file(world: &World, name: &str, content: &[u8]) -> SlugFile {
    let path = world.files.path().join(name);
    fs::write(&path, content).unwrap();
    SlugFile { name: name.into(), path }
}

fn site(files: &[SlugFile]) -> NewSlug<'_> {
    NewSlug { files, processes: BTreeMap::new(), buildpack: "static@0.1.0", app_files: None, assets: None }
}

fn blob(world: &World, content: &[u8]) -> PathBuf {
    BlobDir(world.files.path().join("blobs")).path(&Digest::of(content))
}

#[tokio::test]
async fn files_are_stored_by_content_and_the_manifest_names_them() {
    let world = World::new().await;
    let large = vec![b'x'; 12 << 20];
    let files = [file(&world, "small", b"hello"), file(&world, "empty", b""), file(&world, "large", &large)];
    let processes = BTreeMap::from([("web".to_string(), Launch::wasm("small"))]);
    let new = NewSlug { files: &files, processes, buildpack: "wasm@0.1.0", app_files: Some("app"), assets: None };
    let (digest, manifest) = world.store.put_slug(new).await.unwrap();

    assert_eq!(digest, manifest.digest());
    assert_eq!(manifest.size(), 5 + (12 << 20));
    assert_eq!(fs::read(blob(&world, b"hello")).unwrap(), b"hello");
    assert_eq!(fs::read(blob(&world, b"")).unwrap(), b"");
    assert!(fs::read(blob(&world, &large)).unwrap() == large);
    assert_eq!(world.store.slug(digest).await.unwrap(), Some(manifest));
    assert_eq!(world.store.slug(Digest::of(b"other")).await.unwrap(), None);
    let mode = fs::metadata(world.files.path().join("blobs")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[tokio::test]
async fn the_same_slug_twice_writes_once() {
    let world = World::new().await;
    let files = [file(&world, "a", b"hello"), file(&world, "b", b"hello")];
    let (first, _) = world.store.put_slug(site(&files)).await.unwrap();
    let written = fs::metadata(blob(&world, b"hello")).unwrap();
    let (second, _) = world.store.put_slug(site(&files)).await.unwrap();
    let found = fs::metadata(blob(&world, b"hello")).unwrap();
    assert_eq!(first, second);
    assert_eq!((written.ino(), written.modified().unwrap()), (found.ino(), found.modified().unwrap()));
}

#[tokio::test]
async fn of_an_engine_the_first_start_stays() {
    let world = World::new().await;
    let engine = Digest::of(b"engine");
    for start in ["first", "second"] {
        world.store.put_started(engine, &file(&world, start, start.as_bytes()).path).await.unwrap();
    }
    assert_eq!(fs::read(BlobDir(world.files.path().join("blobs")).started(&engine)).unwrap(), b"first");
}

#[tokio::test]
async fn a_blob_that_was_cut_short_is_written_again() {
    let world = World::new().await;
    let files = [file(&world, "a", b"hello")];
    world.store.put_slug(site(&files)).await.unwrap();
    fs::write(blob(&world, b"hello"), b"he").unwrap();
    world.store.put_slug(site(&files)).await.unwrap();
    assert_eq!(fs::read(blob(&world, b"hello")).unwrap(), b"hello");
}

#[tokio::test]
async fn symlinks_and_names_that_lead_elsewhere_are_refused() {
    let world = World::new().await;
    let link = world.files.path().join("link");
    symlink("/etc/passwd", &link).unwrap();
    let linked = [SlugFile { name: "link".into(), path: link }];
    let refused = world.store.put_slug(site(&linked)).await;
    assert!(matches!(refused, Err(StoreError::SlugRead(..))), "{refused:?}");

    let climbing = [SlugFile { name: "../x".into(), ..file(&world, "x", b"x") }];
    let refused = world.store.put_slug(site(&climbing)).await;
    assert!(matches!(refused, Err(StoreError::SlugPath(_))), "{refused:?}");
}
