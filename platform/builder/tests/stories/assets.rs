//! Files before the app, whatever buildpack makes it.
use crate::room::{Room, write};
use paas_builder::BuildLimits;
use paas_model::slug::StaticSite;

const APP: &str =
    r#"printf x > "$PAAS_SLUG_DIR/app.wasm"; printf '[processes.web]\nkind = "wasm"\nfile = "app.wasm"\n' > "$PAAS_SLUG_DIR/slug.toml""#;
const MOVES: &str = r#"
mkdir "$PAAS_SLUG_DIR/app" && mv * "$PAAS_SLUG_DIR/app/" && printf x > "$PAAS_SLUG_DIR/app.wasm"
printf 'files = "app"\n[processes.web]\nkind = "wasm"\nfile = "app.wasm"\n' > "$PAAS_SLUG_DIR/slug.toml"
"#;

fn room(script: &str) -> Room {
    Room::with_script(script, BuildLimits::default())
}

#[tokio::test]
async fn the_folder_is_taken_as_the_build_left_it_without_what_is_hidden() {
    let room = room(&format!(
        "mkdir -p dist/.well-known && echo made > dist/made.txt && echo x > dist/.env && echo y > dist/.well-known/z && yes | head -c 2000 > dist/long.css\n{APP}"
    ));
    let done = room.build(&[("app.json", r#"{ "assets": "./dist/" }"#)]).await.unwrap();
    assert_eq!(done.names(), ["app.wasm", "assets/.well-known/z", "assets/long.css", "assets/long.css.gz", "assets/made.txt"]);
    assert_eq!(done.built.assets, Some(StaticSite { root: "assets".into(), fallback: false }));
    assert!(room.said().contains("-----> Assets: 3 files of dist before the app"), "{}", room.said());
}

#[tokio::test]
async fn a_buildpack_that_moves_the_source_and_a_worker_of_cloudflares_are_served_too() {
    let source = [("wrangler.toml", "name = 'x'\n[assets]\ndirectory = './public'\nbinding = 'ASSETS'\n"), ("public/a.txt", "a")];
    for script in [APP, MOVES] {
        let room = room(script);
        let done = room.build(&source).await.unwrap();
        assert_eq!(done.text("assets/a.txt"), "a");
    }
    assert_eq!(room(APP).build(&[("public/a.txt", "a")]).await.unwrap().built.assets, None, "nothing is served that nobody named");
}

#[tokio::test]
async fn a_folder_that_is_not_one_of_the_sources_is_refused() {
    for folder in ["..", "/etc", ".", "", "a/../..", "a//b"] {
        let refusal = room(APP).refusal(&[("app.json", &format!(r#"{{ "assets": "{folder}" }}"#))]).await;
        assert!(refusal.contains("which is not a folder inside the source"), "{folder}: {refusal}");
    }
    let refusal = room(APP).refusal(&[("app.json", r#"{ "assets": "dist" }"#)]).await;
    assert!(refusal.contains("app.json names the assets folder dist, which is not there after the build."), "{refusal}");
    let refusal = room(&format!("mkdir dist\n{APP}")).refusal(&[("app.json", r#"{ "assets": "dist" }"#)]).await;
    assert!(refusal.contains("dist, which has no files after the build."), "{refusal}");
}

#[tokio::test]
async fn no_link_leads_to_what_is_not_the_builds() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &[("secret", "s")]);
    for script in ["ln -s OUTSIDE dist", "mkdir dist; ln -s OUTSIDE/secret dist/a.txt", "ln -s .. dist", "ln -s . dist"] {
        let script = format!("{}\n{APP}", script.replace("OUTSIDE", outside.path().to_str().unwrap()));
        let refusal = room(&script).refusal(&[("app.json", r#"{ "assets": "dist" }"#)]).await;
        assert!(refusal.contains("which is not there after the build") || refusal.contains("a symbolic link: a.txt"), "{script}: {refusal}");
    }
}
