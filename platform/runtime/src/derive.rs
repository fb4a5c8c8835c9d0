//! `paas:app/key-derivation@0.1.0` for components; `wit/paas-app.wit` describes it.
//!
//! The work is bounded, done away from the threads that serve visitors, one derivation of a release at a time, and counted as its request's own.
use crate::{
    compile::blocking,
    record::{Record, thread_time},
};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;
use wasmtime::{StoreContextMut, component::Linker};

const INTERFACE: &str = "paas:app/key-derivation@0.1.0";
/// Ten times what careful frameworks ask for by themselves: a few seconds at most, which cannot be interrupted.
const ROUNDS: u64 = 10_000_000;
const SCRYPT_BYTES: u64 = 64 << 20;
const SCRYPT_WORK: u64 = 4 << 20;
const KEY_BYTES: u32 = 4 << 10;
const INPUT_BYTES: usize = 1 << 20;

/// Fewer than there are processors. A release waits here with one request at most, so releases take turns.
static PLACES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new((cores - 1).max(1)))
});

/// A store whose guest may derive keys.
pub(crate) trait Derives: Send + 'static {
    /// Whose time it takes.
    fn record(&self) -> &Arc<Record>;
    /// The one place of its release.
    fn place(&self) -> &Arc<Semaphore>;
}

/// Arguments in the interface's order.
type Pbkdf2 = (String, Vec<u8>, Vec<u8>, u32, u32);
type Scrypt = (Vec<u8>, Vec<u8>, u32, u32, u32, u32);
type Key = Result<Vec<u8>, String>;
/// Fills a key, in rounds: password, salt, rounds, key.
type Derive = fn(&[u8], &[u8], u32, &mut [u8]);

/// For requests.
pub(crate) fn link<T: Derives>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap_async("pbkdf2", |store: StoreContextMut<'_, T>, wanted: Pbkdf2| {
        let (record, place) = (store.data().record().clone(), store.data().place().clone());
        Box::new(async move { Ok((aside(record, place, move || pbkdf2(&wanted)).await?,)) })
    })?;
    interface.func_wrap_async("scrypt", |store: StoreContextMut<'_, T>, wanted: Scrypt| {
        let (record, place) = (store.data().record().clone(), store.data().place().clone());
        Box::new(async move { Ok((aside(record, place, move || scrypt(&wanted)).await?,)) })
    })?;
    Ok(())
}

