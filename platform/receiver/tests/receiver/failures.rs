//! What happens to a push when one of those who take part disappears.
use crate::{
    developer::{Developer, Ran},
    platform::{DEADLINE, Platform, eventually},
};
use paas_receiver::Receiver;
use std::{
    fs::{self, File},
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{sync::Notify, time::timeout};

/// A platform whose builds last until they are let go.
async fn slow() -> (Platform, Arc<Notify>) {
    let go_on = Arc::new(Notify::new());
    let waiting = go_on.clone();
    let platform = Platform::judging(move |_, output| {
        let go_on = waiting.clone();
        async move {
            output.step("Building");
            go_on.notified().await;
            Ok(())
        }
    })
    .await;
    (platform, go_on)
}

async fn judged(platform: &Platform) {
    eventually("the push is judged", || platform.judge.count("pre_receive") == 1).await;
}

#[tokio::test]
async fn a_build_goes_on_when_the_client_is_killed() {
    let (platform, go_on) = slow().await;
    let developer = Developer::new(&platform.url).await;
    let commit = developer.commit("one").await;
    let mut push = developer.command(&["push", "paas", "main"]).process_group(0).spawn().unwrap();
    judged(&platform).await;
    kill_group(push.id().unwrap());
    push.wait().await.unwrap();
    go_on.notify_one();
    platform.ended(1).await;
    assert_eq!(platform.judge.events(), ["pre_receive", "post_receive", "ended"]);
    assert_eq!(platform.main().await, Some(commit));
}

#[tokio::test]
async fn the_client_fails_at_once_when_git_is_killed_on_our_side() {
    let (platform, go_on) = slow().await;
    let push = push_and_kill(&platform, |line| line.contains("receive-pack --stateless-rpc")).await;
    assert!(!push.ok, "{}", push.text);
    assert_eq!(platform.judge.events(), ["pre_receive"], "the judge is still at work and not told of the end");
    go_on.notify_one();
    platform.ended(1).await;
    assert_eq!(platform.main().await, None);
}

#[tokio::test]
async fn a_push_whose_hook_is_killed_is_rejected() {
    let (platform, go_on) = slow().await;
    let push = push_and_kill(&platform, |line| line.contains("hooks/pre-receive")).await;
    assert!(!push.ok && push.text.contains("pre-receive hook declined"), "{}", push.text);
    assert!(!platform.has_quarantine());
    assert_eq!(platform.judge.events(), ["pre_receive"], "the judge is still at work and not told of the end");
    go_on.notify_one();
    platform.ended(1).await;
    assert_eq!(platform.main().await, None);
}

#[tokio::test]
async fn git_and_all_that_it_starts_run_within_limits() {
    let (platform, go_on) = slow().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let looking = async {
        judged(&platform).await;
        for which in [|line: &str| line.contains("receive-pack"), |line: &str| line.contains("hooks/pre-receive")] {
            let pid = processes(&platform, which)[0];
            let limits = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
            for limit in ["Max cpu time 300 300", "Max data size 1073741824 1073741824", "Max file size 402653184 402653184"] {
                let words = limits.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(words.contains(limit), "{limit}: {limits}");
            }
        }
        go_on.notify_one();
    };
    let (push, ()) = tokio::join!(developer.push("main"), looking);
    assert!(push.ok, "{}", push.text);
}

/// Pushes, and kills a process of the platform's git while the push is judged. The client must notice.
async fn push_and_kill(platform: &Platform, which: fn(&str) -> bool) -> Ran {
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let killing = async {
        judged(platform).await;
        eventually("there is a process to kill", || !processes(platform, which).is_empty()).await;
        let found = processes(platform, which);
        found.into_iter().for_each(kill);
    };
    let ended = timeout(DEADLINE, async { tokio::join!(developer.push("main"), killing).0 });
    ended.await.expect("the client does not hang")
}

/// The processes of this platform's git; its hooks' environment names the platform's own socket.
fn processes(platform: &Platform, which: fn(&str) -> bool) -> Vec<u32> {
    let socket = platform.config().run_dir.join("git/hook.sock").display().to_string();
    let read = |pid: u32, file: &str| {
        fs::read(format!("/proc/{pid}/{file}")).map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " ")).unwrap_or_default()
    };
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    pids.filter(|pid| read(*pid, "environ").contains(&socket) && which(&read(*pid, "cmdline"))).collect()
}

fn kill(pid: u32) {
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid.cast_signed()), nix::sys::signal::Signal::SIGKILL).unwrap();
}

fn kill_group(pid: u32) {
    nix::sys::signal::killpg(nix::unistd::Pid::from_raw(pid.cast_signed()), nix::sys::signal::Signal::SIGKILL).unwrap();
}

