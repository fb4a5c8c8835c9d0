//! The Heroku CLI, as published, takes the platform for Heroku.
use paas_tests::{Developer, Platform, Ran, platform::project, sample};
use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};
use tokio::task::spawn_blocking;

/// A developer's `heroku`, which can reach nothing but this machine.
struct Heroku<'a> {
    platform: &'a Platform,
    developer: &'a Developer,
}

impl Heroku<'_> {
    async fn run(&self, words: &str) -> Ran {
        Ran::of(self.command(words)).await
    }

    fn command(&self, words: &str) -> Command {
        let tool = project().join("tests/heroku");
        let program = tool.join("node_modules/.bin/heroku");
        assert!(program.exists(), "{} is missing: run tests/install.sh", program.display());
        let mut command = self.developer.command(program);
        command.args(words.split_whitespace()).stdin(Stdio::null());
        command.env("HEROKU_HOST", self.platform.url()).env("HEROKU_API_KEY", self.platform.key());
        command.env("HEROKU_PARTICLEBOARD_URL", self.platform.url()).env("DISABLE_TELEMETRY", "true");
        command.env("HEROKU_SKIP_NEW_VERSION_CHECK", "1").env("HEROKU_DISABLE_AUTOUPDATE", "1");
        command.env("NODE_OPTIONS", format!("--no-deprecation --import file://{}", tool.join("only-localhost.mjs").display()));
        command
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heroku_cli_takes_an_app_from_create_to_destroy() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let heroku = Heroku { platform: &platform, developer: &developer };

    assert_eq!(heroku.run("auth:whoami").await.ok().trim(), "admin@localhost");
    assert!(heroku.run("apps").await.ok().contains("You have no apps."));
    let created = heroku.run("create hello --no-remote").await;
    assert!(created.stderr.contains("Creating hello... done"), "{}", created.stderr);
    assert!(created.ok().contains(&format!("http://hello.localhost:{}/", platform.port)));
    let taken = heroku.run("create hello --no-remote").await;
    assert_ne!(taken.code, 0, "{}", taken.text());
    push(&developer, "hello").await;

    let apps = heroku.run("apps").await.ok();
    assert!(apps.contains("=== admin@localhost Apps") && apps.contains("hello"), "{apps}");
    let info = heroku.run("apps:info -a hello").await.ok();
    for line in [
        "=== hello",
        &format!("Web URL:        http://hello.localhost:{}/", platform.port),
        "Owner:          admin@localhost",
        "Stack:          wasm",
    ] {
        assert!(info.contains(line), "no {line:?} in\n{info}");
    }
    config_and_releases(&heroku).await;

    let unsure = heroku.run("apps:destroy -a hello --confirm hullo").await;
    assert!(unsure.code != 0 && unsure.stderr.contains("did not match"), "{}", unsure.text());
    let destroyed = heroku.run("apps:destroy -a hello --confirm hello").await;
    assert!(destroyed.stderr.contains("Destroying hello (including all add-ons)... done"), "{}", destroyed.stderr);
    let gone = heroku.run("apps:info -a hello").await;
    assert!(gone.code != 0 && gone.stderr.contains("Couldn't find the app \"hello\""), "{}", gone.text());
}

/// From v2, the first deploy, to v5.
async fn config_and_releases(heroku: &Heroku<'_>) {
    let set = heroku.run("config:set GREETING=Bye COLOR=red -a hello").await;
    assert!(set.stderr.contains("Setting GREETING, COLOR and restarting hello... done, v3"), "{}", set.stderr);
    assert!(set.ok().contains("GREETING: Bye"));
    let unset = heroku.run("config:unset COLOR -a hello").await;
    assert!(unset.stderr.contains("Unsetting COLOR and restarting hello... done, v4"), "{}", unset.stderr);
    let config = heroku.run("config -a hello").await.ok();
    assert!(config.contains("=== hello Config Vars") && config.contains("GREETING: Bye") && !config.contains("COLOR"), "{config}");
    assert_eq!(heroku.run("config:get GREETING -a hello").await.ok().trim(), "Bye");

    let back = heroku.run("releases:rollback v2 -a hello").await;
    assert!(back.stderr.contains("Rolling back hello to v2... done, v5"), "{}", back.stderr);
    assert!(!heroku.run("config -a hello").await.ok().contains("GREETING"));
    let releases = heroku.run("releases -a hello").await.ok();
    assert!(releases.contains("=== hello Releases - Current: v5"), "{releases}");
    for change in ["Rollback to v2", "Remove COLOR config vars", "Deploy ", "Initial release"] {
        assert!(releases.contains(change), "no {change:?} in\n{releases}");
    }
    let third = heroku.run("releases:info v3 -a hello").await.ok();
    for line in ["=== Release v3", "Eligible for Rollback?: Yes", "=== v3 Config vars", "COLOR:    red"] {
        assert!(third.contains(line), "no {line:?} in\n{third}");
    }
    let never = heroku.run("releases:rollback v99 -a hello").await;
    assert!(never.code != 0 && never.stderr.contains("hello has no release \"99\""), "{}", never.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_heroku_cli_reads_and_follows_the_log() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let heroku = Heroku { platform: &platform, developer: &developer };
    heroku.run("create hello --no-remote").await.ok();
    push(&developer, "hello").await;
    platform.visitor().get("hello", "/before").await;

    let log = heroku.run("logs -a hello").await.ok();
    assert!(log.contains("paas[api]: Release v2 created by admin@localhost"), "{log}");
    assert!(log.contains("path=\"/before\""), "{log}");
    assert_eq!(heroku.run("logs -a hello -n 1").await.ok().trim().lines().count(), 1);

    let mut tail = heroku.command("logs --tail -a hello").stdout(Stdio::piped()).spawn().expect("heroku starts");
    let mut lines = BufReader::new(tail.stdout.take().expect("stdout is piped")).lines();
    let seen = spawn_blocking(move || lines.any(|line| line.is_ok_and(|line| line.contains("path=\"/during\""))));
    let visits = async {
        loop {
            platform.visitor().get("hello", "/during").await;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    let seen = tokio::select! { seen = seen => seen.expect("the reading thread ends"), () = visits => unreachable!("visits never end") };
    tail.kill().expect("our own child can be killed");
    tail.wait().expect("our own child can be waited for");
    assert!(seen, "the tail ended before it showed the request");
}

async fn push(developer: &Developer, app: &str) {
    let repository = developer.unpublished(app).await;
    sample::copy("static-hello", &repository.path);
    repository.commit("First").await;
    let mut remote = developer.paas(&["git:remote", "-a", app]);
    remote.current_dir(&repository.path);
    Ran::of(remote).await.ok();
    repository.push().await.ok();
}
