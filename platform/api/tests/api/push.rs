use crate::platform::{World, run};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use std::{fs, path::Path};
use tempfile::TempDir;
use tokio::process::Command;

/// A clone of a developer, with real git.
struct Clone {
    folder: TempDir,
    url: String,
}

struct Told {
    ok: bool,
    text: String,
}

impl Clone {
    async fn new(world: &World, app: &str) -> Self {
        Self::with_key(world, app, &world.key).await
    }

    async fn with_key(world: &World, app: &str, key: &str) -> Self {
        let url = format!("http://git:{key}@localhost:{}/{app}.git", world.platform.address.port);
        let clone = Self { folder: tempfile::tempdir().unwrap(), url };
        clone.git(&["init", "-q", "-b", "main"]).await;
        clone
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn commit(&self, file: &str, content: &str) {
        fs::write(self.path().join(file), content).unwrap();
        self.git(&["add", "-A"]).await;
        assert!(self.git(&["commit", "-q", "-m", "A change"]).await.ok);
    }

    async fn push(&self, arguments: &[&str]) -> Told {
        self.git(&[&["push", &self.url], arguments].concat()).await
    }

    async fn git(&self, arguments: &[&str]) -> Told {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "credential.helper="]).args(arguments);
        git.current_dir(self.path()).env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", self.path());
        let output = git.output().await.unwrap();
        Told { ok: output.status.success(), text: format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)) }
    }
}

#[test]
fn a_push_becomes_a_release() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let clone = Clone::new(&world, &app).await;
        clone.commit("index.html", "<h1>hello</h1>").await;
        let told = clone.push(&["main"]).await;
        assert!(told.ok, "{}", told.text);
        for line in ["remote: Building source:", "remote:        Released v2", "remote: Verifying deploy... done."] {
            assert!(told.text.contains(line), "{line} is not in {}", told.text);
        }

        let release = &owner.get(&format!("/apps/{app}/releases")).await.json()[0];
        assert_eq!((&release["version"], &release["eligible_for_rollback"]), (&json!(2), &json!(true)));
        let build = &owner.get(&format!("/apps/{app}/builds")).await.json()[0];
        assert_eq!((&build["status"], &build["release"]["id"]), (&json!("succeeded"), &release["id"]));
        assert_eq!(release["output_stream_url"], build["output_stream_url"]);
        let output = owner.get(&format!("/apps/{app}/builds/{}/output", build["id"].as_str().unwrap())).await;
        assert!(output.text.contains("Building source:"), "{}", output.text);
        assert_eq!(owner.get(&format!("/apps/{app}/dynos")).await.json()[0]["name"], "web.1");
        assert!(owner.get(&format!("/apps/{app}")).await.json()["slug_size"].as_u64() > Some(0));
    });
}

#[test]
fn a_rollback_is_a_new_release_of_old_code() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let clone = Clone::new(&world, &app).await;
        for content in ["one", "two"] {
            clone.commit("index.html", content).await;
            assert!(clone.push(&["main"]).await.ok);
        }
        let back = owner.post(&format!("/apps/{app}/releases"), r#"{"release": "v2"}"#).await;
        assert_eq!(back.status, 201, "{}", back.text);
        let (back, old) = (back.json(), owner.get(&format!("/apps/{app}/releases/2")).await.json());
        assert_eq!((&back["version"], &back["description"], &back["slug"]), (&json!(4), &json!("Rollback to v2"), &old["slug"]));
        // Heroku's CLI would read it without a key, as the output of a release command.
        assert_eq!(back["output_stream_url"], json!(null));
        assert!(old["output_stream_url"].is_string());
    });
}

#[test]
fn a_push_that_cannot_be_built_changes_nothing() {
    run(async |world: World| {
        let (owner, app) = (world.owner(), world.app().await);
        let clone = Clone::new(&world, &app).await;
        clone.commit("unknown.xyz", "?").await;
        let told = clone.push(&["main"]).await;
        assert!(!told.ok && told.text.contains("pre-receive hook declined"), "{}", told.text);
        assert_eq!(owner.get(&format!("/apps/{app}")).await.json()["current_release"], 1);
        assert_eq!(owner.get(&format!("/apps/{app}/builds")).await.json()[0]["status"], "failed");
        assert!(!clone.git(&["ls-remote", "--exit-code", &clone.url]).await.ok, "the ref has moved");
        // The lock is free again.
        clone.commit("index.html", "hello").await;
        assert!(clone.push(&["main"]).await.ok);
    });
}

#[test]
fn a_branch_is_kept_and_cloned_but_not_deployed() {
    run(async |world: World| {
        let app = world.app().await;
        let clone = Clone::new(&world, &app).await;
        clone.commit("index.html", "hello").await;
        let told = clone.push(&["main:topic"]).await;
        assert!(told.ok && told.text.contains("Only main and master deploy"), "{}", told.text);
        assert_eq!(world.owner().get(&format!("/apps/{app}")).await.json()["current_release"], 1);
        let cloned = clone.git(&["clone", "-q", "-b", "topic", &clone.url, "copy"]).await;
        assert!(cloned.ok, "{}", cloned.text);
        assert_eq!(fs::read_to_string(clone.path().join("copy/index.html")).unwrap(), "hello");
    });
}

#[test]
fn a_large_push_arrives() {
    run(async |world: World| {
        let app = world.app().await;
        let clone = Clone::new(&world, &app).await;
        let noise: String = (0..400_000)
            .map(|number| format!("{:x}", paas_model::slug::Digest::of(&u32::to_le_bytes(number)).to_string().len() * number as usize))
            .collect();
        clone.commit("index.html", &noise).await;
        let told = clone.git(&["-c", "http.postBuffer=65536", "push", &clone.url, "main"]).await;
        assert!(told.ok, "{}", told.text);
    });
}

#[test]
fn git_is_told_in_words() {
    run(async |world: World| {
        let app = world.app().await;
        let stranger = Clone::with_key(&world, &app, "wrong").await;
        let told = stranger.git(&["ls-remote", &stranger.url]).await;
        assert!(told.text.contains("Authentication failed"), "{}", told.text);
        let lost = Clone::new(&world, "no-such-app").await;
        let told = lost.git(&["ls-remote", &lost.url]).await;
        assert!(told.text.contains("remote: Couldn't find the app \"no-such-app\"."), "{}", told.text);
    });
}

#[test]
fn git_speaks_only_its_own_language() {
    run(async |world: World| {
        let app = world.app().await;
        let key = format!("Basic {}", BASE64_STANDARD.encode(format!("git:{}", world.key)));
        let git = world.visitor().with("authorization", &key);
        let dumb = git.get(&format!("/{app}.git/info/refs")).await;
        assert_eq!((dumb.status.as_u16(), dumb.text.contains("smart HTTP")), (403, true));
        let other = git.post(&format!("/{app}.git/git-receive-pack"), "0000").await;
        assert_eq!(other.status, 415);
        let missing = world.visitor().get(&format!("/{app}.git/info/refs?service=git-receive-pack")).await;
        assert_eq!((missing.status.as_u16(), missing.header("www-authenticate")), (401, "Basic realm=\"paas\""));
        // A browser's session is not for git.
        let session = world.visitor().with("cookie", &format!("paas_session={}", world.key));
        assert_eq!(session.get(&format!("/{app}.git/info/refs?service=git-upload-pack")).await.status, 401);
    });
}