#[tokio::test]
async fn a_push_ends_by_itself_when_the_platform_is_gone() {
    let (platform, _) = slow().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    let repository = platform.repository();
    let quarantines = move || {
        fs::read_dir(repository.join("objects"))
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("incoming"))
            .count()
    };
    // The hook talks to a socket that somebody closes: what a killed paasd leaves.
    let socket = platform.config().run_dir.join("git/hook.sock");
    fs::remove_file(&socket).unwrap();
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let dying = tokio::task::spawn_blocking(move || drop(listener.accept().unwrap()));
    let push = developer.push("main").await;
    dying.await.unwrap();
    assert!(!push.ok && push.text.contains(" !     The platform stopped while it looked at this push"), "{}", push.text);
    assert_eq!(quarantines(), 0);
    platform.ended(1).await;
}

#[tokio::test]
async fn a_shallow_clone_is_refused_unless_its_history_is_here() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    for content in ["one", "two", "three"] {
        developer.commit(content).await;
    }
    let shallow = Developer::new(&platform.url).await;
    shallow.run(&format!("fetch -q --depth 1 file://{} main:shallow", developer.folder().display())).await;
    let push = shallow.push("shallow:main").await;
    assert!(!push.ok && push.text.contains("Run git fetch --unshallow, then push again."), "{}", push.text);
    assert_eq!((platform.main().await, platform.judge.count("pre_receive")), (None, 0));

    developer.run("push paas main").await;
    shallow.run("checkout -q shallow").await;
    let commit = shallow.commit("four").await;
    let push = shallow.push("shallow:main").await;
    assert!(push.ok, "{}", push.text);
    assert_eq!(platform.main().await, Some(commit));
}

#[tokio::test]
async fn a_pack_that_is_too_large_is_refused_while_it_is_read() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    let noise = File::open("/dev/urandom").unwrap();
    let mut content = Vec::new();
    noise.take(platform.config().max_pack_bytes + (8 << 20)).read_to_end(&mut content).unwrap();
    developer.write("noise", &content);
    developer.run("config core.bigFileThreshold 1m").await;
    developer.run("config core.compression 0").await;
    developer.commit_all().await;
    let push = developer.push("main").await;
    assert!(!push.ok && push.text.contains("pack exceeds maximum allowed size"), "{}", push.text);
    assert_eq!((platform.main().await, platform.judge.count("pre_receive")), (None, 0));
    eventually("the quarantine is gone", || !platform.has_quarantine()).await;
    platform.ended(2).await;
}

#[tokio::test]
async fn old_leftovers_are_swept_at_the_start_and_young_ones_are_not() {
    let platform = Platform::accepting().await;
    let objects = platform.repository().join("objects");
    let (old, young, other) = (objects.join("tmp_objdir-incoming-old"), objects.join("tmp_objdir-incoming-young"), objects.join("pack"));
    for folder in [&old, &young] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("x"), "x").unwrap();
    }
    for folder in [&old, &other] {
        set_age(folder, Duration::from_secs(2 * 60 * 60));
    }
    Receiver::start(platform.config()).await.unwrap();
    assert!(!old.exists() && young.exists() && other.exists());
}

fn set_age(folder: &Path, age: Duration) {
    File::open(folder).unwrap().set_modified(SystemTime::now() - age).unwrap();
}

#[tokio::test]
async fn strangers_on_the_socket_get_no_answer() {
    let platform = Platform::accepting().await;
    let socket = platform.config().run_dir.join("git/hook.sock");
    let unknown = format!("{{\"push\":\"{}\",\"hook\":\"pre-receive\",\"updates\":[],\"quarantine\":null,\"options\":[]}}\n", uuid::Uuid::nil());
    for words in ["\n", "garbage\n", "{\"push\":1}\n", "[[[[[[[[\n", &unknown] {
        let (socket, words) = (socket.clone(), words.to_string());
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = UnixStream::connect(socket).unwrap();
            stream.write_all(words.as_bytes()).unwrap();
            let mut answer = Vec::new();
            // The connection may be reset instead of closed.
            stream.read_to_end(&mut answer).ok();
            answer
        });
        assert_eq!(answer.await.unwrap(), b"");
    }
    // And pushes go on.
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    developer.run("push paas main").await;
}

#[tokio::test]
async fn a_run_folder_with_too_long_a_path_is_refused_at_the_start() {
    let platform = Platform::accepting().await;
    let mut config = platform.config();
    config.run_dir = config.run_dir.join("x".repeat(100));
    let error = Receiver::start(config).await.err().unwrap().to_string();
    assert!(error.contains("choose a shorter run folder"), "{error}");
}
