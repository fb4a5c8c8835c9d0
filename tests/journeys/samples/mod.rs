//! A full life of each sample app: pushed, used, changed by a line, configured, broken, rolled back. What is its own stands in tables.
mod assets;
mod books;
mod c;
mod go;
mod life;
mod managers;
mod node;
mod python;
mod route;
mod rust;
mod sites;
mod spin;
mod wasm;

use life::{Edit, Life};
use paas_tests::{Developer, Platform, Ran, Repository, eventually};

/// Tells the lives on one platform, one after the other.
async fn live_on_one_platform(lives: Vec<Life>) {
    let platform = Platform::start().await;
    let developer = platform.developer();
    for life in lives {
        live(&platform, &developer.start_app(life.sample, life.sample).await, &life).await;
    }
}

/// Tells one life, of an app that is committed but not pushed. In the end it is as it was pushed first.
async fn live(platform: &Platform, repository: &Repository<'_>, life: &Life) {
    let page = thrive(platform, repository, life).await;
    break_down(platform, repository, life, &page).await;
}

/// The life until something goes wrong; gives what the page says then.
async fn thrive(platform: &Platform, repository: &Repository<'_>, life: &Life) -> String {
    let developer = platform.developer();
    says(&repository.push().await, &life.push).ok();
    is_as_pushed_first(platform, repository, life).await;
    was_logged(&developer, life).await;

    change(repository, &life.line).await;
    let again = repository.push().await;
    let all_anew = life.cached.iter().find(|words| again.stderr.contains(**words));
    assert_eq!(all_anew, None, "{}: a change of one line did it again\n{}", life.sample, again.stderr);
    says(&again, &life.again).ok();
    shows(platform, life, &life.shows.1).await;

    let mut page = life.shows.1.clone();
    if let Some((variable, from, to)) = life.config {
        developer.run(&format!("config:set {variable}={to} -a {}", repository.app)).await.ok();
        page = page.replace(from, to);
        shows(platform, life, &page).await;
    }
    page
}

/// A push that fails changes nothing, and a rollback brings the first release back.
async fn break_down(platform: &Platform, repository: &Repository<'_>, life: &Life, page: &str) {
    repository.git(&["checkout", "--quiet", "HEAD^", "."]).await.ok();
    change(repository, &life.breaking).await;
    let broken = repository.push().await;
    assert_ne!(broken.code, 0, "{}", broken.stderr);
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(life.sample, life::complaint(&broken.stderr));
    });
    shows(platform, life, page).await;

    platform.developer().run(&format!("releases:rollback v2 -a {}", repository.app)).await.ok();
    is_as_pushed_first(platform, repository, life).await;
}

async fn is_as_pushed_first(platform: &Platform, repository: &Repository<'_>, life: &Life) {
    shows(platform, life, &life.shows.0).await;
    for route in &life.routes {
        route.check(&platform.visitor(), &repository.app).await;
    }
}

async fn shows(platform: &Platform, life: &Life, words: &str) {
    let page = platform.visitor().get(life.sample, life.page).await;
    assert!(page.text.contains(words), "{}: no {words:?} at {} in\n{}", life.sample, life.page, page.text);
}

/// What is said of a request may come after its answer.
async fn was_logged(developer: &Developer, life: &Life) {
    for words in &life.log {
        eventually(&format!("the log of {} says {words:?}", life.sample), async || {
            let log = developer.run(&format!("logs -n 500 -a {}", life.sample)).await.ok();
            log.lines().any(|line| line.contains("[web.1]: ") && line.contains(words)).then_some(())
        })
        .await;
    }
    let log = developer.run(&format!("logs -n 500 -a {}", life.sample)).await.ok();
    assert!(log.contains("paas[router]: at=info method=GET path="), "{log}");
}

async fn change(repository: &Repository<'_>, edit: &Edit) {
    let source = repository.read(edit.file);
    assert_eq!(source.matches(edit.from).count(), 1, "{:?} stands once in {} of {}", edit.from, edit.file, repository.app);
    repository.write(edit.file, &source.replace(edit.from, edit.to));
    repository.commit("Change one line").await;
}

fn says(push: &Ran, expected: &[&str]) -> Ran {
    for words in expected {
        assert!(push.stderr.contains(words), "no {words:?} in\n{}", push.stderr);
    }
    push.clone()
}