/// For a boot, which has a process of its own.
pub(crate) fn link_sync<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("pbkdf2", |_: StoreContextMut<'_, T>, wanted: Pbkdf2| Ok((pbkdf2(&wanted),)))?;
    interface.func_wrap("scrypt", |_: StoreContextMut<'_, T>, wanted: Scrypt| Ok((scrypt(&wanted),)))
}

/// The places go with the work: when the visitor leaves, it still runs to its end.
async fn aside(record: Arc<Record>, place: Arc<Semaphore>, derive: impl FnOnce() -> Key + Send + 'static) -> wasmtime::Result<Key> {
    let places = (place.acquire_owned().await?, PLACES.clone().acquire_owned().await?);
    let work = move || {
        let began = thread_time();
        let key = derive();
        drop(places);
        (key, thread_time() - began)
    };
    let (key, took) = blocking(work).await?;
    record.charge(took);
    Ok(key)
}

fn pbkdf2((hash, password, salt, rounds, length): &Pbkdf2) -> Key {
    check(&[password, salt], *length)?;
    let (derive, size): (Derive, u32) = match hash.as_str() {
        "sha1" => (pbkdf2::pbkdf2_hmac::<Sha1>, 20),
        "sha224" => (pbkdf2::pbkdf2_hmac::<Sha224>, 28),
        "sha256" => (pbkdf2::pbkdf2_hmac::<Sha256>, 32),
        "sha384" => (pbkdf2::pbkdf2_hmac::<Sha384>, 48),
        "sha512" => (pbkdf2::pbkdf2_hmac::<Sha512>, 64),
        other => return Err(format!("unsupported hash type {other}")),
    };
    if *rounds == 0 {
        return Err("iteration value must be greater than 0.".into());
    }
    if u64::from(*rounds) * u64::from(length.div_ceil(size)) > ROUNDS {
        return Err(format!("{rounds} iterations for a key of {length} bytes are more than the platform does at once ({ROUNDS}). Ask for fewer."));
    }
    let mut key = vec![0; *length as usize];
    derive(password, salt, *rounds, &mut key);
    Ok(key)
}

fn scrypt((password, salt, n, r, p, length): &Scrypt) -> Key {
    check(&[password, salt], *length)?;
    if *n < 2 || !n.is_power_of_two() {
        return Err("n must be a power of 2.".into());
    }
    let blocks = u64::from(*n) * u64::from(*r);
    if blocks > SCRYPT_BYTES / 128 || blocks.saturating_mul(u64::from(*p)) > SCRYPT_WORK {
        return Err(format!(
            "n={n}, r={r}, p={p} are more than the platform does at once ({} MB, n*r*p {SCRYPT_WORK}). Ask for less.",
            SCRYPT_BYTES >> 20
        ));
    }
    let params = scrypt::Params::new(n.ilog2() as u8, *r, *p).map_err(|_| format!("n={n}, r={r}, p={p} are not valid together"))?;
    let mut key = vec![0; *length as usize];
    scrypt::scrypt(password, salt, &params, &mut key).map_err(|_| format!("a key cannot have {length} bytes"))?;
    Ok(key)
}

fn check(inputs: &[&Vec<u8>], length: u32) -> Result<(), String> {
    if length == 0 || length > KEY_BYTES {
        return Err(format!("a key has 1 to {KEY_BYTES} bytes, not {length}"));
    }
    match inputs.iter().any(|input| input.len() > INPUT_BYTES) {
        true => Err(format!("password and salt have at most {INPUT_BYTES} bytes")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(key: Key) -> String {
        hex::encode(key.unwrap())
    }

    #[test]
    fn keys_are_those_of_the_standards() {
        let rfc6070 = ("sha1".into(), b"password".to_vec(), b"salt".to_vec(), 4096, 20);
        assert_eq!(made(pbkdf2(&rfc6070)), "4b007901b765489abead49d926f721d065a429c1");
        let rfc7914 = ("sha256".into(), b"passwd".to_vec(), b"salt".to_vec(), 1, 64);
        assert_eq!(
            made(pbkdf2(&rfc7914)),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
        );
        let rfc7914 = (b"password".to_vec(), b"NaCl".to_vec(), 1024, 8, 16, 64);
        assert_eq!(
            made(scrypt(&rfc7914)),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        );
    }

    #[test]
    fn what_would_take_too_long_or_too_much_is_refused_before_it_begins() {
        let bytes = || b"x".to_vec();
        for rounds in [0, u32::MAX] {
            assert!(pbkdf2(&("sha256".into(), bytes(), bytes(), rounds, 32)).is_err());
        }
        assert!(pbkdf2(&("sha256".into(), bytes(), bytes(), 1_000_000, KEY_BYTES)).unwrap_err().contains("Ask for fewer"));
        for (n, r, p) in [(1 << 20, 8, 1), (1 << 14, 8, 1 << 10), (1 << 31, u32::MAX, u32::MAX), (3, 8, 1), (0, 0, 0), (2, 0, 1), (2, 1, 0)] {
            assert!(scrypt(&(bytes(), bytes(), n, r, p, 32)).is_err(), "{n} {r} {p}");
        }
        assert!(scrypt(&(bytes(), bytes(), 2, 1, 1, u32::MAX)).is_err());
        assert!(scrypt(&(vec![0; INPUT_BYTES + 1], bytes(), 2, 1, 1, 1)).is_err());
    }
}
