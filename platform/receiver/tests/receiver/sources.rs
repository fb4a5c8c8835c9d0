//! What a source may hold, and what is written of it.
use crate::{
    developer::{Developer, gits},
    platform::Platform,
};
use paas_receiver::{CheckoutError, CheckoutLimits, CheckoutStats, Rejected};
use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;

/// A platform that writes each push's source into `folder/source`, next to which nothing may appear.
struct Site {
    platform: Platform,
    developer: Developer,
    folder: TempDir,
    written: Arc<Mutex<Option<CheckoutStats>>>,
}

impl Site {
    async fn new(limits: CheckoutLimits) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("canary"), "alive").unwrap();
        let (into, written) = (folder.path().join("source"), Arc::new(Mutex::new(None)));
        let stats = written.clone();
        let platform = Platform::judging(move |push, _| {
            let (into, stats) = (into.clone(), stats.clone());
            async move {
                let checkout = push.deploying.unwrap().checkout_within(&into, limits).await;
                *stats.lock().unwrap() = Some(checkout.map_err(|error| match error {
                    CheckoutError::Refused(text) => Rejected(text),
                    CheckoutError::Fault(fault) => panic!("{fault:?}"),
                })?);
                Ok(())
            }
        })
        .await;
        let developer = Developer::new(&platform.url).await;
        Self { platform, developer, folder, written }
    }

    fn source(&self) -> PathBuf {
        self.folder.path().join("source")
    }

    /// Commits what is in the working copy and expects this sentence, and nothing outside of the source's folder.
    async fn refuses(&self, sentence: &str) {
        self.developer.commit_all().await;
        self.refuses_head(sentence).await;
    }

    async fn refuses_head(&self, sentence: &str) {
        let push = self.developer.push("main").await;
        assert!(!push.ok && push.text.contains(sentence), "{sentence}: {}", push.text);
        assert_eq!(self.platform.main().await, None);
        assert_eq!(fs::read_to_string(self.folder.path().join("canary")).unwrap(), "alive");
        let names: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(names.iter().all(|name| name == "canary" || name == "source"), "{names:?}");
        fs::remove_dir_all(self.source()).ok();
    }
}

#[tokio::test]
async fn a_source_is_written_as_it_was_committed() {
    let site = Site::new(CheckoutLimits::default()).await;
    let developer = &site.developer;
    developer.write("index.html", "<h1>hello</h1>");
    developer.write("a/b/c d.txt", "deep");
    developer.write("bin/run", "#!/bin/sh\n");
    fs::set_permissions(developer.folder().join("bin/run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("b/c d.txt", developer.folder().join("a/link")).unwrap();
    developer.write("empty", "");
    developer.commit_all().await;
    developer.run("push paas main").await;

    let source = site.source();
    assert_eq!(*site.written.lock().unwrap(), Some(CheckoutStats { files: 5, bytes: 14 + 4 + 10 }));
    assert_eq!(fs::read_to_string(source.join("index.html")).unwrap(), "<h1>hello</h1>");
    assert_eq!(fs::read_to_string(source.join("a/link")).unwrap(), "deep");
    assert_eq!(fs::read(source.join("empty")).unwrap(), b"");
    let mode = |path: &str| source.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("index.html"), mode("bin/run"), mode("a/b")), (0o644, 0o755, 0o755));
}

#[tokio::test]
async fn links_out_of_the_source_are_refused() {
    let site = Site::new(CheckoutLimits::default()).await;
    let folder = site.developer.folder();
    fs::create_dir(folder.join("x")).unwrap();
    for target in ["/etc", "../canary", "x/../../canary"] {
        symlink(target, folder.join("out")).unwrap();
        site.refuses(&format!("out is a link to {target}, which leads")).await;
        fs::remove_file(folder.join("out")).unwrap();
    }
    symlink("..", folder.join("x/up")).unwrap();
    symlink("x/up/../canary", folder.join("out")).unwrap();
    site.refuses("out is a link to x/up/../canary, which leads outside of the source.").await;
}

#[tokio::test]
async fn what_cannot_be_built_is_refused_with_a_sentence() {
    let site = Site::new(CheckoutLimits::default()).await;
    let developer = &site.developer;
    let names = [("new\nline", "new\\nline has control characters in its name."), ("esc\u{1b}[2J", "esc\\u{1b}[2J has control characters")];
    for (name, sentence) in names {
        developer.write(name, "x");
        site.refuses(sentence).await;
        fs::remove_file(developer.folder().join(name)).unwrap();
    }
    developer.write("big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n");
    site.refuses("big.bin is a pointer of Git LFS").await;
    fs::remove_file(developer.folder().join("big.bin")).unwrap();

    let commit = developer.commit_all().await;
    developer.run(&format!("update-index --add --cacheinfo 160000,{commit},lib/sub")).await;
    developer.run("commit -q -m submodule").await;
    site.refuses_head("lib/sub is a submodule").await;
}

