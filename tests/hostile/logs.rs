//! Guests that print too much, or what is no line.
use crate::{arena::Arena, wire};
use paas_tests::Ran;

pub async fn g14_a_million_lines_are_cut_and_counted(arena: &mut Arena) {
    arena.limited_app("printer", "guest.wat", "cpu=1s").await;
    // Its processor time may be over first.
    arena.beside(async |arena| drop(arena.get("printer", "/p").await)).await;
    arena.logged("printer", "Error L10 (output buffer overflow)").await;
    assert_eq!(arena.get("printer", "/").await.text, "hello\n", "the app keeps serving");
}

pub async fn g15_a_line_without_end_is_cut(arena: &mut Arena) {
    arena.limited_app("liner", "guest.wat", "cpu=1s").await;
    let growth = arena.growth(async { drop(arena.get("liner", "/o").await) }).await;
    assert!(growth < 32 << 20, "paasd took {} MB for one line", growth >> 20);
    arena.logged("liner", "Error L10 (output buffer overflow)").await;
    let log = arena.log("liner").await;
    let longest = log.lines().map(str::len).max().unwrap_or_default();
    assert!((10_000..10_100).contains(&longest), "the longest line has {longest} bytes");
    arena.beside(async |arena| drop(arena.get("liner", "/o").await)).await;
}

pub async fn g16_a_forged_line_stays_data(arena: &mut Arena) {
    arena.app("forger", "guest.wat").await;
    arena.beside(async |arena| assert_eq!(arena.get("forger", "/c").await.text, "hello\n")).await;
    arena.logged("forger", "app[web.1]: before").await;
    let log = arena.log("forger").await;
    assert!(log.contains("app[web.1]: 2026-11-23T00:00:00.000000+00:00 paas[router]: at=info forged=yes"), "{log}");
    assert!(!log.lines().any(|line| line.starts_with("2026-11-23T00:00:00.000000")), "a guest's line never begins a line of the log");
    let terminal = shown_on_a_terminal(arena, "forger").await;
    assert!(terminal.contains("forged=yes"), "{terminal}");
    let control = terminal.chars().find(|c| c.is_control() && !"\r\n".contains(*c));
    assert_eq!(control, None, "a terminal must not obey a guest");
}

/// `script` runs `paas` in a terminal of its own.
async fn shown_on_a_terminal(arena: &Arena, app: &str) -> String {
    let mut command = arena.developer.command("script");
    command.args(["-qec", &format!("paas logs -n 50 -a {app}"), "/dev/null"]);
    Ran::of(command).await.ok()
}

pub async fn g17_bytes_that_are_no_text_are_replaced(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let port = arena.platform.port;
    let odd = async |_: &Arena| {
        let text = wire::exchange(port, b"GET /u%ff HTTP/1.1\r\nHost: guest.localhost\r\nX-In: \xff\xfe\r\nConnection: close\r\n\r\n").await;
        assert_eq!(wire::statuses(&text), [200], "{text}");
        let text = wire::exchange(port, b"GET /a%ff?\xff HTTP/1.1\r\nHost: guest.localhost\r\nX-In: \xff\xfe\r\nConnection: close\r\n\r\n").await;
        assert!(matches!(wire::statuses(&text)[..], [200 | 400]), "{text}");
    };
    arena.beside(odd).await;
    arena.logged("guest", "odd \u{fffd}\u{fffd}\u{fffd}( bytes").await;
}
