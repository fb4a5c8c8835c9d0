//! Archives that are sent instead of a push: as ordinary ones are, and as an enemy makes them.
use crate::platform::Platform;
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures::stream;
use paas_model::AccountId;
use paas_receiver::{Archive, CheckoutError, CheckoutLimits, SourceError};
use std::{fs, io::Write, os::unix::fs::PermissionsExt};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

const LIMITS: CheckoutLimits = CheckoutLimits { total_bytes: 100_000, file_bytes: 50_000, entries: 50, depth: 8, path_bytes: 300 };

struct Tar(Builder<GzEncoder<Vec<u8>>>);

impl Tar {
    fn new() -> Self {
        Self(Builder::new(GzEncoder::new(Vec::new(), Compression::fast())))
    }

    fn file(self, name: &str, text: &str) -> Self {
        self.entry(EntryType::Regular, name.as_bytes(), "", text)
    }

    fn link(self, kind: EntryType, name: &str, target: &str) -> Self {
        self.entry(kind, name.as_bytes(), target, "")
    }

    /// Says what it is told to, in an old header that checks nothing.
    fn entry(mut self, kind: EntryType, name: &[u8], target: &str, text: &str) -> Self {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.as_old_mut().name[..name.len()].copy_from_slice(name);
        header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o755);
        header.set_cksum();
        self.0.append(&header, text.as_bytes()).unwrap();
        self
    }

    fn done(self) -> Vec<u8> {
        self.0.into_inner().unwrap().finish().unwrap()
    }
}

async fn sent(platform: &Platform, bytes: Vec<u8>) -> Archive {
    let place = platform.receiver.sources().create(AccountId::generate(), None);
    let pieces = bytes.chunks(1000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>();
    platform.receiver.sources().put(&place.token, stream::iter(pieces)).await.unwrap()
}

/// What is in the folder after the archive was written into it.
async fn written(bytes: Vec<u8>) -> Result<TempDir, String> {
    let platform = Platform::accepting().await;
    let archive = sent(&platform, bytes).await;
    let folder = TempDir::new().unwrap();
    match archive.checkout_within(&folder.path().join("source"), LIMITS).await {
        Ok(_) => Ok(folder),
        Err(CheckoutError::Refused(text)) => {
            let outside: Vec<_> =
                fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).filter(|name| name != "source").collect();
            assert!(outside.is_empty(), "{outside:?}");
            Err(text)
        }
        Err(fault) => panic!("{fault:?}"),
    }
}

async fn refusal(bytes: Vec<u8>) -> String {
    written(bytes).await.expect_err("the archive is refused")
}

fn text(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join("source").join(name)).unwrap()
}

#[tokio::test]
async fn an_archive_is_written_with_its_folders_links_and_modes() {
    let tar = Tar::new().link(EntryType::Directory, "./", "").file("./bin/run", "#!").file("./a", "one").link(EntryType::Symlink, "./b", "bin/run");
    let folder = written(tar.link(EntryType::Link, "./c/same", "./a").done()).await.unwrap();
    assert_eq!((text(&folder, "a"), text(&folder, "b"), text(&folder, "c/same")), ("one".into(), "#!".into(), "one".into()));
    let mode = fs::metadata(folder.path().join("source/bin/run")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o755);
}

#[tokio::test]
async fn a_single_folder_around_all_files_is_left_out() {
    let folder = written(Tar::new().file("hello-4c47f1a/index.html", "hello").done()).await.unwrap();
    assert_eq!(text(&folder, "index.html"), "hello");
}

#[tokio::test]
async fn long_names_are_read_in_both_of_their_forms() {
    let long = format!("{}/file", "x".repeat(120));
    let mut gnu = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = Header::new_gnu();
    header.set_size(3);
    gnu.append_data(&mut header, &long, "gnu".as_bytes()).unwrap();
    gnu.append_data(&mut header, "beside", "gnu".as_bytes()).unwrap();
    assert_eq!(text(&written(gnu.into_inner().unwrap().finish().unwrap()).await.unwrap(), &long), "gnu");

    let mut pax = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    pax.append_pax_extensions([("path", long.as_bytes())]).unwrap();
    let mut header = Header::new_ustar();
    header.set_path("short").unwrap();
    header.set_size(3);
    header.set_cksum();
    pax.append(&header, "pax".as_bytes()).unwrap();
    pax.append_data(&mut header, "beside", "pax".as_bytes()).unwrap();
    assert_eq!(text(&written(pax.into_inner().unwrap().finish().unwrap()).await.unwrap(), &long), "pax");
}

