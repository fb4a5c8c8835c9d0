//! Where snapshots of JavaScript apps lie: packed for as long as a release may need them, and beside that whole, ready to be mapped, those that were wanted last.
use super::{
    SNAPSHOT, engines,
    packed::{self, Base},
};
use crate::{RuntimeError, Shared, cache::Wait, compile::CODE};
use paas_model::Digest;
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek},
    os::unix::fs::MetadataExt,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::SystemTime,
};

/// The cache's kind for packed snapshots. They contain the release's config, as whole ones do.
pub(crate) const PACKED: &str = "packed";
/// The disk that whole snapshots may take, unless the operator says otherwise.
pub(crate) const WHOLE_BYTES: u64 = 1 << 30;
/// The packed file begins with its base's name.
const NAME_BYTES: usize = 96;

/// The whole snapshots of a node that can be made again from packed ones.
pub(crate) struct Resting {
    budget: AtomicU64,
    /// By id; found on the disk when first asked for.
    whole: Mutex<Option<HashMap<String, Whole>>>,
    /// By name; each 1.3 MB, read by the first who packs or unpacks over it.
    bases: Mutex<HashMap<String, Arc<Base>>>,
}

#[derive(Clone, Copy)]
struct Whole {
    wanted: SystemTime,
    bytes: u64,
}

impl Default for Resting {
    fn default() -> Self {
        Self { budget: AtomicU64::new(WHOLE_BYTES), whole: Mutex::default(), bases: Mutex::default() }
    }
}

impl Resting {
    pub(crate) fn limit(&self, bytes: u64) {
        self.budget.store(bytes, Relaxed);
    }

    fn whole(&self) -> MutexGuard<'_, Option<HashMap<String, Whole>>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at what an earlier run left, which takes milliseconds on a node with many apps: before the first request that wants to know.
pub(super) fn survey(rt: &Shared) {
    rt.javascript.whole().get_or_insert_with(|| found(rt));
}

/// Whether there is one, as far as names tell.
pub(super) fn is_there(rt: &Shared, id: &str) -> bool {
    [SNAPSHOT, PACKED].iter().any(|kind| rt.cache.path(kind, id).exists())
}

/// As [`pack`], beside the push or the change of config that made the snapshot. One that is never packed stays whole, for as long as the machine runs.
pub(super) fn pack_later(rt: Arc<Shared>, engine: Digest, id: String) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = pack(&rt, engine, &id) {
            tracing::warn!(id, error = &error as &dyn std::error::Error, "A snapshot could not be packed: it stays whole.");
        }
    });
}

/// Packs a snapshot that was just made.
fn pack(rt: &Shared, engine: Digest, id: &str) -> Result<(), RuntimeError> {
    let (whole, name) = (rt.cache.path(SNAPSHOT, id), engines::part(engine, "base"));
    let fails = |source| RuntimeError::Cache { path: whole.clone(), source };
    let Some(base) = base(rt, &name).map_err(fails)? else { return Ok(()) };
    let Some(mut file) = rt.cache.get(SNAPSHOT, id) else { return Ok(()) };
    let mut image = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut image)).map_err(fails)?;
    let mut content = name.into_bytes();
    content.resize(NAME_BYTES, b' ');
    content.extend(packed::pack(&image, &base));
    let scratch = rt.cache.scratch()?;
    let path = scratch.path().join("packed");
    fs::write(&path, content).map_err(fails)?;
    {
        let _one = rt.opening.lock((PACKED, id));
        if !whole.exists() {
            // Its app was destroyed meanwhile, and the config in it has to go too.
            return Ok(());
        }
        rt.cache.put(PACKED, id, &path)?;
    }
    wanted(rt, id);
    Ok(())
}

/// Removes a snapshot whose app is gone, also if it is being packed.
pub(super) fn forget(rt: &Shared, id: &str) {
    let _one = rt.opening.lock((PACKED, id));
    [SNAPSHOT, PACKED].iter().for_each(|kind| rt.cache.remove(kind, id));
}

/// The snapshot, unpacked now if it rested and there is time for that.
pub(super) fn get(rt: &Shared, id: &str, wait: Wait) -> Option<File> {
    let unpacked = || {
        let _one = rt.opening.lock(("whole", id));
        unpack(rt, id);
        rt.cache.get(SNAPSHOT, id)
    };
    let whole = match wait {
        Wait::Never => rt.cache.get_near(SNAPSHOT, id),
        Wait::May => rt.cache.get(SNAPSHOT, id).or_else(unpacked),
    }?;
    wanted(rt, id);
    Some(whole)
}

