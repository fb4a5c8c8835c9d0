//! The Heroku CLI, as published, believes that we are Heroku.
use paas_tests::Platform;

#[tokio::test]
async fn the_heroku_cli_finds_a_platform() {
    assert!(Platform::start().await.key().starts_with("paas_"));
}
