//! An owner, or the source itself, chooses buildpacks: the platform's, a folder's, somebody else's by git, and classic ones.
use paas_tests::{Platform, Repository, eventually};
use std::{
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
};

/// Writes a page that says who made it.
const PAGE: &str = "#!/bin/sh\nset -eu\necho '-----> Writing the page'\nmkdir -p \"$PAAS_SLUG_DIR/site\"\necho \"made by $1\" > \"$PAAS_SLUG_DIR/site/index.html\"\n\
                    printf '[processes.web]\\nkind = \"static\"\\nroot = \"site\"\\n' > \"$PAAS_SLUG_DIR/slug.toml\"\n";

fn script(repository: &Repository<'_>, name: &str, text: &str) {
    repository.write(name, text);
    let path = repository.path.join(name);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_the_source_is_a_buildpack_and_the_owners_choice_comes_first() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("shop").await;
    script(&repository, "tools/bin/detect", "#!/bin/sh\nexit 0\n");
    script(&repository, "tools/bin/build", &PAGE.replace("$1", "the folder's buildpack"));
    repository.write("app.json", r#"{ "buildpacks": [{ "url": "./tools" }] }"#);
    repository.write("index.html", "made by the static buildpack\n");
    repository.commit("Bring a buildpack").await;
    let push = repository.push().await;
    assert!(push.stderr.contains("Using the buildpack (named by app.json)"), "{}", push.stderr);
    push.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "made by the folder's buildpack\n");

    let set = developer.run("buildpacks:set static -a shop").await.ok();
    assert!(set.contains("will use static"), "{set}");
    repository.commit("Again").await;
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "made by the static buildpack\n");

    developer.run("buildpacks:set python-of-nowhere -a shop").await.ok();
    repository.commit("And again").await;
    let refused = repository.push().await;
    assert!(refused.stderr.contains("There is no buildpack python-of-nowhere. This platform has spin, wasm,"), "{}", refused.stderr);
    developer.run("buildpacks:clear -a shop").await.ok();
    let bad = developer.run("buildpacks:set ext::sh -a shop").await;
    assert!(bad.stderr.contains("names no buildpack"), "{}", bad.stderr);
    developer.run("buildpacks:set javascript -a shop").await.ok();
    let unfit = repository.push().await;
    assert!(unfit.stderr.contains("App not compatible with buildpack: javascript"), "{}", unfit.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_buildpack_prepares_what_the_next_one_takes() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.repository("shop").await;
    script(&repository, "classic/bin/detect", "#!/bin/sh\n[ -f \"$1/page.md\" ] && echo Pages\n");
    let compile = "#!/bin/sh\nset -eu\necho \"-----> Pages for $(cat \"$3/OWNER\")\"\nmkdir -p \"$1/public\"\n\
                   { echo '<h1>'; cat \"$1/page.md\"; echo '</h1>'; } > \"$1/public/index.html\"\n";
    script(&repository, "classic/bin/compile", compile);
    repository.write("page.md", "Hello");
    repository.commit("Pages").await;
    developer.run("config:set OWNER=me -a shop").await.ok();
    developer.run("buildpacks:set ./classic -a shop").await.ok();
    developer.run("buildpacks:add static -a shop").await.ok();
    let push = repository.push().await;
    assert!(push.stderr.contains("-----> Pages for me"), "{}", push.stderr);
    push.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "<h1>\nHello</h1>\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_buildpack_alone_leaves_a_module() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("shop", "wasm-hello").await;
    repository.git(&["mv", "hello.wat", "source.txt"]).await.ok();
    repository.git(&["rm", "-q", "Procfile"]).await.ok();
    script(&repository, "classic/bin/detect", "#!/bin/sh\nexit 0\n");
    script(&repository, "classic/bin/compile", "#!/bin/sh\nset -eu\nmkdir -p \"$1/.paas\"\ncp \"$1/source.txt\" \"$1/.paas/app.wat\"\n");
    script(&repository, "classic/bin/release", "#!/bin/sh\nprintf -- '---\\ndefault_process_types:\\n  web: .paas/app.wat\\n'\n");
    repository.commit("A classic buildpack").await;
    developer.run("buildpacks:set ./classic -a shop").await.ok();
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "Hello from WebAssembly\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_classic_buildpack_exports_the_next_one_finds() {
    let platform = Platform::start().await;
    let developer = platform.developer();
    let repository = developer.start_app("shop", "wasm-hello").await;
    let export = "#!/bin/sh\necho \"export TOOL_HOME=$1/.tool LD_LIBRARY_PATH=$1/.tool:\\$LD_LIBRARY_PATH\" > \"$(dirname \"$0\")/../export\"\n";
    for (folder, compile) in [("first", export), ("second", "#!/bin/sh\necho \"The tool is in ${TOOL_HOME#\"$1\"/}\"\n")] {
        script(&repository, &format!("{folder}/bin/detect"), "#!/bin/sh\nexit 0\n");
        script(&repository, &format!("{folder}/bin/compile"), compile);
    }
    repository.commit("Two classic buildpacks").await;
    developer.run("buildpacks:set ./first -a shop").await.ok();
    developer.run("buildpacks:add ./second -a shop").await.ok();
    let push = repository.push().await;
    assert!(push.stderr.contains("The tool is in .tool"), "{}", push.stderr);
    push.ok();
}