/// What it takes on the disk while it is whole.
pub(super) fn bytes(rt: &Shared, id: &str) -> u64 {
    rt.javascript.whole().as_ref().and_then(|whole| whole.get(id)).map_or(0, |whole| whole.bytes)
}

/// Unpacks it, unless somebody has just done so or there is nothing to unpack.
fn unpack(rt: &Shared, id: &str) {
    if rt.cache.path(SNAPSHOT, id).exists() {
        return;
    }
    let Some(packed) = rt.cache.get(PACKED, id) else { return };
    match try_unpack(rt, id, packed) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            tracing::warn!(id, %error, "A packed snapshot cannot be unpacked: it is made again.");
            rt.cache.remove(PACKED, id);
        }
        Err(error) => tracing::error!(id, %error, "A packed snapshot could not be unpacked."),
    }
}

fn try_unpack(rt: &Shared, id: &str, mut packed: File) -> io::Result<()> {
    let useless = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let mut content = Vec::new();
    packed.read_to_end(&mut content)?;
    let (name, content) = content.split_at_checked(NAME_BYTES).ok_or_else(|| useless("it is empty"))?;
    let base = base(rt, String::from_utf8_lossy(name).trim_end())?.ok_or_else(|| useless("its engine is not there"))?;
    let whole = rt.cache.scratch_file()?;
    packed::unpack(content, &base, whole.as_file())?;
    rt.cache.put_unread(SNAPSHOT, id, whole)
}

/// An engine's memory before any boot, as the cache has it now.
fn base(rt: &Shared, name: &str) -> io::Result<Option<Arc<Base>>> {
    let Ok(Some(seal)) = rt.cache.content_seal(CODE, name) else { return Ok(None) };
    let bases = || rt.javascript.bases.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(base) = bases().get(name).filter(|base| base.seal == seal) {
        return Ok(Some(base.clone()));
    }
    let Some(mut file) = rt.cache.get(CODE, name) else { return Ok(None) };
    let mut content = Vec::new();
    file.read_to_end(&mut content)?;
    let base = Arc::new(Base::new(&content, seal));
    bases().insert(name.into(), base.clone());
    Ok(Some(base))
}

/// Notes that the whole snapshot `id` is wanted now, and removes those that were not for the longest time if there are too many.
fn wanted(rt: &Shared, id: &str) {
    if !rt.cache.path(PACKED, id).exists() {
        return;
    }
    let mut all = rt.javascript.whole();
    let all = all.get_or_insert_with(|| found(rt));
    if let Ok(data) = fs::metadata(rt.cache.path(SNAPSHOT, id)) {
        all.insert(id.into(), Whole { wanted: SystemTime::now(), bytes: data.blocks() * 512 });
    }
    let (mut total, budget) = (all.values().map(|whole| whole.bytes).sum::<u64>(), rt.javascript.budget.load(Relaxed));
    if total <= budget {
        return;
    }
    let mut oldest: Vec<_> = all.iter().map(|(id, whole)| (whole.wanted, id.clone(), whole.bytes)).collect();
    oldest.sort();
    let mut gone = Vec::new();
    for (_, old, bytes) in oldest.into_iter().filter(|(_, old, _)| old != id) {
        if total <= budget / 8 * 7 {
            break;
        }
        all.remove(&old);
        gone.extend(rt.cache.files_of(SNAPSHOT, &old));
        total -= bytes;
    }
    remove(gone);
}

/// Beside the request that had no room: each file takes the disk's bookkeeping up to a millisecond.
fn remove(files: Vec<PathBuf>) {
    let run = move || {
        for path in files {
            if let Err(error) = fs::remove_file(&path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }) {
                tracing::warn!(path = %path.display(), %error, "A snapshot that rests cannot be removed.");
            }
        }
    };
    if let Err(error) = std::thread::Builder::new().name("resting".into()).spawn(run) {
        tracing::warn!(%error, "Snapshots that rest were not removed.");
    }
}

/// The whole snapshots that an earlier run left.
fn found(rt: &Shared) -> HashMap<String, Whole> {
    let entries = fs::read_dir(rt.cache.path(SNAPSHOT, "")).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.path().extension().is_none()).filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry)));
    let packed = named.filter(|(id, _)| rt.cache.path(PACKED, id).exists());
    packed
        .filter_map(|(id, entry)| {
            let data = entry.metadata().ok()?;
            Some((id, Whole { wanted: data.modified().ok()?, bytes: data.blocks() * 512 }))
        })
        .collect()
}
