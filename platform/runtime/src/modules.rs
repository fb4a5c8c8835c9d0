//! Core modules that run as one program: what starts, and the libraries that it imports from.
//!
//! A toolchain that knows which part of a program stays as it is puts it into a module of its own, which is then compiled once and not at each push.
use crate::{
    Refusal,
    instance::{self, CoreState},
    javascript::split::MEMORY,
    outbound,
    program::unlinked,
};
use paas_model::log::Sink;
use std::{collections::HashMap, sync::Arc};
use wasmtime::{Engine, Extern, ExternType, ImportType, Instance, InstancePre, Linker, MemoryType, Module, ModuleExport, RefType, Store, ValType};

/// What the platform offers to core modules.
pub(crate) struct Host {
    linker: Linker<CoreState>,
    /// By module and name.
    offered: HashMap<(String, String), ExternType>,
}

impl Host {
    pub(crate) fn new(engine: &Engine, sink: &Arc<dyn Sink>) -> Result<Arc<Self>, wasmtime::Error> {
        let mut linker = instance::core_linker(engine)?;
        outbound::link(&mut linker)?;
        let mut store = instance::idle(engine, sink);
        let all: Vec<_> = linker.iter(&mut store).map(|(module, name, found)| ((module.into(), name.into()), found)).collect();
        let offered = all.into_iter().map(|(name, found)| (name, found.ty(&store))).collect();
        Ok(Arc::new(Self { linker, offered }))
    }

    fn offers(&self, import: &ImportType<'_>) -> bool {
        self.offered.get(&(import.module().into(), import.name().into())).is_some_and(|given| fits(&import.ty(), given))
    }
}

/// What starts a program.
pub(crate) const START: &str = "_start";
/// What is called instead in a memory in which it has started.
pub(crate) const RESUME: &str = "_resume";

/// A program, linked.
pub(crate) enum Modules {
    One(InstancePre<CoreState>),
    Several { host: Arc<Host>, parts: Vec<Part>, entry: &'static str },
}

/// A module, and where each of its imports comes from.
pub(crate) struct Part {
    module: Module,
    imports: Vec<Source>,
}

enum Source {
    Host {
        module: String,
        name: String,
    },
    /// A module that came before.
    Library {
        part: usize,
        export: ModuleExport,
    },
}

impl Modules {
    /// Links modules, each with the name by which those after it import from it. The last is the program, whose `entry` is to be called.
    pub(crate) fn link(host: &Arc<Host>, modules: Vec<(&str, Module)>, entry: &'static str) -> Result<Arc<Self>, Refusal> {
        if let [(_, module)] = &modules[..] {
            let pre = host.linker.instantiate_pre(module).map_err(|error| unlinked(&error.to_string()))?;
            return Ok(Arc::new(Self::One(pre)));
        }
        let mut parts = Vec::with_capacity(modules.len());
        for (place, (_, module)) in modules.iter().enumerate() {
            let imports = module.imports().map(|import| source(host, &modules[..place], &import)).collect::<Result<_, _>>()?;
            parts.push(Part { module: module.clone(), imports });
        }
        Ok(Arc::new(Self::Several { host: host.clone(), parts, entry }))
    }

    pub(crate) fn engine(&self) -> &Engine {
        match self {
            Self::One(pre) => pre.module().engine(),
            Self::Several { host, .. } => host.linker.engine(),
        }
    }

    /// The function that answers a request.
    pub(crate) fn entry(&self) -> &'static str {
        match self {
            Self::One(_) => START,
            Self::Several { entry, .. } => entry,
        }
    }

    /// Whether the memory is all there is in the first module, so that another can take its place, and there is something to call then.
    pub(crate) fn can_boot(&self) -> bool {
        let Self::Several { parts, .. } = self else { return false };
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
        let only_memory = first.imports.is_empty() && first.module.exports().all(|export| export.ty().memory().is_some());
        // As a snapshot has it.
        let plain = |memory: &MemoryType| memory.maximum().is_none() && !memory.is_64();
        let keepable = first.module.get_export(MEMORY).is_some_and(|memory| memory.memory().is_some_and(plain));
        only_memory && keepable && last.module.get_export(RESUME).is_some_and(|resume| resume.func().is_some())
    }

    /// An instance of the program, after one of each library.
    pub(crate) async fn instantiate(&self, store: &mut Store<CoreState>) -> Result<Instance, wasmtime::Error> {
        let (host, parts) = match self {
            Self::One(pre) => return pre.instantiate_async(store).await,
            Self::Several { host, parts, .. } => (host, parts),
        };
        let mut instances = Vec::with_capacity(parts.len());
        for part in parts {
            let imports = part.imports.iter().map(|source| source.of(host, &instances, store)).collect::<Result<Vec<_>, _>>()?;
            instances.push(Instance::new_async(&mut *store, &part.module, &imports).await?);
        }
        instances.pop().ok_or_else(|| wasmtime::format_err!("a program of no modules"))
    }
}

fn source(host: &Host, before: &[(&str, Module)], import: &ImportType<'_>) -> Result<Source, Refusal> {
    let (from, name) = (import.module(), import.name());
    let Some(part) = before.iter().position(|(library, _)| *library == from) else {
        let offered = host.offers(import).then(|| Source::Host { module: from.into(), name: name.into() });
        return offered.ok_or_else(|| unlinked(&format!("`{from}::{name}`")));
    };
    let library = &before[part].1;
    let export = library.get_export(name).filter(|given| fits(&import.ty(), given)).and_then(|_| library.get_export_index(name));
    let refused = || {
        Refusal::app(format!(
            "This app imports `{from}::{name}`, which its library {from} does not export like that. Build both together, and push again."
        ))
    };
    export.map(|export| Source::Library { part, export }).ok_or_else(refused)
}

/// Whether what is given may be imported as what is wanted; as the specification has it, for what we are given: no shared memories, no garbage-collected types.
fn fits(wanted: &ExternType, given: &ExternType) -> bool {
    let holds = |wanted: (u64, Option<u64>), given: (u64, Option<u64>)| {
        given.0 >= wanted.0 && wanted.1.is_none_or(|most| given.1.is_some_and(|grows_to| grows_to <= most))
    };
    match (wanted, given) {
        (ExternType::Func(wanted), ExternType::Func(given)) => given.matches(wanted),
        (ExternType::Global(wanted), ExternType::Global(given)) => {
            wanted.mutability() == given.mutability() && ValType::eq(wanted.content(), given.content())
        }
        (ExternType::Table(wanted), ExternType::Table(given)) => {
            RefType::eq(wanted.element(), given.element()) && holds((wanted.minimum(), wanted.maximum()), (given.minimum(), given.maximum()))
        }
        (ExternType::Memory(wanted), ExternType::Memory(given)) => {
            wanted.is_64() == given.is_64() && holds((wanted.minimum(), wanted.maximum()), (given.minimum(), given.maximum()))
        }
        _ => false,
    }
}

impl Source {
    fn of(&self, host: &Host, instances: &[Instance], store: &mut Store<CoreState>) -> Result<Extern, wasmtime::Error> {
        match self {
            Self::Host { module, name } => host.linker.get(store, module, name),
            Self::Library { part, export } => {
                instances[*part].get_module_export(store, export).ok_or_else(|| wasmtime::format_err!("a library has lost an export"))
            }
        }
    }
}
