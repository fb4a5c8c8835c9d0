//! `paas:app/bytecode@0.1.0`: what CPython compiled of an app's modules, kept from one boot of the app to the next; `wit/paas-app.wit` describes it.
use crate::kept::Kept;
use sha2::{Digest as _, Sha256};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};
use wasmtime::{CacheStore as _, StoreContextMut, component::Linker};

const INTERFACE: &str = "paas:app/bytecode@0.1.0";
/// What a boot may add; Django with its dependencies takes a fifth of it.
const ADDED_BYTES: usize = 64 << 20;

/// A boot's: what the one before it kept, and what this one adds.
#[derive(Clone, Debug)]
pub(super) struct Bytecode {
    /// Names the CPython that compiles: no other could run its code.
    engine: Arc<str>,
    kept: Arc<Kept>,
    added: Arc<AtomicUsize>,
}

/// Arguments in the interface's order.
type Module = (String, Vec<u8>);
type Compiled = (String, Vec<u8>, Vec<u8>);

/// For requests: they add nothing, so they find nothing.
pub(crate) fn link<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.func_wrap("find", |_: StoreContextMut<'_, T>, _: Module| Ok((None::<Vec<u8>>,)))?;
    interface.func_wrap("keep", |_: StoreContextMut<'_, T>, _: Compiled| Ok(()))
}

/// For a boot.
pub(super) fn link_boot<T: 'static>(linker: &mut Linker<T>, bytecode: &Bytecode) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    let before = bytecode.clone();
    interface.func_wrap("find", move |_: StoreContextMut<'_, T>, (path, source): Module| Ok((before.find(&path, &source),)))?;
    let now = bytecode.clone();
    interface.func_wrap("keep", move |_: StoreContextMut<'_, T>, (path, source, code): Compiled| {
        now.keep(&path, &source, code);
        Ok(())
    })
}

impl Bytecode {
    pub(super) fn new(engine: &str, kept: Kept) -> Self {
        Self { engine: engine.into(), kept: Arc::new(kept), added: Arc::default() }
    }

    pub(super) fn kept(&self) -> &Kept {
        &self.kept
    }

    fn find(&self, path: &str, source: &[u8]) -> Option<Vec<u8>> {
        self.kept.get(&self.key(path, source)).map(Into::into)
    }

    fn keep(&self, path: &str, source: &[u8], code: Vec<u8>) {
        let before = self.added.fetch_add(code.len(), Relaxed);
        if before.saturating_add(code.len()) <= ADDED_BYTES {
            self.kept.insert(&self.key(path, source), code);
        }
    }

    /// A module's code names its file, so its path counts like its text.
    fn key(&self, path: &str, source: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(Sha256::digest(&*self.engine)).chain_update(Sha256::digest(path)).chain_update(source).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the next boot on this engine begins with.
    fn next(bytecode: &Bytecode, engine: &str) -> Bytecode {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytecode");
        bytecode.kept().write(&path).unwrap();
        Bytecode::new(engine, Kept::read(std::fs::File::open(path).unwrap()).unwrap())
    }

    #[test]
    fn code_is_found_by_its_engine_its_path_and_its_text() {
        let bytecode = Bytecode::new("3.14", Kept::default());
        bytecode.keep("/app/app.py", b"x = 1", b"code".into());
        assert_eq!(next(&bytecode, "3.15").find("/app/app.py", b"x = 1"), None);
        let next = next(&bytecode, "3.14");
        assert_eq!(next.find("/app/app.py", b"x = 1").as_deref(), Some(&b"code"[..]));
        assert_eq!(next.find("/app/app.py", b"x = 2"), None);
        assert_eq!(next.find("/app/other.py", b"x = 1"), None);
    }

    #[test]
    fn one_boot_cannot_keep_without_end() {
        let bytecode = Bytecode::new("3.14", Kept::default());
        bytecode.keep("large", b"", vec![0; ADDED_BYTES]);
        bytecode.keep("one more", b"", b"code".into());
        let next = next(&bytecode, "3.14");
        assert!(next.find("large", b"").is_some());
        assert_eq!(next.find("one more", b""), None);
    }
}
