//! What a buildpack is promised, and what is expected of it.
use crate::room::Room;
use paas_builder::{BuildLimits, Builder, Config};
use paas_model::{AppId, ConfigVars, Digest};
use std::fs;

/// Ends a script whose slug is one static page that says what the script wrote to `$out`.
const REPORT: &str = r#"
mkdir "$PAAS_SLUG_DIR/public" && printf '%s' "$out" > "$PAAS_SLUG_DIR/public/index.html"
printf '[processes.web]\nkind = "static"\nroot = "public"\n' > "$PAAS_SLUG_DIR/slug.toml"
"#;

fn reporting(script: &str) -> String {
    format!("{script}\n{REPORT}")
}

fn room(script: &str) -> Room {
    Room::with_script(&reporting(script), BuildLimits::default())
}

#[tokio::test]
async fn a_failed_build_shows_its_output_and_is_refused() {
    let room = room("echo out; echo err >&2; exit 3");
    assert_eq!(room.refusal(&[]).await, "Push rejected, failed to compile Test app.");
    assert!(room.said().contains("\nout\nerr"), "{}", room.said());
}

#[tokio::test]
async fn a_bad_procfile_is_refused_whole_before_any_buildpack_runs() {
    let room = room("");
    let refusal = room.refusal(&[("Procfile", "web: app.wasm\n<<<<<<< HEAD\n")]).await;
    assert!(refusal.starts_with("Procfile line 2: "), "{refusal}");
    assert_eq!(room.said(), "");
}

