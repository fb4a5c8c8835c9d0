//! Requests that no git would send, given to the receiver without HTTP between.
use crate::{
    developer::Developer,
    platform::{DEADLINE, MAIN, Platform, eventually},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use paas_receiver::{ByteStream, Rejected};
use std::{io, process::Stdio, sync::Arc};
use tokio::{io::AsyncWriteExt, sync::Notify, time::timeout};

type Piece = Result<Bytes, io::Error>;

/// The body of a first push of `main`: one command, then the pack (gitprotocol-pack, "Reference Update Request").
async fn first_push(developer: &Developer) -> Vec<u8> {
    let mut packing = developer.command(&["pack-objects", "--quiet", "--revs", "--stdout"]).stdin(Stdio::piped()).spawn().unwrap();
    packing.stdin.take().unwrap().write_all(b"main\n").await.unwrap();
    let pack = packing.wait_with_output().await.unwrap().stdout;
    [command(developer).await, pack].concat()
}

/// What comes before the pack.
pub async fn command(developer: &Developer) -> Vec<u8> {
    let commit = developer.run("rev-parse main").await;
    let command = format!("{} {commit} {MAIN}\0 report-status side-band-64k agent=test", "0".repeat(40));
    format!("{:04x}{command}0000", command.len() + 4).into_bytes()
}

pub async fn send(platform: &Platform, body: impl Stream<Item = Piece> + Send + 'static) -> ByteStream {
    platform.receiver.receive_pack(platform.app, body, platform.judge.clone()).await.unwrap()
}

/// The whole answer; `Err` if it ends in one.
pub async fn read(answer: ByteStream) -> io::Result<Vec<u8>> {
    let pieces: Vec<Piece> = timeout(DEADLINE, answer.collect()).await.expect("the answer ends");
    pieces.into_iter().try_fold(Vec::new(), |mut all, piece| {
        all.extend_from_slice(&piece?);
        Ok(all)
    })
}

pub fn once(body: Vec<u8>) -> impl Stream<Item = Piece> {
    stream::iter([Ok(Bytes::from(body))])
}

#[tokio::test]
async fn a_silent_build_keeps_the_connection_alive() {
    let heard = Arc::new(Notify::new());
    let silent = heard.clone();
    let platform = Platform::judging(move |_, _| {
        let heard = silent.clone();
        async move {
            heard.notified().await;
            Ok(())
        }
    })
    .await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let mut answer = send(&platform, once(first_push(&developer).await)).await;
    let mut signs = 0;
    let mut all = Vec::new();
    let reading = async {
        while let Some(piece) = answer.next().await {
            let piece = piece.unwrap();
            // An empty packet of sideband 1: the build says nothing before two of them have come.
            signs += usize::from(platform.judge.count("pre_receive") == 1 && piece.as_ref() == b"0005\x01");
            if signs == 2 {
                heard.notify_one();
            }
            all.extend_from_slice(&piece);
        }
    };
    timeout(DEADLINE, reading).await.unwrap();
    assert!(signs >= 2);
    assert!(String::from_utf8_lossy(&all).contains("ok refs/heads/main"));
}

#[tokio::test]
async fn a_push_goes_on_when_nobody_reads_its_answer() {
    let platform = Platform::judging(|_, output| async move {
        // More than any pipe holds.
        for _ in 0..20_000 {
            output.line("x".repeat(100));
        }
        Ok(())
    })
    .await;
    let developer = Developer::new(&platform.url).await;
    let commit = developer.commit("one").await;
    drop(send(&platform, once(first_push(&developer).await)).await);
    platform.ended(1).await;
    assert_eq!(platform.main().await, Some(commit));
    assert_eq!(platform.judge.events(), ["pre_receive", "post_receive", "ended"]);
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_pack_leaves_nothing_behind() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let body = first_push(&developer).await;
    for cut in [3, 60, body.len() - 30] {
        let before = platform.judge.count("ended");
        let sent = Bytes::copy_from_slice(&body[..cut]);
        let gone = stream::iter([Ok(sent), Err(io::ErrorKind::ConnectionReset.into())]);
        // The answer may say what was wrong, or break: nobody is there.
        read(send(&platform, gone).await).await.ok();
        platform.ended(before + 1).await;
    }
    assert_eq!(platform.judge.count("pre_receive"), 0);
    assert_eq!(platform.main().await, None);
    eventually("the quarantine is gone", || !platform.has_quarantine()).await;
}

#[tokio::test]
async fn garbage_breaks_the_answer_off() {
    let platform = Platform::accepting().await;
    for garbage in ["zzzz", "0004", "ffffshort", "GET / HTTP/1.1\r\n\r\n", "0032not a command at all, though of the right size"] {
        assert!(read(send(&platform, once(garbage.into())).await).await.is_err(), "{garbage}");
    }
    platform.ended(5).await;
    assert_eq!(platform.judge.count("pre_receive"), 0);
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let start = first_push(&developer).await[..200].to_vec();
    let forever = once(start).chain(stream::repeat_with(|| Ok(Bytes::from_static(&[0; 64 * 1024]))));
    read(send(&platform, forever).await).await.ok();
    platform.ended(1).await;
    assert_eq!(platform.main().await, None);
}

#[tokio::test]
async fn the_probe_before_a_large_push_is_answered() {
    let platform = Platform::accepting().await;
    assert_eq!(read(send(&platform, once(b"0000".to_vec())).await).await.unwrap(), b"");
    platform.ended(1).await;
}

#[tokio::test]
async fn a_judge_that_panics_has_refused() {
    let platform = Platform::judging(|_, _| async {
        if true {
            panic!("a fault in the judge");
        }
        Err(Rejected(String::new()))
    })
    .await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let push = developer.push("main").await;
    assert!(!push.ok && push.text.contains("pre-receive hook declined"), "{}", push.text);
    platform.ended(1).await;
    assert_eq!(platform.main().await, None);
}
