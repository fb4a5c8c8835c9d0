//! What comes back out.
use crate::{
    developer::{Developer, gits},
    platform::Platform,
};
use paas_receiver::Service;

#[tokio::test]
async fn a_clone_and_a_fetch_bring_back_what_was_pushed() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    developer.run("push paas main").await;
    for git in gits() {
        for version in ["0", "2"] {
            let reader = Developer::with_git(&git, &platform.url).await;
            let copy = reader.home().join("copy");
            let at = copy.display();
            reader.run(&format!("-c protocol.version={version} clone -q {} {at}", platform.url)).await;
            let before = std::fs::read_to_string(copy.join("file.txt")).unwrap();
            let commit = developer.commit(&format!("{before} more")).await;
            developer.run("push paas main").await;
            reader.run(&format!("-c protocol.version={version} -C {at} pull -q")).await;
            assert_eq!(reader.run(&format!("-C {at} rev-parse HEAD")).await, commit);
        }
    }
}

#[tokio::test]
async fn the_protocol_is_announced_as_asked() {
    let platform = Platform::accepting().await;
    let advertised = async |service, protocol| platform.receiver.advertise(platform.app, service, protocol).await.unwrap();
    assert!(advertised(Service::UploadPack, Some("version=2")).await.starts_with(b"000eversion 2\n"));
    assert!(advertised(Service::UploadPack, None).await.starts_with(b"001e# service=git-upload-pack\n0000"));
    for protocol in [None, Some("version=2"), Some("version=1\nX=y")] {
        assert!(advertised(Service::ReceivePack, protocol).await.starts_with(b"001f# service=git-receive-pack\n0000"));
    }
}

#[tokio::test]
async fn a_repository_is_made_found_and_removed() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    let commit = developer.commit("one").await;
    developer.run("push paas main").await;
    platform.receiver.create(platform.app).await.unwrap();
    assert_eq!(platform.main().await, Some(commit), "making it again changes nothing");
    platform.receiver.delete(platform.app).await.unwrap();
    platform.receiver.delete(platform.app).await.unwrap();
    assert_eq!(platform.main().await, None);
    // A repository is only a copy: the next push brings it back.
    developer.run("push paas main").await;
    assert!(platform.main().await.is_some());
}