/// Git's own server for one repository.
struct GitDaemon {
    url: String,
    process: Child,
}

impl GitDaemon {
    async fn start(repository: &Repository<'_>, port: u16) -> Self {
        let base = repository.path.parent().unwrap().display();
        // Not by `git daemon`, which starts it as a child that would outlive the one killed here.
        let programs = repository.git(&["--exec-path"]).await.ok();
        let mut command = Command::new(format!("{}/git-daemon", programs.trim()));
        command.args(["--export-all", "--reuseaddr", "--listen=127.0.0.1"]).arg(format!("--port={port}")).arg(format!("--base-path={base}"));
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("git has a daemon");
        eventually("git's server listens", async || TcpStream::connect(("127.0.0.1", port)).ok()).await;
        Self { url: format!("git://127.0.0.1:{port}/{}", repository.app), process }
    }
}

impl Drop for GitDaemon {
    fn drop(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it was started here");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buildpack_is_fetched_by_git_at_its_branch() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap().port();
    // A host that is not public is the operator's to allow.
    let platform = Platform::start_with(&[("PAAS_BUILD_HOSTS", &format!("127.0.0.1:{port}"))]).await;
    let developer = platform.developer();
    let theirs = developer.repository("theirs").await;
    script(&theirs, "bin/detect", "#!/bin/sh\nexit 0\n");
    script(&theirs, "bin/build", &PAGE.replace("$1", "another's buildpack"));
    theirs.commit("A buildpack").await;
    theirs.git(&["branch", "v2"]).await.ok();
    let daemon = GitDaemon::start(&theirs, port).await;

    let repository = developer.repository("shop").await;
    repository.write("notes.txt", "nothing that any buildpack of the platform knows");
    repository.commit("Notes").await;
    developer.run(&format!("buildpacks:set {}#v2 -a shop", daemon.url)).await.ok();
    repository.push().await.ok();
    assert_eq!(platform.visitor().get("shop", "/").await.text, "made by another's buildpack\n");

    let commit = theirs.git(&["rev-parse", "HEAD"]).await.ok().trim().to_string();
    theirs.write("README.md", "Later");
    theirs.commit("Later").await;
    developer.run(&format!("buildpacks:set {}#{commit} -a shop", daemon.url)).await.ok();
    repository.commit("The same").await;
    repository.push().await.ok();
    let build = developer.run("builds:info --json -a shop").await.ok();
    assert!(build.contains(&commit) && build.contains(&format!("#{commit}")), "the build is kept with the buildpack's commit: {build}");

    developer.run(&format!("buildpacks:set {}#v3 -a shop", daemon.url)).await.ok();
    repository.commit("Again").await;
    let refused = repository.push().await;
    assert!(refused.stderr.contains("could not be fetched. Check its address and its #branch, #tag or whole #commit"), "{}", refused.stderr);
}
