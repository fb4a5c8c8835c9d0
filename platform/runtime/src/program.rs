//! What runs, loaded and linked: everything that can be done before a request comes.
use crate::{
    Refusal, RuntimeError, Shared,
    assets::Site,
    cache::{Wait, path_of},
    capabilities::{self, Capabilities},
    compile::{self, Native, blocking},
    fits,
    instance::State,
    modules::{Modules, RESUME, START},
    python,
};
use paas_model::{AppId, Digest, Launch, Manifest};
use std::{fs::File, hint::black_box, os::unix::fs::FileExt, path::Path, sync::Arc};
use wasmtime::{
    Engine, Module,
    component::{self, Component},
};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi_http::{p2::bindings::ProxyPre, p3::bindings::ServicePre};

const FORMS: &str = "A web process is a component that exports wasi:http/incoming-handler@0.2 or wasi:http/handler@0.3, \
                     or a WASI command (wasi:cli/run@0.2, or _start) that answers as a CGI program does.";

/// Where a file of native code, an ELF file, has the flags that say what it is (`e_flags`), and wasmtime's flag for core modules.
const ELF_FLAGS_AT: u64 = 48;
const MODULE: u32 = 1;

/// How a slug answers.
pub(crate) enum Program {
    Proxy(ProxyPre<State>),
    Service(ServicePre<State>),
    Python(Arc<python::Program>),
    /// A component with `wasi:cli/run@0.2`, in CGI form.
    Command(CommandPre<State>),
    /// Core modules, of which the last has `_start`, in CGI form.
    Modules(Arc<Modules>),
    Site(Site),
}

/// What starts the slug's `web`, or why there is nothing to start.
pub(crate) fn web(manifest: &Manifest) -> Result<&Launch, Refusal> {
    manifest.web().ok_or_else(|| Refusal::app("This app has no web process. Declare one in the Procfile: `web: app.wasm`."))
}

/// Where one program is meant.
pub(crate) fn several() -> Refusal {
    Refusal::app("Several components answer for web only. Give this process type a module of its own.")
}

/// The content of the file `name` of a slug.
pub(crate) fn blob(manifest: &Manifest, name: &str) -> Result<Digest, Refusal> {
    let file = manifest.files.get(name);
    Ok(file
        .ok_or_else(|| Refusal::app(format!("The slug has no file {name}, which its web process starts. Check the Procfile and the build.")))?
        .digest)
}

/// A file of WebAssembly.
#[derive(Clone, Debug)]
pub(crate) struct Binary {
    /// As others import from it.
    pub(crate) name: String,
    pub(crate) digest: Digest,
}

/// The files of a process of WebAssembly: its libraries in their order, and last what starts.
pub(crate) fn binaries(manifest: &Manifest, file: &str, libraries: &[String]) -> Result<Vec<Binary>, Refusal> {
    let stem = |file: &str| Path::new(file).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    libraries.iter().map(String::as_str).chain([file]).map(|file| Ok(Binary { name: stem(file), digest: blob(manifest, file)? })).collect()
}

/// Loads these blobs, and compiles first what the cache has lost.
pub(crate) async fn load(rt: &Arc<Shared>, wasm: Vec<Binary>, app: AppId) -> Result<(Program, Capabilities), Refusal> {
    let wasm = Arc::new(wasm);
    for _ in 0..2 {
        let native = compile::all(rt, &wasm, app).await?;
        let (shared, wasm) = (rt.clone(), wasm.clone());
        if let Some((program, code)) = blocking(move || deserialize(&shared, &wasm, native, None)).await?? {
            return Ok((program, code.capabilities()));
        }
    }
    Err(RuntimeError::WorkerFailed("what it compiled does not load".into()).into())
}

/// The program and the size of its code, if the cache has it.
pub(crate) fn find(rt: &Shared, wasm: &[Binary], wait: Wait) -> Result<Option<(Program, u64)>, Refusal> {
    found(rt, wasm, None, wait)
}

/// As [`find`], of a program that has started, with the memory that it left.
pub(crate) fn find_in(rt: &Shared, wasm: &[Binary], memory: &Module, wait: Wait) -> Result<Option<(Program, u64)>, Refusal> {
    found(rt, wasm, Some(memory), wait)
}