#[tokio::test]
async fn names_that_git_itself_uses_never_reach_the_checkout() {
    let site = Site::new(CheckoutLimits::default()).await;
    let developer = &site.developer;
    developer.write("file", "x");
    let blob = developer.run("hash-object -w file").await;
    for (mode, name) in [("100644", ".git"), ("100644", ".GIT"), ("100644", "git~1"), ("100644", "..")] {
        let tree = write_tree(developer, &[(mode, name, &blob)]);
        let commit = developer.run(&format!("commit-tree -m evil {tree}")).await;
        let push = developer.push(&format!("{commit}:refs/heads/main")).await;
        assert!(!push.ok, "{name}: {}", push.text);
    }
    // A link and a folder of the same name: what is below would be written through the link.
    let link = write_object(developer, "blob", b"/tmp");
    let inner = write_tree(developer, &[("100644", "file", &blob)]);
    let tree = write_tree(developer, &[("120000", "l", &link), ("40000", "l", &inner)]);
    let commit = developer.run(&format!("commit-tree -m evil {tree}")).await;
    let push = developer.push(&format!("{commit}:refs/heads/main")).await;
    assert!(!push.ok, "{}", push.text);
    assert_eq!(site.platform.judge.count("pre_receive"), 0, "git's own check comes before the hook");
    assert!(!site.platform.has_quarantine());
}

#[tokio::test]
async fn a_gigabyte_of_zeros_is_refused_before_it_is_unpacked() {
    let site = Site::new(CheckoutLimits::default()).await;
    File::create(site.developer.folder().join("zeros")).unwrap().set_len(1 << 30).unwrap();
    site.developer.run("config core.bigFileThreshold 1m").await;
    site.developer.run("config core.compression 1").await;
    site.refuses("zeros has 1073741824 bytes; a file may have 134217728.").await;
    assert!(!site.source().exists());
}

#[tokio::test]
async fn each_limit_has_its_sentence() {
    let limits = CheckoutLimits { total_bytes: 100, file_bytes: 60, entries: 6, depth: 3, path_bytes: 40 };
    let site = Site::new(limits).await;
    let developer = &site.developer;
    let cases: [(&[(&str, usize)], &str); 5] = [
        (&[("a", 61)], "a has 61 bytes; a file may have 60."),
        (&[("a", 60), ("b", 41)], "The source has more than 100 bytes."),
        (&[("1", 1), ("2", 1), ("3", 1), ("4", 1), ("5", 1), ("6", 1), ("7", 1)], "The source has more than 6 files and folders."),
        (&[("a/b/c/d/e", 1)], "a/b/c/d is more than 3 folders deep."),
        (&[("a/this-is-a-name-of-some-length-and-too-long", 1)], "is a path of more than 40 bytes."),
    ];
    for (files, sentence) in cases {
        for (path, bytes) in files {
            developer.write(path, "x".repeat(*bytes));
        }
        site.refuses(sentence).await;
        developer.run("rm -q -r --cached .").await;
        developer.run("clean -q -f -d").await;
    }
}

#[tokio::test]
async fn a_tree_that_repeats_itself_is_counted_as_it_would_be_written() {
    let site = Site::new(CheckoutLimits::default()).await;
    let developer = &site.developer;
    developer.write("file", "x");
    let mut below = developer.run("hash-object -w file").await;
    let mut mode = "100644";
    // 10 to the power of 8 files in 9 objects.
    for _ in 0..8 {
        let names: Vec<String> = (0..10).map(|index| format!("f{index}")).collect();
        let entries: Vec<(&str, &str, &str)> = names.iter().map(|name| (mode, name.as_str(), below.as_str())).collect();
        below = write_tree(developer, &entries);
        mode = "40000";
    }
    let commit = developer.run(&format!("commit-tree -m bomb {below}")).await;
    let push = developer.push(&format!("{commit}:refs/heads/main")).await;
    assert!(!push.ok && push.text.contains("The source has more than 50000 files and folders."), "{}", push.text);
    assert!(!site.source().exists());
}

#[tokio::test]
async fn what_is_already_in_the_folder_is_never_written_through() {
    for git in gits() {
        let folder = TempDir::new().unwrap();
        let outside = folder.path().join("outside");
        fs::write(&outside, "mine").unwrap();
        let source = folder.path().join("source");
        fs::create_dir(&source).unwrap();
        symlink(&outside, source.join("file.txt")).unwrap();
        let platform = Platform::judging(move |push, _| {
            let source = source.clone();
            async move {
                match push.deploying.unwrap().checkout(&source).await {
                    Err(CheckoutError::Fault(_)) => Err(Rejected("fault".into())),
                    other => panic!("{other:?}"),
                }
            }
        })
        .await;
        let developer = Developer::with_git(&git, &platform.url).await;
        developer.commit("theirs").await;
        let push = developer.push("main").await;
        assert!(!push.ok && push.text.contains(" !     fault"), "{}", push.text);
        assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    }
}

/// Writes a tree that git's own commands would not make: entries as they stand, in this order.
fn write_tree(developer: &Developer, entries: &[(&str, &str, &str)]) -> String {
    let mut content = Vec::new();
    for (mode, name, id) in entries {
        content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        content.extend_from_slice(git2::Oid::from_str(id).unwrap().as_bytes());
    }
    write_object(developer, "tree", &content)
}

fn write_object(developer: &Developer, kind: &str, content: &[u8]) -> String {
    let repository = git2::Repository::open(developer.folder()).unwrap();
    let kind = git2::ObjectType::from_str(kind).unwrap();
    repository.odb().unwrap().write(kind, content).unwrap().to_string()
}
