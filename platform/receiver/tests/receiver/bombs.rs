//! Packs that are small to send and costly to take.
use crate::{
    developer::Developer,
    platform::{Platform, eventually},
    raw::{once, read, send},
};
use flate2::{Compression, write::ZlibEncoder};
use paas_receiver::{CheckoutError, CheckoutLimits, Rejected};
use sha1::{Digest as _, Sha1};
use std::{fmt::Write as _, io::Write as _, process::Stdio};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

/// A platform that would write each push's source.
async fn platform(folder: &TempDir) -> Platform {
    let into = folder.path().join("source");
    Platform::judging(move |push, _| {
        let into = into.clone();
        async move {
            let checkout = push.deploying.unwrap().checkout_within(&into, CheckoutLimits::default()).await;
            checkout.map(drop).map_err(|error| match error {
                CheckoutError::Refused(text) => Rejected(text),
                CheckoutError::Fault(fault) => panic!("{fault:?}"),
            })
        }
    })
    .await
}

/// Gives a stream to `git fast-import`, which leaves one commit on `main`.
async fn import(developer: &Developer, stream: String) {
    let mut importing = developer.command(&["fast-import", "--quiet", "--depth=0"]).stdin(Stdio::piped()).spawn().unwrap();
    importing.stdin.take().unwrap().write_all(stream.as_bytes()).await.unwrap();
    assert!(importing.wait().await.unwrap().success());
}

const COMMIT: &str = "commit refs/heads/main\ncommitter Ann <ann@example.com> 0 +0000\ndata 1\nx\n";

#[tokio::test]
async fn a_million_objects_are_counted_and_none_is_written() {
    const SIDE: usize = 1000;
    let folder = TempDir::new().unwrap();
    let platform = platform(&folder).await;
    let developer = Developer::new(&platform.url).await;
    let mut stream = String::with_capacity(100 << 20);
    (1..=SIDE * SIDE).for_each(|number| writeln!(stream, "blob\nmark :{number}\ndata 7\n{number:07}").unwrap());
    stream += COMMIT;
    (0..SIDE * SIDE).for_each(|number| writeln!(stream, "M 100644 :{} {}/{}", number + 1, number / SIDE, number % SIDE).unwrap());
    import(&developer, stream).await;

    let answer = read(send(&platform, once(pushed_as_it_lies(&developer).await)).await).await;
    let text = String::from_utf8_lossy(&answer.unwrap()).into_owned();
    assert!(text.contains("The source has more than 50000 files and folders."), "{text}");
    nothing_is_left(&platform, &folder).await;
}

#[tokio::test]
async fn a_very_deep_tree_is_refused() {
    let folder = TempDir::new().unwrap();
    let platform = platform(&folder).await;
    let developer = Developer::new(&platform.url).await;
    import(&developer, format!("blob\nmark :1\ndata 1\nx\n{COMMIT}M 100644 :1 {}f\n", "a/".repeat(3000))).await;
    let answer = read(send(&platform, once(pushed_as_it_lies(&developer).await)).await).await;
    let text = String::from_utf8_lossy(&answer.unwrap_or_default()).into_owned();
    assert!(text.is_empty() || text.contains("folders deep") || text.contains("exceeds maximum") || text.contains("too deep"), "{text}");
    nothing_is_left(&platform, &folder).await;
}

#[tokio::test]
async fn a_chain_of_deltas_that_unfolds_to_terabytes_is_given_up() {
    let folder = TempDir::new().unwrap();
    let platform = platform(&folder).await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let bomb = chain(64 << 10, 24);
    assert!(bomb.len() < 2 << 20, "{} bytes stand for {} GB", bomb.len(), (64_u64 << 10 << 24) >> 30);
    let answer = read(send(&platform, once([crate::raw::command(&developer).await, bomb].concat())).await).await;
    let text = String::from_utf8_lossy(&answer.unwrap()).into_owned();
    assert!(text.contains("unpack ") && !text.contains("unpack ok") && text.contains("ng refs/heads/main"), "{text}");
    eventually("the quarantine is gone", || !platform.has_quarantine()).await;
    assert_eq!(platform.main().await, None);

    let push = developer.push("main").await;
    assert!(push.ok, "{}", push.text);
}

/// A pack: a blob of zeros, and as many deltas, each of which is twice the one before.
fn chain(base: u64, levels: u32) -> Vec<u8> {
    let mut pack = [b"PACK".as_slice(), &2_u32.to_be_bytes(), &(levels + 1).to_be_bytes()].concat();
    let mut last = pack.len();
    entry(&mut pack, 3, &[], &vec![0; base as usize]);
    for level in 0..levels {
        let (from, distance) = (base << level, pack.len() - last);
        last = pack.len();
        entry(&mut pack, 6, &distance_of(distance as u64), &twice(from));
    }
    let digest = Sha1::digest(&pack);
    pack.extend(digest);
    pack
}

/// gitformat-pack(5): kind and length, for a delta where its base lies, then the compressed content.
fn entry(pack: &mut Vec<u8>, kind: u8, base: &[u8], content: &[u8]) {
    let length = content.len() as u64;
    let more = if length > 15 { 0x80 } else { 0 };
    pack.push(more | kind << 4 | (length & 15) as u8);
    if more != 0 {
        pack.extend(number(length >> 4));
    }
    pack.extend(base);
    let mut zlib = ZlibEncoder::new(pack, Compression::best());
    zlib.write_all(content).unwrap();
    zlib.finish().unwrap();
}

/// Seven bits a byte, the lowest first.
fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// How many bytes before a delta its base begins: seven bits a byte, the highest first, one less in each but the last.
fn distance_of(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7f) as u8];
    while value > 0x7f {
        value = (value >> 7) - 1;
        bytes.insert(0, 0x80 | (value & 0x7f) as u8);
    }
    bytes
}

/// A delta: both lengths, then what is copied from the start of the base.
fn twice(from: u64) -> Vec<u8> {
    let mut delta = [number(from), number(2 * from)].concat();
    let mut left = 2 * from;
    while left > 0 {
        let piece = left.min(from).min(0xff_ffff);
        delta.push(0x80 | 0x70); // three bytes of length follow, none of an offset
        delta.extend(&piece.to_le_bytes()[..3]);
        left -= piece;
    }
    delta
}

/// A first push of `main` with the pack that fast-import made.
async fn pushed_as_it_lies(developer: &Developer) -> Vec<u8> {
    let packs = developer.folder().join(".git/objects/pack");
    let pack = std::fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.extension().is_some_and(|end| end == "pack"));
    [crate::raw::command(developer).await, std::fs::read(pack.unwrap()).unwrap()].concat()
}

async fn nothing_is_left(platform: &Platform, folder: &TempDir) {
    platform.ended(1).await;
    assert_eq!(platform.main().await, None);
    eventually("the quarantine is gone", || !platform.has_quarantine()).await;
    assert!(!folder.path().join("source").exists());
}