fn found(rt: &Shared, wasm: &[Binary], memory: Option<&Module>, wait: Wait) -> Result<Option<(Program, u64)>, Refusal> {
    let Some(native) = wasm.iter().map(|wasm| compile::find(rt, wasm.digest, wait)).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let size = native.iter().map(|native| native.file.metadata().map_or(0, |data| data.len())).sum();
    Ok(deserialize(rt, wasm, native, memory)?.map(|(program, _)| (program, size)))
}

/// `None` for code that this engine does not take; it is removed from the cache. `memory` takes the place of the first module.
fn deserialize(rt: &Shared, wasm: &[Binary], native: Vec<Native>, memory: Option<&Module>) -> Result<Option<(Program, Code)>, Refusal> {
    let mut modules = Vec::with_capacity(native.len());
    for (Binary { name, digest }, native) in wasm.iter().zip(native) {
        let kind = native.kind;
        match (open(rt, native), kind) {
            (Ok(Opened::Module(module)), _) => modules.push((name.as_str(), module)),
            (Ok(Opened::Component(opened)), kind) if wasm.len() == 1 => {
                return Ok(Some((component(rt.linker_of(kind), &opened)?, Code::Component(opened))));
            }
            (Ok(Opened::Component(_)), _) => return Err(Refusal::app(format!("{name} is a component, and only core modules are linked to others."))),
            (Err(RuntimeError::Load(error)), kind) => {
                if let Some(refusal) = fits::refusal(&error) {
                    return Err(refusal);
                }
                tracing::warn!(wasm = %digest, error = %format!("{error:#}"), "Compiled code does not load: it is made again.");
                rt.cache.remove(compile::name(kind), &digest.to_string());
                return Ok(None);
            }
            (Err(fault), _) => return Err(fault.into()),
        }
    }
    let entry = match (memory, modules.first_mut()) {
        (Some(memory), Some((_, first))) => {
            *first = memory.clone();
            RESUME
        }
        _ => START,
    };
    let code = Code::Modules(modules.iter().map(|(_, module)| module.clone()).collect());
    Ok(Some((core_modules(rt, modules, entry)?, code)))
}

/// What a program is made of. Its imports say what it may do, which a push asks and a first request has no time for.
enum Code {
    Component(Component),
    Modules(Vec<Module>),
}

impl Code {
    fn capabilities(&self) -> Capabilities {
        match self {
            Self::Component(component) => Capabilities::of(component.component_type().imports(component.engine()).map(|(name, _)| name)),
            Self::Modules(modules) => Capabilities::of(modules.iter().flat_map(Module::imports).flat_map(|import| [import.module(), import.name()])),
        }
    }
}

enum Opened {
    Module(Module),
    Component(Component),
}

fn open(rt: &Shared, Native { file, kind }: Native) -> Result<Opened, RuntimeError> {
    match is_module(&file) {
        true => open_module(&rt.engine, file).map(Opened::Module),
        false => open_component(rt.linker_of(kind).engine(), &file).map(Opened::Component),
    }
}

/// Whether native code is a core module's, as `Engine::detect_precompiled_file` finds it out, which takes a tenth of a first request: it reads the list of
/// the file's sections. What is neither a module's nor a component's code does not load.
fn is_module(code: &File) -> bool {
    let mut flags = [0; 4];
    code.read_exact_at(&mut flags, ELF_FLAGS_AT).is_ok() && u32::from_le_bytes(flags) & MODULE != 0
}

/// Maps a component's native code, as it came out of the cache.
#[allow(unsafe_code)]
pub(crate) fn open_component(engine: &Engine, file: &File) -> Result<Component, RuntimeError> {
    // SAFETY: the bytes behind this descriptor are native code that this node's own worker made with this engine's settings: `Cache::get` has just checked
    // their seal through the same descriptor. Nobody writes to a file of the cache, new content comes under a new inode, and the folder is closed to other users.
    unsafe { Component::deserialize_file(engine, path_of(file)) }.map_err(RuntimeError::Load)
}

