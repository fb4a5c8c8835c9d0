#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| paas_runtime::fuzz::cgi_output(bytes));
