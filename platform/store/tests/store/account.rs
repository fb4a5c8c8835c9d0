use crate::fixture::World;
use paas_store::TokenKind;
use sqlx::Row;
use std::time::Duration;

#[tokio::test]
async fn the_admin_is_made_once() {
    let world = World::new().await;
    let (again, created) = world.store.ensure_admin("Ada@Example.com").await.unwrap();
    assert_eq!((again, created), (world.account, false));
}

#[tokio::test]
async fn a_token_is_found_by_its_text_and_only_its_hash_is_stored() {
    let world = World::new().await;
    let token = world.store.create_token(world.account.id, "laptop", TokenKind::Api, None).await.unwrap();
    assert!(token.starts_with("paas_") && token.len() == 5 + 43, "{token}");
    assert_eq!(world.store.account_of_token(&token).await.unwrap(), Some(world.account.clone()));
    assert_eq!(world.store.account_of_token(&token[..47]).await.unwrap(), None);

    let row = sqlx::query("select t::text as everything from tokens t").fetch_one(&mut world.connection().await).await.unwrap();
    let everything: String = row.get("everything");
    assert!(!everything.contains(&token) && !everything.contains(&hex(token.as_bytes())), "{everything}");

    world.store.delete_token(&token).await.unwrap();
    assert_eq!(world.store.account_of_token(&token).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_ends() {
    let world = World::new().await;
    let ended = world.store.create_token(world.account.id, "browser", TokenKind::Session, Some(Duration::ZERO)).await.unwrap();
    assert_eq!(world.store.account_of_token(&ended).await.unwrap(), None);

    let fresh = world.store.create_token(world.account.id, "browser", TokenKind::Session, None).await.unwrap();
    assert_eq!(world.store.account_of_token(&fresh).await.unwrap(), Some(world.account.clone()));
    let kept: i64 = sqlx::query_scalar("select count(*) from tokens").fetch_one(&mut world.connection().await).await.unwrap();
    assert_eq!(kept, 1, "the ended one was swept");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
