//! The platform's own buildpacks on the sample apps.
use crate::room::{Room, borrowed, sample};
use paas_builder::ProcessSource;
use paas_model::{Launch, slug::StaticSite};

fn room() -> Room {
    Room::with_ours(&["wasm", "static"])
}

fn site(fallback: bool) -> Launch {
    Launch::Static(StaticSite { root: "public".into(), fallback })
}

#[tokio::test]
async fn a_static_site_becomes_its_files_with_the_texts_compressed() {
    let room = room();
    let done = room.build(&borrowed(&sample("static-hello"))).await.unwrap();
    let brotli = ["/usr/local/bin/brotli", "/usr/bin/brotli", "/bin/brotli"].iter().any(|program| std::path::Path::new(program).exists());
    let files = ["public/404.html", "public/index.html", "public/style.css", "public/style.css.br", "public/style.css.gz"];
    let expected: Vec<&str> = files.into_iter().filter(|name| brotli || !name.ends_with(".br")).collect();
    assert_eq!(done.names(), expected);
    assert_eq!(done.built.processes["web"], site(false));
    assert_eq!((done.built.buildpack.as_str(), done.built.name.as_str()), ("static@0.1.0", "Static site"));
    assert_eq!(done.built.process_source, ProcessSource::Buildpack);
    assert_eq!(
        room.said(),
        "-----> Determining which buildpack to use for this app\n\
         -----> Static site app detected\n\
         -----> Collecting the files of the site\n       Serving 3 files\n       Compressed 1 files\n       Built in …s\n\
         -----> Discovering process types\n       Default types for buildpack -> web"
    );
}

#[tokio::test]
async fn a_single_page_app_says_so_in_static_json() {
    let room = room();
    let done = room.build(&borrowed(&sample("static-spa"))).await.unwrap();
    assert_eq!(done.names(), ["public/assets/app.js", "public/index.html"]);
    assert_eq!(done.built.processes["web"], site(true));

    let heroku = r#"{ "root": "./dist/", "routes": { "/**": "index.html" } }"#;
    let done = room.build(&[("static.json", heroku), ("dist/index.html", "x")]).await.unwrap();
    assert_eq!((done.names(), &done.built.processes["web"]), (vec!["public/index.html"], &site(true)));
}

#[tokio::test]
async fn what_was_not_meant_for_visitors_stays_out_of_a_site() {
    let source = [
        ("index.html", "x"),
        (".env", "SECRET=1"),
        ("sub/.git/config", "x"),
        ("sub/page.html", "x"),
        (".well-known/security.txt", "x"),
        ("README.md", "x"),
        ("Procfile", "web: x"),
        ("app.json", "{}"),
        ("node_modules/a/index.js", "x"),
    ];
    let room = room();
    let done = room.build(&source).await.unwrap();
    assert_eq!(done.names(), ["public/.well-known/security.txt", "public/index.html", "public/sub/page.html"]);
    assert!(room.said().contains(" !     The Procfile's web command is not run"), "{}", room.said());
}

#[tokio::test]
async fn static_json_cannot_lead_out_of_the_source() {
    for root in ["../x", "/etc", "a/../..", "missing"] {
        let room = room();
        let refusal = room.refusal(&[("static.json", &format!(r#"{{"root": "{root}"}}"#)), ("index.html", "x")]).await;
        assert_eq!(refusal, "Push rejected, failed to compile Static site app.");
        assert!(room.said().contains(" !     static.json: "), "{root}: {}", room.said());
    }
}

#[tokio::test]
async fn a_module_named_by_the_procfile_is_the_app() {
    let room = room();
    let done = room.build(&borrowed(&sample("wasm-hello"))).await.unwrap();
    assert_eq!(done.names(), ["hello.wat"]);
    assert_eq!(done.built.processes["web"], Launch::wasm("hello.wat"));
    assert_eq!(done.built.process_source, ProcessSource::Procfile);
    assert!(room.said().ends_with("-----> Discovering process types\n       Procfile declares types     -> web"), "{}", room.said());
}

#[tokio::test]
async fn the_procfile_may_name_several_modules_in_folders() {
    let procfile = "web: ./bin/app.wasm\r\nworker: bin/worker.wasm\r\ntidy: ./tidy.sh\r\n";
    let room = room();
    let done = room.build(&[("Procfile", procfile), ("bin/app.wasm", "a"), ("bin/worker.wasm", "b"), ("package.json", "{}")]).await.unwrap();
    assert_eq!(done.names(), ["bin/app.wasm", "bin/worker.wasm"]);
    assert_eq!(done.built.processes.keys().collect::<Vec<_>>(), ["web", "worker"]);
    assert!(room.said().contains("       Recorded; not run yet       -> tidy, worker"), "{}", room.said());
    assert_eq!(done.built.declared["tidy"], "./tidy.sh");
}

#[tokio::test]
async fn a_release_command_that_could_not_run_ends_the_build() {
    let room = room();
    let refused = room.refusal(&[("Procfile", "web: app.wasm\nrelease: ./migrate.sh\n"), ("app.wasm", "a")]).await;
    assert!(refused.contains("The Procfile's release command `./migrate.sh` cannot run"), "{refused}");
}

#[tokio::test]
async fn a_lone_module_needs_no_procfile_unless_there_is_a_page() {
    let room = room();
    assert_eq!(room.build(&[("app.wasm", "x")]).await.unwrap().built.buildpack, "wasm@0.1.0");
    assert_eq!(room.build(&[("app.wasm", "x"), ("index.html", "x")]).await.unwrap().built.buildpack, "static@0.1.0");
}

#[tokio::test]
async fn a_procfile_that_names_a_missing_module_is_told_what_there_is() {
    let room = room();
    let refusal = room.refusal(&[("Procfile", "web: app.wasm"), ("out/ap.wasm", "x")]).await;
    assert_eq!(refusal, "Push rejected, failed to compile WebAssembly app.");
    assert!(
        room.said().contains(
            " !     The Procfile says `web: app.wasm`, but the source has no file app.wasm.\n !     These modules are there: out/ap.wasm\n"
        ),
        "{}",
        room.said()
    );
}

#[tokio::test]
async fn a_source_that_no_buildpack_takes_is_told_what_was_looked_for() {
    let refusal = room().refusal(&[("main.cob", "x")]).await;
    assert!(refusal.starts_with("No default language could be detected for this app.\nHINT: "), "{refusal}");
    assert!(refusal.contains("\n  WebAssembly: a Procfile with `web: app.wasm`"), "{refusal}");
    assert!(refusal.contains("\n  Static site: an index.html in the root"), "{refusal}");
    assert!(refusal.ends_with("push again."), "{refusal}");
}

#[tokio::test]
async fn the_same_source_gives_the_same_bytes() {
    let (first, second) = (room(), room());
    let source = sample("static-hello");
    let (first, second) = (first.build(&borrowed(&source)).await.unwrap(), second.build(&borrowed(&source)).await.unwrap());
    assert_eq!(first.contents(), second.contents());
}
