//! Guests that take all they can get.
use crate::arena::Arena;
use reqwest::StatusCode;

/// What an app may have unless it says otherwise.
const LIMIT: u64 = 128 << 20;

pub async fn g03_memory_ends_at_the_limit(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let growth = arena.growth(async { assert_eq!(grow(arena).await, ["refused\n", "refused\n"]) }).await;
    assert!(growth < 2 * LIMIT + (48 << 20), "paasd grew by {} MB for two instances", growth >> 20);
    arena.beside(async |arena| drop(grow(arena).await)).await;
    arena.logged("guest", "Error R14 (Memory quota exceeded)").await;
}

async fn grow(arena: &Arena) -> Vec<String> {
    arena.crowd("guest", "/m", 2).await.into_iter().map(|reply| reply.text).collect()
}

pub async fn g04_tables_memories_and_instances_end_at_the_limit(arena: &mut Arena) {
    arena.app("guest", "guest.wat").await;
    let memories = format!("(module {} (func (export \"_start\")))", "(memory 1)".repeat(100));
    let tables = format!("(module {} (func (export \"_start\")))", "(table 10 funcref)".repeat(100));
    let huge = "(module (memory 65536) (func (export \"_start\")))".to_string();
    let wide = "(module (table 90000000 funcref) (func (export \"_start\")))".to_string();
    for (name, text, words) in [
        ("memories", memories, "memories count of 100"),
        ("tables", tables, "tables count of 100"),
        ("huge", huge, ""),
        ("wide", wide, "90000000"),
        ("instances", instances(), ""),
    ] {
        let pushed = arena.push(name, "app.wat", text.as_bytes()).await;
        assert!(words.is_empty() || pushed.code != 0 && pushed.stderr.contains(words), "{name}: {}", pushed.stderr);
        if pushed.code == 0 {
            assert_eq!(arena.get(name, "/").await.status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
        }
        println!("{name}: {}", if pushed.code == 0 { "taken, and every request refused" } else { &pushed.stderr });
    }
    arena.beside(async |arena| assert_eq!(arena.get("guest", "/t").await.text, "refused\n")).await;
}

/// A component of very many instances, each with a memory of its own.
fn instances() -> String {
    let many = "(core instance (instantiate $m))".repeat(2_000);
    let run = "(core module $r (func (export \"run\") (result i32) (i32.const 0)))(core instance $r (instantiate $r))\
               (func $run (result (result)) (canon lift (core func $r \"run\")))(instance $c (export \"run\" (func $run)))";
    format!("(component (core module $m (memory 1)){many}{run}(export \"wasi:cli/run@0.2.0\" (instance $c)))")
}

pub async fn g12_timers_without_end_are_refused(arena: &mut Arena) {
    arena.app("hoarder", "hoarder.wat").await;
    let hoard = async |arena: &Arena| {
        for reply in arena.crowd("hoarder", "/", 2).await {
            assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.text);
        }
    };
    arena.beside(hoard).await;
    arena.logged("hoarder", "at=error code=H10").await;
}
