//! What a developer may push, and sees.
use crate::{
    developer::{Developer, gits},
    platform::{DEADLINE, MAIN, Platform},
};
use paas_receiver::Rejected;
use std::sync::Arc;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::{Mutex, Notify},
    time::timeout,
};

#[tokio::test]
async fn a_first_push_is_judged_and_its_lines_arrive_live() {
    for git in gits() {
        let seen = Arc::new(Notify::new());
        let judged = seen.clone();
        let platform = Platform::judging(move |_, output| {
            let seen = judged.clone();
            async move {
                output.step("Static site app detected\u{1b}[2J");
                seen.notified().await;
                Ok(())
            }
        })
        .await;
        let developer = Developer::with_git(&git, &platform.url).await;
        let commit = developer.commit("one").await;

        let mut push = developer.command(&["push", "paas", "main"]).spawn().unwrap();
        let mut lines = BufReader::new(push.stderr.take().unwrap()).lines();
        let mut text = Vec::new();
        let reading = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                // The build doesn't end before its first line was read here.
                if line.trim_end() == "remote: -----> Static site app detected" {
                    seen.notify_one();
                }
                text.push(line.trim_end().to_string());
            }
        };
        timeout(DEADLINE, reading).await.unwrap();

        assert!(push.wait().await.unwrap().success(), "{text:?}");
        assert!(text.contains(&"remote: -----> Launching...".into()), "{text:?}");
        let judged = platform.judge.last_push();
        let deploying = judged.deploying.unwrap();
        assert_eq!((deploying.commit.as_str(), deploying.reference.as_str(), deploying.old), (commit.as_str(), MAIN, None));
        assert_eq!(platform.main().await, Some(commit));
        assert_eq!(platform.judge.events(), ["pre_receive", "post_receive", "ended"]);
    }
}

#[tokio::test]
async fn a_refusal_leaves_the_ref_alone_and_drops_the_objects() {
    for git in gits() {
        let platform = Platform::judging(|_, _| async { Err(Rejected("No buildpack recognised this app.\nAdd a Procfile.".into())) }).await;
        let developer = Developer::with_git(&git, &platform.url).await;
        let commit = developer.commit("one").await;
        let push = developer.push("main").await;
        assert!(!push.ok);
        assert!(push.text.contains("remote:  !     No buildpack recognised this app."), "{}", push.text);
        assert!(push.text.contains("remote:  !     Add a Procfile."), "{}", push.text);
        assert!(push.text.contains("! [remote rejected] main -> main (pre-receive hook declined)"), "{}", push.text);
        assert_eq!(platform.main().await, None);
        assert!(!platform.has_quarantine());
        let found = developer.attempt(&format!("--git-dir {} cat-file -e {commit}", platform.repository().display())).await;
        assert!(!found.ok, "the refused commit is still there");
        assert_eq!(platform.judge.events(), ["pre_receive", "ended"]);
    }
}

#[tokio::test]
async fn other_branches_and_tags_are_accepted_and_do_not_deploy() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    let commit = developer.commit("one").await;
    let push = developer.push("main:feature/x").await;
    assert!(push.ok && push.text.contains(" !     Pushed to feature/x, skipping build. Only main and master deploy."), "{}", push.text);
    assert!(platform.judge.last_push().deploying.is_none());
    assert_eq!(platform.receiver.reference(platform.app, "refs/heads/feature/x").await.unwrap(), Some(commit));

    developer.run("tag -a v1 -m v1").await;
    let push = developer.push("v1").await;
    assert!(push.ok && push.text.contains("Pushed to v1, skipping build."), "{}", push.text);
    let gone = developer.push(":feature/x").await;
    assert!(gone.ok, "{}", gone.text);
    assert_eq!(platform.receiver.reference(platform.app, "refs/heads/feature/x").await.unwrap(), None);
    assert_eq!(platform.main().await, None);
}

#[tokio::test]
async fn the_deployed_branch_cannot_be_deleted() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    let commit = developer.commit("one").await;
    developer.run("push paas main").await;
    let push = developer.push(":main").await;
    assert!(!push.ok && push.text.contains("main is what the app runs and cannot be deleted."), "{}", push.text);
    assert_eq!(platform.main().await, Some(commit));
    assert_eq!(platform.judge.count("pre_receive"), 1, "the judge is spared what the rules refuse");
    platform.ended(2).await;
}

