//! What compilers made, kept from one push of an app to the next: most pushes change little of it.
//!
//! A piece is named by a hash of everything that decides it. Pieces lie in one file of each kind for each app, which only workers write, and which the cache seals:
//! no app's compilation reads what another's has written. What is not whole is compiled.
use crate::{RuntimeError, Shared, compile::blocking};
use paas_model::AppId;
use std::{
    borrow::Cow,
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};
use tempfile::TempDir;
use wasmparser::{Parser, Payload};
use wasmtime::CacheStore;

/// What a piece is; the cache's kinds for them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Native code of a WebAssembly function, in a form of Cranelift's.
    Functions,
    /// CPython's code of a module.
    Bytecode,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Functions, Self::Bytecode];

    fn name(self) -> &'static str {
        match self {
            Self::Functions => "functions",
            Self::Bytecode => "bytecode",
        }
    }
}

/// Smaller files are compiled sooner than kept functions are read.
const WORTHWHILE_BYTES: u64 = 2 << 20;
/// What all apps' take, of each kind; those written longest ago go first.
const ALL_BYTES: u64 = 1 << 30;
/// Begins a file, and changes with its form.
const MAGIC: &[u8; 8] = b"paas-kp1";
/// The file is written anew when more than one in this many pieces was not in it.
const FEW: usize = 20;

/// Whether compiling this file may take long enough.
pub(crate) fn are_worthwhile(wasm: &Path) -> bool {
    fs::metadata(wasm).is_ok_and(|data| data.len() >= WORTHWHILE_BYTES)
}

/// Whether there is anything to compile: a large module can be all data.
pub(crate) fn has_code(wasm: &[u8]) -> bool {
    Parser::new(0).parse_all(wasm).map_while(Result::ok).any(|payload| matches!(payload, Payload::CodeSectionStart { .. }))
}

/// Those of the app's earlier compilation, for a worker to read.
pub(crate) async fn find(rt: &Arc<Shared>, kind: Kind, app: AppId) -> Result<Option<File>, RuntimeError> {
    let rt = rt.clone();
    let get = move || {
        let mut file = rt.cache.get(kind.name(), &app.to_string())?;
        // Checking the seal may have read it.
        file.rewind().ok()?;
        Some(file)
    };
    blocking(get).await
}

/// Moves what a worker wrote into the cache, beside the push that brought it.
pub(crate) fn keep(rt: &Arc<Shared>, kind: Kind, app: AppId, from: PathBuf, scratch: TempDir) {
    let rt = rt.clone();
    tokio::task::spawn_blocking(move || {
        let kept = rt.cache.put(kind.name(), &app.to_string(), &from).and_then(|()| bound(&rt, kind));
        if let Err(error) = kept {
            tracing::warn!(app.id = %app, error = &error as &dyn std::error::Error, "what was compiled for an app is not kept");
        }
        drop(scratch);
    });
}

/// Removes those of an app.
pub(crate) fn forget(rt: &Shared, app: AppId) {
    Kind::ALL.iter().for_each(|kind| rt.cache.remove(kind.name(), &app.to_string()));
}

fn bound(rt: &Shared, kind: Kind) -> Result<(), RuntimeError> {
    let folder = rt.cache.path(kind.name(), "");
    let mut all = files(&folder).map_err(|source| RuntimeError::Cache { path: folder, source })?;
    all.sort();
    let mut bytes: u64 = all.iter().map(|(_, _, bytes)| bytes).sum();
    for (_, id, size) in all {
        if bytes <= ALL_BYTES {
            break;
        }
        rt.cache.remove(kind.name(), &id);
        bytes -= size;
    }
    Ok(())
}

/// When each was written, its name and size.
fn files(folder: &Path) -> io::Result<Vec<(SystemTime, String, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let (entry, data) = entry.and_then(|entry| Ok((entry.file_name(), entry.metadata()?)))?;
        let name = entry.to_string_lossy().into_owned();
        if !name.contains('.') {
            files.push((data.modified()?, name, data.len()));
        }
    }
    Ok(files)
}

/// Names a piece: a SHA-256 of what decides it.
type Key = [u8; 32];