#[tokio::test]
async fn what_leads_out_is_refused() {
    let of = |name: &str| Tar::new().file(name, "x").file("y", "y").done();
    assert!(refusal(of("../evil")).await.contains("leads out of the archive"));
    assert!(refusal(of("a/../../evil")).await.contains("leads out of the archive"));
    assert!(refusal(of("/etc/evil")).await.contains("is an absolute path"));
    let link = |target: &str| Tar::new().file("y", "y").link(EntryType::Symlink, "link", target).done();
    assert!(refusal(link("/etc/passwd")).await.contains("leads an absolute path"));
    assert!(refusal(link("../..")).await.contains("leads outside of the source"));
    let through = Tar::new().link(EntryType::Symlink, "link", "folder").file("link/file", "x").file("folder/z", "z").done();
    assert!(refusal(through).await.contains("twice"), "no file is written through a link");
    assert!(refusal(Tar::new().file("y", "y").link(EntryType::Link, "hard", "/etc/passwd").done()).await.contains("absolute path"));
    assert!(
        refusal(Tar::new().file("y", "y").link(EntryType::Link, "hard", "later").file("later", "x").done()).await.contains("does not come before it")
    );
}

#[tokio::test]
async fn what_no_source_has_is_refused() {
    for (kind, word) in [(EntryType::Char, "device"), (EntryType::Block, "device"), (EntryType::Fifo, "pipe"), (EntryType::GNUSparse, "neither file")]
    {
        assert!(refusal(Tar::new().link(kind, "x", "").done()).await.contains(word), "{kind:?}");
    }
    assert!(refusal(Tar::new().file("a", "x").file("a", "y").done()).await.contains("twice"));
    assert!(refusal(Tar::new().file(".git/config", "x").file("y", "y").done()).await.contains("not allowed"));
    assert!(refusal(Tar::new().entry(EntryType::Regular, b"a\xff", "", "x").done()).await.contains("not UTF-8"));
    assert!(refusal(Tar::new().done()).await.contains("no files"));
    for mut broken in [b"no archive at all".to_vec(), Tar::new().file("a", &"x".repeat(9000)).done()] {
        broken.truncate(broken.len() - 9);
        assert!(refusal(broken).await.contains("no whole .tar.gz"));
    }
}

#[tokio::test]
async fn bombs_are_not_unpacked_to_their_end() {
    assert!(refusal(Tar::new().file("a", &"x".repeat(50_001)).done()).await.contains("a file may have 50000"));
    let tar = Tar::new().file("a", &"x".repeat(40_000)).file("b", &"x".repeat(40_000)).file("c", &"x".repeat(40_000)).done();
    assert!(refusal(tar).await.contains("more than 100000 bytes"));
    let many = (0..60).fold(Tar::new(), |tar, number| tar.file(&number.to_string(), ""));
    assert!(refusal(many.done()).await.contains("more than 50 files and folders"));
    assert!(refusal(Tar::new().file(&format!("{}f", "d/".repeat(40)), "").done()).await.contains("8 folders deep"));
    let mut zeros = GzEncoder::new(Vec::new(), Compression::fast());
    zeros.write_all(&vec![0; 10 << 20]).unwrap();
    assert!(refusal(zeros.finish().unwrap()).await.contains("unpacks to more than"));
    let name = Tar::new().entry(EntryType::GNULongName, b"././@LongLink", "", &"x".repeat(70_000)).file("a", "a");
    assert!(refusal(name.done()).await.contains("a header of it has more than"));
    let size = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    assert!(refusal(hidden(size)).await.contains("its size in an extended header"));
}

fn hidden(mut tar: Builder<GzEncoder<Vec<u8>>>) -> Vec<u8> {
    tar.append_pax_extensions([("size", "1024".as_bytes())]).unwrap();
    let mut header = Header::new_ustar();
    tar.append_data(&mut header, "a", &[][..]).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[tokio::test]
async fn a_place_takes_one_archive_of_a_bounded_size_and_gives_it_to_its_owner() {
    let platform = Platform::accepting().await;
    let (sources, owner) = (platform.receiver.sources(), AccountId::generate());
    let place = sources.create(owner, Some("v1".into()));
    let body = |piece: &'static [u8]| stream::iter([Ok(Bytes::from_static(piece))]);
    assert!(sources.by_token(&place.token, owner).is_none() && sources.by_id(place.id, owner).is_none());
    assert!(matches!(sources.put("guessed", body(b"x")).await, Err(SourceError::Unknown)));
    let cut = stream::iter([Ok(Bytes::from_static(b"x")), Err(std::io::Error::other("gone"))]);
    assert!(matches!(sources.put(&place.token, cut).await, Err(SourceError::CutOff)));
    sources.put(&place.token, body(b"x")).await.unwrap();
    assert!(matches!(sources.put(&place.token, body(b"y")).await, Err(SourceError::Taken)));
    assert_eq!(sources.by_id(place.id, owner).unwrap().1.as_deref(), Some("v1"));
    assert!(sources.by_token(&place.token, AccountId::generate()).is_none());

    let endless = stream::repeat_with(|| Ok(Bytes::from(vec![0; 1 << 20])));
    let other = sources.create(owner, None);
    assert!(matches!(sources.put(&other.token, endless).await, Err(SourceError::TooLarge(_))));
    assert_eq!(files(&platform), 1, "what was refused is gone");
    for _ in 0..10 {
        sources.create(owner, None);
    }
    assert!(sources.by_token(&place.token, owner).is_none(), "the oldest goes");
    assert_eq!(files(&platform), 0);
}

fn files(platform: &Platform) -> usize {
    fs::read_dir(platform.config().run_dir.join("sources")).unwrap().count()
}