#[tokio::test]
async fn pushes_that_break_a_rule_are_refused_with_a_sentence() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    developer.run("tag -a v1 -m v1").await;
    let tag = developer.run("rev-parse v1").await;
    let cases = [
        ("main main:master".to_string(), "main and master both deploy. Push only one of them."),
        ("main:refs/notes/x".into(), "refs/notes/x is neither a branch nor a tag."),
        (format!("{tag}:refs/heads/main"), "main can only be set to a commit."),
    ];
    for (refs, sentence) in cases {
        let push = developer.push(&refs).await;
        assert!(!push.ok && push.text.contains(sentence), "{refs}: {}", push.text);
    }
    assert_eq!(platform.main().await, None);
    assert_eq!(platform.judge.count("pre_receive"), 0);
}

#[tokio::test]
async fn a_forced_push_deploys_and_options_are_handed_on() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    let first = developer.commit("one").await;
    developer.run("push paas main").await;
    developer.write("file.txt", "two");
    developer.run("commit -q --amend -a -m other").await;
    let second = developer.run("rev-parse HEAD").await;
    let push = developer.push("--force -o nocache -o x=y main").await;
    assert!(push.ok, "{}", push.text);
    let judged = platform.judge.last_push();
    assert_eq!(judged.deploying.unwrap().old, Some(first));
    assert_eq!(judged.options, ["nocache", "x=y"]);
    assert_eq!(platform.main().await, Some(second));
}

#[tokio::test]
async fn master_deploys_and_a_repeated_push_is_up_to_date() {
    let platform = Platform::accepting().await;
    let developer = Developer::new(&platform.url).await;
    developer.commit("one").await;
    developer.run("push paas main:master").await;
    assert_eq!(platform.judge.last_push().deploying.unwrap().reference, "refs/heads/master");
    let again = developer.push("main:master").await;
    assert!(again.ok && again.text.contains("Everything up-to-date"), "{}", again.text);
    assert_eq!(platform.judge.count("pre_receive"), 1);
}

#[tokio::test]
async fn of_two_pushes_at_the_same_time_the_later_is_told_so() {
    let lock = Arc::new(Mutex::new(()));
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let platform = Platform::judging({
        let lock = lock.clone();
        move |push, _| {
            let (lock, both) = (lock.clone(), both.clone());
            async move {
                if push.deploying.as_ref().is_some_and(|deploying| deploying.old.is_some()) {
                    // Both are here, with the same old commit, before one goes on.
                    both.wait().await;
                }
                // As deploy does: one after the other, until the ref has moved.
                let _turn = lock.lock().await;
                push.check_current().await?;
                let reference = push.deploying.unwrap().reference;
                assert_eq!(reference, MAIN);
                Ok(())
            }
        }
    })
    .await;
    let ann = Developer::new(&platform.url).await;
    ann.commit("one").await;
    ann.run("push paas main").await;
    let bob = ann.colleague().await;
    ann.commit("ann's").await;
    bob.commit("bob's").await;
    let (first, second) = tokio::join!(ann.push("main"), bob.push("main"));
    assert!(first.ok != second.ok, "{} {}", first.text, second.text);
    let winner = if first.ok { &ann } else { &bob };
    assert_eq!(platform.main().await, Some(winner.run("rev-parse HEAD").await));
    platform.ended(3).await;
}

#[tokio::test]
async fn a_push_that_waited_is_refused_when_the_ref_has_moved() {
    let go_on = Arc::new(Notify::new());
    let waiting = go_on.clone();
    let platform = Platform::judging(move |push, _| {
        let go_on = waiting.clone();
        async move {
            if push.options == ["wait"] {
                go_on.notified().await;
            }
            push.check_current().await
        }
    })
    .await;
    let ann = Developer::new(&platform.url).await;
    ann.commit("one").await;
    ann.run("push paas main").await;
    let bob = ann.colleague().await;
    ann.commit("ann's").await;
    let bobs = bob.commit("bob's").await;

    let anns_push = ann.push("-o wait main");
    let bobs_push = async {
        crate::platform::eventually("ann's push is judged", || platform.judge.count("pre_receive") == 2).await;
        let push = bob.push("main").await;
        go_on.notify_one();
        push
    };
    let (anns, bobs_push) = tokio::join!(anns_push, bobs_push);
    assert!(bobs_push.ok, "{}", bobs_push.text);
    assert!(!anns.ok && anns.text.contains("Another push moved main in the meantime. Run git fetch, merge, and push again."), "{}", anns.text);
    assert_eq!(platform.main().await, Some(bobs));
}
