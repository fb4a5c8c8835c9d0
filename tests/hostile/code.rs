//! Code that is none, or not what it says.
use crate::arena::Arena;
use paas_tests::{eventually, platform::shared_cache};
use std::{fs, path::PathBuf, time::SystemTime};

pub async fn g20_what_is_no_program_is_refused(arena: &mut Arena) {
    let truncated = &wat::parse_str("(module (func (export \"_start\")))").unwrap()[..20];
    let foreign = "(module (import \"env\" \"system\" (func)) (func (export \"_start\")))";
    let refused: [(&str, &str, &[u8], &str); 5] = [
        ("text", "app.wat", b"no such thing", "This is not WebAssembly"),
        ("truncated", "app.wasm", truncated, "This WebAssembly does not compile"),
        ("zeros", "app.wasm", &[0; 4096], "This is not WebAssembly"),
        ("library", "app.wat", b"(module (func (export \"add\")))", "This core module exports add"),
        ("foreign", "app.wat", foreign.as_bytes(), "needs `env::system`"),
    ];
    for (name, file, bytes, reason) in refused {
        let pushed = arena.push(name, file, bytes).await;
        assert!(pushed.code != 0 && pushed.stderr.contains(reason), "{name}: {}", pushed.stderr);
    }
    arena.beside(async |arena| drop(arena.push_again("zeros").await)).await;
}

pub async fn g20_what_is_too_large_is_refused_before_it_is_compiled(arena: &mut Arena) {
    for (name, bytes, reason) in [
        ("huge-file", 200 << 20, "has 209715200 bytes; a file may have 134217728."),
        ("huge-program", 100 << 20, "This WebAssembly file has 100.0 MB; this platform compiles files of up to 64.0 MB."),
    ] {
        let pushed = arena.push(name, "app.wasm", &module_of(bytes)).await;
        assert!(pushed.code != 0 && pushed.stderr.contains(reason), "{name}: {}", pushed.stderr);
        arena.all_is_well().await;
    }
    arena.beside(async |arena| drop(arena.push_again("huge-file").await)).await;
}

/// A module that is right in all but its size: zeros, in a section that nobody reads.
fn module_of(size: usize) -> Vec<u8> {
    const HEAD: &[u8] = b"\0asm\x01\0\0\0\0";
    const LENGTH: usize = 5;
    let content = size - HEAD.len() - LENGTH;
    let length = (0..LENGTH).map(|at| (content >> (7 * at)) as u8 & 0x7f | if at + 1 < LENGTH { 0x80 } else { 0 });
    let mut bytes: Vec<u8> = HEAD.iter().copied().chain(length).collect();
    bytes.resize(size, 0);
    bytes
}

pub async fn g21_a_changed_file_of_the_code_cache_is_made_again(arena: &mut Arena) {
    let since = SystemTime::now();
    let text = format!("(module (func (export \"_start\")) (@custom \"{}\" \"\"))", uuid::Uuid::new_v4());
    arena.push("cached", "app.wat", text.as_bytes()).await.ok();
    let made = compiled_since(since);
    assert!(!made.is_empty(), "the push compiled something");
    arena.neighbour.leave();
    arena.platform.stop().await;
    for path in &made {
        let mut code = fs::read(path).unwrap();
        let middle = code.len() / 2;
        code[middle] ^= 1;
        fs::remove_file(path).unwrap();
        fs::write(path, code).unwrap();
    }
    arena.platform.run().await;
    arena.neighbour.come_back();
    // Whether by this request or before it: the file is looked at, and made again.
    eventually("the app runs again", async || {
        let _answer = arena.get("cached", "/").await;
        arena.log("cached").await.contains("code=H13").then_some(())
    })
    .await;
    arena.logged_by_paasd("A cached file is damaged or not ours: it is made again.").await;
    arena.rest().await;
    arena.beside(async |arena| drop(arena.get("cached", "/").await)).await;
}

/// Compiled code that was put into the node's cache since then.
fn compiled_since(then: SystemTime) -> Vec<PathBuf> {
    let engines = fs::read_dir(shared_cache().join("runtime")).unwrap().flatten().map(|entry| entry.path().join("code"));
    let files = engines.filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let recent = files.filter(|entry| entry.metadata().and_then(|data| data.modified()).is_ok_and(|at| at >= then));
    recent.map(|entry| entry.path()).filter(|path| path.extension().is_none()).collect()
}