#[derive(Debug, Default)]
pub(crate) struct Kept {
    bytes: Vec<u8>,
    kept: HashMap<Key, Range<usize>>,
    seen: Mutex<Seen>,
}

/// What one compilation has asked for.
#[derive(Debug, Default)]
struct Seen {
    kept: Vec<Key>,
    made: HashMap<Key, Vec<u8>>,
}

impl Kept {
    /// Those of an earlier compilation; none, if the file is not whole.
    pub(crate) fn read(mut from: impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        let kept = places(&bytes).unwrap_or_default();
        Ok(Self { bytes, kept, seen: Mutex::default() })
    }

    /// Writes those of this compilation, unless nearly all of them were there before.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.made.len() * FEW <= seen.kept.len() {
            return Ok(());
        }
        let kept = seen.kept.iter().map(|key| (key, &self.bytes[self.kept[key].clone()]));
        let all: HashMap<&Key, &[u8]> = kept.chain(seen.made.iter().map(|(key, bytes)| (key, &bytes[..]))).collect();
        let mut file = io::BufWriter::with_capacity(1 << 20, File::create(path)?);
        file.write_all(MAGIC)?;
        file.write_all(&(all.len() as u32).to_le_bytes())?;
        for (key, bytes) in &all {
            file.write_all(*key)?;
            file.write_all(&(bytes.len() as u32).to_le_bytes())?;
        }
        all.values().try_for_each(|bytes| file.write_all(bytes))?;
        file.flush()
    }
}

impl CacheStore for Kept {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let key: Key = key.try_into().ok()?;
        let place = self.kept.get(&key)?.clone();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).kept.push(key);
        Some(Cow::Borrowed(&self.bytes[place]))
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let Ok(key) = key.try_into() else { return false };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).made.insert(key, value);
        true
    }
}

/// Where each piece's bytes lie; `None` for a file of another form.
fn places(bytes: &[u8]) -> Option<HashMap<Key, Range<usize>>> {
    const ENTRY: usize = size_of::<Key>() + size_of::<u32>();
    let (count, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
    let table = rest.get(..ENTRY.checked_mul(u32::from_le_bytes(*count) as usize)?)?;
    let mut at = bytes.len() - rest.len() + table.len();
    let mut places = HashMap::with_capacity(table.len() / ENTRY);
    for entry in table.chunks_exact(ENTRY) {
        let (key, length) = entry.split_first_chunk()?;
        let end = at.checked_add(u32::from_le_bytes(length.try_into().ok()?) as usize)?;
        places.insert(*key, at..end);
        at = end;
    }
    (at == bytes.len()).then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(kept: &Kept) -> Option<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        kept.write(&folder.path().join("kept")).unwrap();
        fs::read(folder.path().join("kept")).ok()
    }

    #[test]
    fn what_one_compilation_made_the_next_finds() {
        let first = Kept::read(&b""[..]).unwrap();
        assert!(first.get(&[1; 32]).is_none());
        first.insert(&[1; 32], b"one".into());
        first.insert(&[2; 32], b"two".into());
        let bytes = written(&first).unwrap();

        let second = Kept::read(&bytes[..]).unwrap();
        assert_eq!(second.get(&[2; 32]).as_deref(), Some(&b"two"[..]));
        assert_eq!(written(&second), None, "nothing was made anew");
        second.insert(&[3; 32], b"three".into());
        let third = Kept::read(&written(&second).unwrap()[..]).unwrap();
        let found = [1, 2, 3].map(|key| third.get(&[key; 32]).is_some());
        assert_eq!(found, [false, true, true], "only what the last compilation used is kept");
    }

    #[test]
    fn a_file_that_is_not_whole_has_nothing() {
        let first = Kept::default();
        first.insert(&[1; 32], b"one".into());
        let bytes = written(&first).unwrap();
        for length in 0..bytes.len() {
            assert!(Kept::read(&bytes[..length]).unwrap().get(&[1; 32]).is_none(), "{length} bytes");
        }
        let longer = [&bytes[..], b"!"].concat();
        assert!(Kept::read(&longer[..]).unwrap().get(&[1; 32]).is_none());
    }
}
