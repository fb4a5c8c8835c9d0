//! A push that is not what it seems.
use crate::{arena::Arena, elsewhere::packed};
use paas_tests::Reply;
use reqwest::{Client, StatusCode};

/// Zeros of the bomb's second half: more than a push may have.
const UNPACKED: usize = 300_000_000;

pub async fn b18_a_packed_bomb_is_no_push(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    // A command as git sends it, and the beginning of a pack: what is unpacked goes to git, and is not refused at its first byte.
    let refs = format!("{} {} refs/heads/main\0 report-status side-band-64k agent=test", "0".repeat(40), "1".repeat(40));
    let command = format!("{:04x}{refs}0000PACK\0\0\0\u{2}\0\0\0\u{1}", refs.len() + 4);
    let bomb = packed(&command, UNPACKED);
    assert!(bomb.len() < 1 << 20, "a bomb of {} bytes", bomb.len());
    let growth = arena.growth(async { drop(throw(arena, &bomb).await) }).await;
    assert!(growth < 64 << 20, "paasd took {} MB for a packed bomb", growth >> 20);
    let reply = throw(arena, &bomb).await;
    assert!(reply.as_ref().is_none_or(|reply| reply.status != StatusCode::OK || !reply.text.contains("ok refs/heads/main")), "{reply:?}");
    // Git's own processes take their time of two processors: one push at a time, a few in a second.
    arena.beside(async |arena| drop(futures::join!(throw(arena, &bomb), arena.neighbour.answers(50)))).await;
    assert_eq!(arena.get("guest", "/h").await.text, "hello\n", "the app is what it was");
}

/// Sends it as the body of a push; `None` if the connection broke.
async fn throw(arena: &Arena, bomb: &[u8]) -> Option<Reply> {
    let request = Client::new().post(format!("{}/guest.git/git-receive-pack", arena.platform.url())).basic_auth("", Some(arena.platform.key()));
    let headers = [("content-type", "application/x-git-receive-pack-request"), ("content-encoding", "gzip")];
    let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
    let response = request.body(bomb.to_vec()).send().await.ok()?;
    assert_ne!(response.status(), StatusCode::UNAUTHORIZED, "it has to reach git");
    assert_ne!(response.status(), StatusCode::NOT_FOUND, "it has to reach git");
    Reply::read(response).await.ok()
}