/// Maps a core module's native code, as it came out of the cache.
#[allow(unsafe_code)]
pub(crate) fn open_module(engine: &Engine, file: File) -> Result<Module, RuntimeError> {
    // SAFETY: as in `open_component`.
    unsafe { Module::deserialize_open_file(engine, file) }.map_err(RuntimeError::Load)
}

/// Has the pages of an engine's code in place: all apps of its language run on it, and the first request of each would wait for the ones it is the first to need.
pub(crate) fn touch(code: &[u8]) {
    const PAGE_BYTES: usize = 4096;
    black_box(code.iter().step_by(PAGE_BYTES).fold(0u8, |sum, byte| sum ^ byte));
}

fn component(linker: &Linker, component: &Component) -> Result<Program, Refusal> {
    let exports: Vec<String> = component.component_type().exports(linker.engine()).map(|(name, _)| name.to_string()).collect();
    let has = |interface: &str| exports.iter().any(|export| export.starts_with(interface));
    let link = || linker.instantiate_pre(component).map_err(|error| unlinked(&error.to_string()));
    let form = |error| Refusal::app(format!("This component does not have the form it claims: {error:#}. Build it again with a current toolchain."));
    if has("wasi:http/handler@0.3.") {
        Ok(Program::Service(ServicePre::new(link()?).map_err(form)?))
    } else if has("wasi:http/incoming-handler@0.2.") {
        Ok(Program::Proxy(ProxyPre::new(link()?).map_err(form)?))
    } else if has("wasi:cli/run@0.2.") {
        Ok(Program::Command(CommandPre::new(link()?).map_err(form)?))
    } else {
        Err(Refusal::app(format!("This component exports {}. {FORMS}", list(&exports))))
    }
}

fn core_modules(rt: &Shared, modules: Vec<(&str, Module)>, entry: &'static str) -> Result<Program, Refusal> {
    let last = modules.last().map(|(_, module)| module);
    let start = last.and_then(|module| module.get_export(entry)).is_some_and(|start| start.func().is_some());
    if !start {
        let exports: Vec<String> = last.iter().flat_map(|module| module.exports()).map(|export| export.name().to_string()).collect();
        return Err(Refusal::app(format!("This core module exports {}. {FORMS}", list(&exports))));
    }
    Ok(Program::Modules(Modules::link(&rt.host, modules, entry)?))
}

/// An error of a linker's, which names the import that it lacks.
pub(crate) fn unlinked(error: &str) -> Refusal {
    let import = error.split('`').nth(1).unwrap_or(error);
    let instead = match capabilities::nearest(import) {
        Some(nearest) => format!("The nearest that it offers is {nearest}: build the app for that, and push again."),
        None => {
            "It offers WASI 0.2, 0.3 and preview 1, wasi:http, wasi:config and paas:app: build the app without the import, and push again.".into()
        }
    };
    Refusal::app(format!("This app needs `{import}`, which the platform does not offer. {instead}"))
}

fn list(exports: &[String]) -> String {
    match exports {
        [] => "nothing".into(),
        _ => exports.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// Linkers are filled once per node.
pub(crate) type Linker = component::Linker<State>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{self, Kind};
    use wasmtime::Precompiled;

    #[test]
    fn modules_are_told_from_components_as_wasmtime_does() {
        for kind in Kind::ALL {
            let engine = engine::for_worker(kind).unwrap();
            let codes = [
                (engine.precompile_module(b"(module (func (export \"f\")))").unwrap(), Precompiled::Module),
                (engine.precompile_component(b"(component (core module (func)))").unwrap(), Precompiled::Component),
            ];
            for (code, of) in codes {
                let mut file = tempfile::NamedTempFile::new().unwrap();
                std::io::Write::write_all(&mut file, &code).unwrap();
                assert_eq!(Engine::detect_precompiled_file(file.path()).unwrap(), Some(of));
                assert_eq!(is_module(file.as_file()), of == Precompiled::Module);
            }
        }
        assert!(!is_module(tempfile::tempfile().as_ref().unwrap()));
    }
}
