#![no_main]
#[path = "../../platform/model/tests/fuzz/targets.rs"]
#[allow(dead_code)]
mod targets;
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::host(bytes));
