//! `paas:app/files` while an app boots: what [`crate::files`] offers to components, as core functions.
use super::{
    boot::Host,
    host::{read_text, write, write_new},
};
use crate::files::{Entry, Folder};
use wasmtime::{Caller, Linker, Result};

const FILES: &str = "paas:app/files@0.1.0";

pub(super) fn add(linker: &mut Linker<Host>) -> Result<()> {
    linker.func_wrap(FILES, "stat", stat)?;
    linker.func_wrap(FILES, "read", read)?;
    linker.func_wrap(FILES, "list", list)?;
    Ok(())
}

/// `option<entry>`: a flag, then a byte and eight bytes, each at a place that is a multiple of 8.
fn stat(mut caller: Caller<'_, Host>, at: u32, length: u32, result: u32) -> Result<()> {
    let path = read_text(&mut caller, at, length)?;
    let (kind, size) = match caller.data().files.as_ref().and_then(|folder| folder.stat(&path)) {
        None => return write(&mut caller, result, &[0]),
        Some(Entry::File { size }) => (0u64, size),
        Some(Entry::Folder) => (1, 0),
    };
    write(&mut caller, result, &[1u64.to_le_bytes(), kind.to_le_bytes(), size.to_le_bytes()].concat())
}

/// `option<list<u8>>`
fn read(mut caller: Caller<'_, Host>, at: u32, length: u32, result: u32) -> Result<()> {
    let path = read_text(&mut caller, at, length)?;
    let content = caller.data().files.as_ref().map(|folder: &Folder| folder.read(&path)).transpose()?.flatten();
    let Some(content) = content else { return write(&mut caller, result, &[0]) };
    let at = write_new(&mut caller, &content, 1)?;
    some_list(&mut caller, result, at, content.len())
}

/// `option<list<string>>`
fn list(mut caller: Caller<'_, Host>, at: u32, length: u32, result: u32) -> Result<()> {
    let path = read_text(&mut caller, at, length)?;
    let Some(names) = caller.data().files.as_ref().and_then(|folder| folder.list(&path)) else { return write(&mut caller, result, &[0]) };
    let mut words = vec![];
    for name in &names {
        let at = write_new(&mut caller, name.as_bytes(), 1)?;
        words.extend(at.to_le_bytes());
        words.extend(u32::try_from(name.len())?.to_le_bytes());
    }
    let at = write_new(&mut caller, &words, 4)?;
    some_list(&mut caller, result, at, names.len())
}

fn some_list(caller: &mut Caller<'_, Host>, result: u32, at: u32, length: usize) -> Result<()> {
    write(caller, result, &[1u32.to_le_bytes(), at.to_le_bytes(), u32::try_from(length)?.to_le_bytes()].concat())
}
