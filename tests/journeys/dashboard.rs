//! The dashboard in a real browser: tests/browser/dashboard.mjs tells the story, here is its platform.
use paas_tests::{Platform, Ran, platform::project, sample};

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_leads_from_sign_in_through_a_push_and_a_rollback_to_sign_out() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.unpublished("greeter").await;
    sample::copy("greeter", &repository.path);

    let tool = project().join("tests/browser");
    assert!(tool.join("node_modules").exists(), "the driver for Chromium is missing: run tests/install.sh");
    let mut story = developer.command("node");
    story.arg(tool.join("dashboard.mjs")).current_dir(&repository.path);
    let steps = Ran::of(story).await.ok();
    assert!(steps.ends_with("signOut\n"), "{steps}");
}
