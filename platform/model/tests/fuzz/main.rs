//! A short run of each fuzz target, always the same one.
#![allow(clippy::unwrap_used)]
mod targets;

use proptest::{collection::vec, prelude::*, sample::select, test_runner::*};

const CASES: u32 = 10_000;

fn run(words: &'static [&'static str], target: fn(&[u8])) {
    let word = prop_oneof![4 => select(words).prop_map(|word| word.as_bytes().to_vec()), 1 => vec(any::<u8>(), 0..4)];
    let bytes = vec(word, 0..20).prop_map(|words| words.concat());
    let config = Config { cases: CASES, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
    let asserted = |bytes: Vec<u8>| {
        target(&bytes);
        Ok(())
    };
    TestRunner::new(config).run(&bytes, asserted).unwrap();
}

#[test]
fn a_host_leads_to_one_place_however_it_is_written() {
    let words = &[
        "hello",
        "a",
        "--v1",
        "--",
        "-",
        ".",
        "localhost",
        ".localhost",
        "paas",
        ":",
        "80",
        "[::1]",
        "[",
        "127.0.0.1",
        "xn--",
        "\u{c9}",
        "v2",
        "\0",
    ];
    run(words, targets::host);
}

#[test]
fn a_procfile_is_taken_whole_or_refused_by_line() {
    let words = &["web", "worker", ":", ": ", " ", "\n", "\r\n", "\r", "#", "app.wasm", "<<<<<<< HEAD", "\u{c9}", "-", "_", "\u{85}", "\t"];
    run(words, targets::procfile);
}
