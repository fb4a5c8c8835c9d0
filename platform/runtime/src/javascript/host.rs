//! What a booting app finds outside itself: its environment, randomness and a clock, as the core functions that the engine imports.
//!
//! The forms are those of the canonical ABI: a result that is not a number is written where the last argument points.
use super::{boot::Host, files, split};
use rand::{
    rand_core::{Rng, UnwrapErr},
    rngs::SysRng,
};
use std::time::Instant;
use wasmtime::{Caller, Extern, Linker, Memory, Result};

const ENVIRONMENT: &str = "wasi:cli/environment@0.2.10";
const RANDOM: &str = "wasi:random/random@0.2.10";
const CLOCK: &str = "wasi:clocks/monotonic-clock@0.2.10";
/// More random bytes at once are nobody's need.
const MAX_RANDOM_BYTES: u64 = 1 << 20;

pub(super) fn add(linker: &mut Linker<Host>) -> Result<()> {
    linker.func_wrap(ENVIRONMENT, "get-environment", get_environment)?;
    linker.func_wrap(ENVIRONMENT, "get-arguments", |caller: Caller<'_, Host>, result: i32| write_list(caller, &[], result))?;
    linker.func_wrap(RANDOM, "get-random-u64", || -> Result<i64> { Ok(i64::from_le_bytes(random(8)?.try_into().expect("8 bytes"))) })?;
    linker.func_wrap(RANDOM, "get-random-bytes", get_random_bytes)?;
    let start = Instant::now();
    linker.func_wrap(CLOCK, "now", move || start.elapsed().as_nanos() as i64)?;
    linker.func_wrap(CLOCK, "resolution", || 1i64)?;
    files::add(linker)
}

/// `list<tuple<string, string>>`: four words for each variable.
fn get_environment(mut caller: Caller<'_, Host>, result: i32) -> Result<()> {
    let mut words: Vec<u8> = vec![];
    for (key, value) in caller.data().env.clone() {
        for text in [key, value] {
            let at = write_new(&mut caller, text.as_bytes(), 1)?;
            words.extend(at.to_le_bytes());
            words.extend(u32::try_from(text.len())?.to_le_bytes());
        }
    }
    write_list(caller, &words, result)
}

fn get_random_bytes(mut caller: Caller<'_, Host>, length: i64, result: i32) -> Result<()> {
    let bytes = random(length as u64)?;
    let at = write_new(&mut caller, &bytes, 1)?;
    write(&mut caller, result as u32, &[at.to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat())
}

fn random(length: u64) -> Result<Vec<u8>> {
    wasmtime::ensure!(length <= MAX_RANDOM_BYTES, "{length} random bytes at once are too many");
    let mut bytes = vec![0; length as usize];
    { SYSTEM }.fill_bytes(&mut bytes);
    Ok(bytes)
}

/// Randomness of the system's: a generator of this process would go on alike in each of its forks.
pub(super) const SYSTEM: UnwrapErr<SysRng> = UnwrapErr(SysRng);

/// Writes a list whose elements are pairs of strings (16 bytes each).
fn write_list(mut caller: Caller<'_, Host>, words: &[u8], result: i32) -> Result<()> {
    let at = write_new(&mut caller, words, 4)?;
    let length = u32::try_from(words.len() / 16)?;
    write(&mut caller, result as u32, &[at.to_le_bytes(), length.to_le_bytes()].concat())
}

/// A string among the arguments.
pub(super) fn read_text(caller: &mut Caller<'_, Host>, at: u32, length: u32) -> Result<String> {
    let mut bytes = vec![0; length as usize];
    memory(caller)?.read(caller, at as usize, &mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// Has the engine allocate room for `bytes` and fills it.
pub(super) fn write_new(caller: &mut Caller<'_, Host>, bytes: &[u8], align: u32) -> Result<u32> {
    if bytes.is_empty() {
        return Ok(align);
    }
    let Some(Extern::Func(realloc)) = caller.get_export("cabi_realloc") else {
        wasmtime::bail!("the engine does not allocate");
    };
    let realloc = realloc.typed::<(u32, u32, u32, u32), u32>(&*caller)?;
    let at = realloc.call(&mut *caller, (0, 0, align, u32::try_from(bytes.len())?))?;
    write(caller, at, bytes)?;
    Ok(at)
}

pub(super) fn write(caller: &mut Caller<'_, Host>, at: u32, bytes: &[u8]) -> Result<()> {
    Ok(memory(caller)?.write(caller, at as usize, bytes)?)
}

fn memory(caller: &mut Caller<'_, Host>) -> Result<Memory> {
    match caller.get_export(split::MEMORY) {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => wasmtime::bail!("the engine has no memory"),
    }
}
