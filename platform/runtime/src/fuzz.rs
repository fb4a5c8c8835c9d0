//! What apps and disks hand us, in the hands of a fuzzer: each target takes any bytes and asserts what must hold of them.
//!
//! `cargo test` runs a short and always the same run; `fuzz/` at the project's root a long one.
use crate::{
    cache::Cache,
    cgi, engine,
    log_rate::LogRate,
    stdio::{Log, Stream},
};
use http::{Request, header};
use paas_model::{
    AppId, ConfigVars,
    limits::Limits,
    log::{Line, MAX_LINE_BYTES, Sink},
};
use std::{
    fs,
    sync::{Arc, LazyLock, Mutex},
};

/// What a CGI program prints: its head is the same in whatever pieces it comes, and nothing in it is the connection's.
pub fn cgi_output(bytes: &[u8]) {
    let whole = cgi::head(bytes);
    if let Ok(Some((status, headers, at))) = &whole {
        assert!(!status.is_informational() && *at <= bytes.len());
        assert!(!headers.contains_key(header::CONNECTION) && !headers.contains_key(header::TRANSFER_ENCODING));
        assert!(headers.values().all(|value| !value.as_bytes().iter().any(|b| b"\r\n\0".contains(b))));
        assert_eq!(cgi::head(&bytes[..*at]), whole, "the head needs nothing of the body");
        assert_eq!(cgi::head(&bytes[..at - 1]), Ok(None), "and is not read before its end");
    }
}

/// Headers of a visitor: whatever they say, the app's config vars are what they were.
pub fn cgi_environment(bytes: &[u8]) {
    let mut request = Request::builder().uri("/");
    for line in bytes.split(|b| *b == b'\n') {
        let (name, value) = line.split_at(line.iter().position(|b| *b == b':').unwrap_or(line.len()));
        let name = http::HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_bytes(value.get(1..).unwrap_or_default())) {
            request = request.header(name, value);
        }
    }
    let Ok(request) = request.body(()) else { return };
    let config = [("DATABASE_URL", "db"), ("HTTP_TOKEN", "mine"), ("PATH_INFO", "/kept")].map(|(key, value)| (key.to_string(), value.to_string()));
    let environment = cgi::environment(&request.into_parts().0, &ConfigVars(config.clone().into()));
    assert!(config.iter().all(|(key, value)| environment.get(key) == Some(value)));
    assert!(!environment.contains_key("HTTP_PROXY"));
}

/// What an app prints, in two pieces: lines have no newline and a bounded length, and nothing is lost but the line ends.
pub fn log_lines(bytes: &[u8]) {
    let Some((at, bytes)) = bytes.split_first() else { return };
    let (first, second) = bytes.split_at(usize::from(*at).min(bytes.len()));
    let lines = Arc::new(Lines::default());
    let limits =
        Limits { log_bytes: u64::MAX, log_lines: u64::MAX, log_bytes_per_second: u64::MAX, log_lines_per_second: u64::MAX, ..Limits::default() };
    let log = Log::new(AppId::generate(), lines.clone(), &limits, LogRate::new(&limits));
    log.write(Stream::Stdout, first);
    log.write(Stream::Stdout, second);
    drop(log);
    let lines = lines.0.lock().expect("nobody panics with it");
    assert!(lines.iter().all(|line| !line.contains('\n') && line.len() <= MAX_LINE_BYTES));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let printed = |text: &str| text.chars().filter(|c| !"\r\n".contains(*c)).collect::<String>();
        assert_eq!(lines.iter().map(|line| printed(line)).collect::<String>(), printed(text));
    }
}

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Sink for Lines {
    fn write(&self, _: AppId, line: Line) {
        self.0.lock().expect("nobody panics with it").push(line.text);
    }
}

/// A file of the code cache with its seal: only what was put there is ever found.
pub fn code_cache(bytes: &[u8]) {
    static CACHE: LazyLock<(tempfile::TempDir, Cache)> = LazyLock::new(|| {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::open(dir.path(), [&engine::for_worker(engine::Kind::Plain).expect("an engine")]).expect("a cache");
        (dir, cache)
    });
    let cache = &CACHE.1;
    let put = |content: &[u8]| {
        let scratch = cache.scratch().expect("a scratch folder");
        let file = scratch.path().join("code");
        fs::write(&file, content).expect("it can be written");
        cache.put("code", "it", &file).expect("it can be put");
    };
    put(bytes);
    assert!(cache.get("code", "it").is_some());
    let (path, seal) = (cache.path("code", "it"), cache.path("code", "it").with_extension("seal"));
    let (code, good) = (fs::read(&path).expect("it is there"), fs::read(&seal).expect("it is sealed"));
    // The bytes are also what is done to it: a flip, another seal, a cut one (its first 32 bytes suffice: they are the content's).
    let (flip, cut) = (bytes.first().copied().unwrap_or(1) | 1, usize::from(bytes.last().copied().unwrap_or_default()));
    let mut flipped = code.clone();
    match flipped.get_mut(cut) {
        Some(byte) => *byte ^= flip,
        None => flipped.push(flip),
    }
    let other_seal: Vec<u8> = bytes.iter().copied().chain(std::iter::repeat(flip)).take(good.len()).collect();
    for (code, seal_bytes) in [(&flipped, &good), (&code, &other_seal), (&code, &good[..cut % 32].to_vec())] {
        fs::write(&path, code).and_then(|()| fs::write(&seal, seal_bytes)).expect("it can be written");
        assert!(cache.get("code", "it").is_none());
    }
}

#[cfg(test)]
mod short {
    use proptest::{collection::vec, prelude::*, sample::select, test_runner::*};

    fn run(cases: u32, words: &'static [&'static str], target: fn(&[u8])) {
        let word = prop_oneof![
            6 => select(words).prop_map(|word| word.as_bytes().to_vec()),
            2 => vec(any::<u8>(), 0..4),
            1 => (any::<u8>(), 0..12_000usize).prop_map(|(byte, times)| vec![byte; times]),
        ];
        let bytes = vec(word, 0..20).prop_map(|words| words.concat());
        let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..Config::default() };
        let asserted = |bytes: Vec<u8>| {
            target(&bytes);
            Ok(())
        };
        TestRunner::new(config).run(&bytes, asserted).unwrap();
    }

    #[test]
    fn what_a_program_prints_is_a_head_or_none() {
        let words = &[
            "Content-Type: a/b",
            "Status: ",
            "200",
            "404 Not Found",
            "101",
            "Location: /",
            "Connection: x-a",
            "X-A: b",
            ":",
            "\n",
            "\r\n",
            "\n\n",
            "\r",
            " ",
        ];
        run(4_000, words, super::cgi_output);
    }

    #[test]
    fn a_visitor_s_headers_change_no_config_var() {
        let words = &["Proxy", "Token", "DATABASE_URL", "Http-Token", "path-info", "_", "-", ":", "x", "\n", "Cookie: a=b", "\u{c9}"];
        run(4_000, words, super::cgi_environment);
    }

    #[test]
    fn what_an_app_prints_is_cut_into_lines() {
        run(1_000, &["a", "\n", "\r\n", "\r", "\u{c9}", "\u{1f980}", "\u{1b}[31m", "\0", "paas[router]: at=info"], super::log_lines);
    }

    #[test]
    fn a_changed_file_of_the_cache_is_not_found() {
        run(300, &["\u{7f}ELF", "native code", "\0\0\0\0"], super::code_cache);
    }
}