#[tokio::test]
async fn config_vars_are_files_and_not_environment() {
    let room = room(r#"out="$(cat "$CNB_PLATFORM_DIR/env/GREETING") $(env | grep -c GREETING)""#);
    let config = ConfigVars([("GREETING".to_string(), "hello\nworld".to_string())].into());
    let done = room.build_as(AppId::generate(), &config, &[]).await.unwrap();
    assert_eq!(done.text("public/index.html"), "hello\nworld 0");
}

#[tokio::test]
async fn an_app_finds_its_cache_again_and_no_other_does() {
    let room = room(r#"out=$(cat "$PAAS_CACHE_DIR/count" 2>/dev/null)x; echo "$out" > "$PAAS_CACHE_DIR/count""#);
    let (app, other) = (AppId::generate(), AppId::generate());
    for (app, expected) in [(app, "x"), (app, "xx"), (other, "x"), (app, "xxx")] {
        let done = room.build_as(app, &ConfigVars::default(), &[]).await.unwrap();
        assert_eq!(done.text("public/index.html"), expected);
    }
    room.builder.forget(app).unwrap();
    let done = room.build_as(app, &ConfigVars::default(), &[]).await.unwrap();
    assert_eq!(done.text("public/index.html"), "x");
}

#[tokio::test]
async fn a_cache_that_grows_too_large_is_thrown_away() {
    let script = reporting(r#"out=$(ls "$PAAS_CACHE_DIR" | wc -l); head -c 2000000 /dev/zero > "$PAAS_CACHE_DIR/big""#);
    let room = Room::with_script(&script, BuildLimits { cache_bytes: 1 << 20, ..BuildLimits::default() });
    let app = AppId::generate();
    for _ in 0..2 {
        let done = room.build_as(app, &ConfigVars::default(), &[]).await.unwrap();
        assert_eq!(done.text("public/index.html"), "0");
    }
    assert!(room.said().contains("The build cache outgrew 1 MiB and was cleared"), "{}", room.said());
}

#[tokio::test]
async fn a_toolchain_is_made_once_without_the_source_and_cannot_be_changed_by_builds() {
    let programs = [
        ("bin/detect", ""),
        ("bin/toolchain", r#"echo fetching; ls -A > "$PAAS_TOOLCHAIN_DIR/seen"; ls "$CNB_PLATFORM_DIR/env" >> "$PAAS_TOOLCHAIN_DIR/seen""#),
        (
            "bin/build",
            &reporting(
                r#"out="[$(cat "$PAAS_TOOLCHAIN_DIR/seen")]"; for f in seen new; do (echo x >> "$PAAS_TOOLCHAIN_DIR/$f") 2>/dev/null && out="$out written"; done"#,
            ),
        ),
    ];
    let room = Room::with_programs(&programs, BuildLimits::default());
    if !room.has_walls() {
        return;
    }
    let config = ConfigVars([("SECRET".to_string(), "1".to_string())].into());
    for _ in 0..2 {
        let done = room.build_as(AppId::generate(), &config, &[("source.txt", "x")]).await.unwrap();
        assert_eq!(done.text("public/index.html"), "[]");
    }
    assert_eq!(room.said().matches("fetching").count(), 1, "{}", room.said());
}

#[tokio::test]
async fn an_engine_that_a_toolchain_started_comes_with_each_build() {
    let engine = Digest::of(b"engine");
    let toolchain =
        format!(r#"mkdir "$PAAS_TOOLCHAIN_DIR/started"; cd "$PAAS_TOOLCHAIN_DIR/started"; echo memory > {engine}.wasm; echo other > README.md"#);
    let room = Room::with_programs(&[("bin/detect", ""), ("bin/toolchain", &toolchain), ("bin/build", &reporting("out=x"))], BuildLimits::default());
    for _ in 0..2 {
        let started = room.build(&[]).await.unwrap().built.started;
        let [(of, file)] = &started[..] else { panic!("{started:?}") };
        assert_eq!((*of, fs::read_to_string(file).unwrap().as_str()), (engine, "memory\n"));
    }
}

#[tokio::test]
async fn a_toolchain_that_failed_is_made_anew_by_the_next_push() {
    let programs = [
        ("bin/detect", ""),
        ("bin/toolchain", r#"[ ! -e "$PAAS_TOOLCHAIN_DIR/half" ] && touch "$PAAS_TOOLCHAIN_DIR/half"; echo trying; exit 1"#),
        ("bin/build", "exit 0"),
    ];
    let room = Room::with_programs(&programs, BuildLimits::default());
    for _ in 0..2 {
        let refusal = room.refusal(&[]).await;
        assert!(refusal.starts_with("The Test toolchain could not be prepared; this is not your app's fault."), "{refusal}");
    }
    assert_eq!(room.said().matches("trying").count(), 2, "{}", room.said());
}

#[tokio::test]
async fn a_build_says_what_it_left_out() {
    for (script, expected) in [
        ("exit 0", "the buildpack wrote no slug.toml"),
        ("echo hm > $PAAS_SLUG_DIR/slug.toml; exit 0", "the buildpack's slug.toml is wrong"),
        ("echo '[processes]' > $PAAS_SLUG_DIR/slug.toml; exit 0", "the buildpack's slug.toml names no process"),
        (
            "printf '[processes.web]\nkind = \"wasm\"\nfile = \"a.wasm\"\n' > $PAAS_SLUG_DIR/slug.toml; exit 0",
            "process web starts a.wasm, which the slug does not contain",
        ),
        (
            "printf '[processes.web]\nkind = \"wasm\"\nfile = \"../x\"\n' > $PAAS_SLUG_DIR/slug.toml; exit 0",
            "process web starts ../x, which the slug does not contain",
        ),
        (
            "touch $PAAS_SLUG_DIR/a.wasm; printf '[processes.web]\nkind = \"wasm\"\nfile = \"a.wasm\"\nlibraries = [\"a.wasm\", \"b.wasm\"]\n' > $PAAS_SLUG_DIR/slug.toml; exit 0",
            "process web starts b.wasm, which the slug does not contain",
        ),
    ] {
        let refusal = room(script).refusal(&[]).await;
        assert!(refusal.starts_with(&format!("Push rejected, {expected}")), "{refusal}");
    }
}

/// A slug with a file in `data`, whose descriptor says that `folder` is the app's own.
fn with_app_files(folder: &str) -> Room {
    let script = format!(
        r#"cd "$PAAS_SLUG_DIR" && mkdir data site && echo x > data/x && echo x > site/x
printf 'files = "{folder}"\n[processes.web]\nkind = "static"\nroot = "site"\n' > slug.toml"#
    );
    Room::with_script(&script, BuildLimits::default())
}

#[tokio::test]
async fn a_slug_may_name_the_folder_that_its_app_sees() {
    let done = with_app_files("data").build(&[]).await.unwrap();
    assert_eq!(done.built.app_files.as_deref(), Some("data"));
    for (folder, expected) in [
        ("../data", "which is not a plain path inside the slug"),
        ("/data", "which is not a plain path inside the slug"),
        ("", "which is not a plain path inside the slug"),
        ("data/x", "but the slug has no such folder with files in it"),
        ("dat", "but the slug has no such folder with files in it"),
    ] {
        let refusal = with_app_files(folder).refusal(&[]).await;
        assert_eq!(refusal, format!("Push rejected, the buildpack's slug.toml says files = \"{folder}\", {expected}. Tell the buildpack's author."));
    }
}

#[tokio::test]
async fn a_workspace_is_gone_when_nobody_needs_it_and_leftovers_at_the_next_start() {
    let room = room("mkdir -p x/y; chmod 0 x");
    let work = room.data.path().join("work");
    let done = room.build(&[]).await.unwrap();
    assert_eq!(fs::read_dir(&work).unwrap().count(), 1);
    drop(done);
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0);

    fs::create_dir_all(work.join("build-of-a-killed-process/source")).unwrap();
    let folder = |name: &str| room.data.path().join(name);
    let config = Config {
        buildpacks: folder("buildpacks"),
        cache: folder("cache"),
        work: work.clone(),
        user: None,
        limits: BuildLimits::default(),
        hosts: Vec::new(),
        program: crate::room::program(),
        accept_weak: true,
    };
    Builder::new(config).unwrap();
    assert_eq!(fs::read_dir(&work).unwrap().count(), 0);
}
