//! `paas:app/files@0.1.0` for components; `wit/paas-app.wit` describes it.
use super::{Tree, folder::Entry};
use crate::compile::blocking;
use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, Linker, Lower},
};

const INTERFACE: &str = "paas:app/files@0.1.0";

/// A store whose guest may see files.
pub(crate) trait Seen: Send + 'static {
    fn tree(&self) -> Option<&Tree>;
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct EntryRecord {
    kind: u8,
    size: u64,
}

impl From<Entry> for EntryRecord {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::File { size } => Self { kind: 0, size },
            Entry::Folder => Self { kind: 1, size: 0 },
        }
    }
}

pub(crate) fn link<T: Seen>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    let mut files = linker.instance(INTERFACE)?;
    files.func_wrap_async("stat", |store: StoreContextMut<'_, T>, (path,): (String,)| {
        let tree = store.data().tree().cloned();
        Box::new(async move { Ok((in_tree(tree, move |tree| tree.stat(&path)).await?.flatten().map(EntryRecord::from),)) })
    })?;
    files.func_wrap_async("read", |store: StoreContextMut<'_, T>, (path,): (String,)| {
        let tree = store.data().tree().cloned();
        Box::new(async move { Ok((in_tree(tree, move |tree| tree.read(&path)).await?.transpose()?.flatten(),)) })
    })?;
    files.func_wrap_async("list", |store: StoreContextMut<'_, T>, (path,): (String,)| {
        let tree = store.data().tree().cloned();
        Box::new(async move { Ok((in_tree(tree, move |tree| tree.list(&path)).await?.flatten(),)) })
    })?;
    Ok(())
}

/// Asks the folder where waiting for the disk is allowed; an app without files has none to ask.
async fn in_tree<R: Send + 'static>(tree: Option<Tree>, ask: impl FnOnce(&Tree) -> R + Send + 'static) -> wasmtime::Result<Option<R>> {
    match tree {
        Some(tree) => Ok(Some(blocking(move || ask(&tree)).await?)),
        None => Ok(None),
    }
}
