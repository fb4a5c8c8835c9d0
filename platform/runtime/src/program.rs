//! What runs, loaded and linked: everything that can be done before a request comes.
use crate::{
    Refusal, RuntimeError, Shared,
    assets::Site,
    cache::path_of,
    capabilities::{self, Capabilities},
    compile::{self, Native, blocking},
    fits,
    instance::{CoreState, State},
    python,
};
use paas_model::{AppId, Digest, Launch, Manifest};
use std::{fs::File, hint::black_box, sync::Arc};
use wasmtime::{
    Engine, InstancePre, Module, Precompiled,
    component::{self, Component},
};
use wasmtime_wasi::p2::bindings::CommandPre;
use wasmtime_wasi_http::{p2::bindings::ProxyPre, p3::bindings::ServicePre};

const FORMS: &str = "A web process is a component that exports wasi:http/incoming-handler@0.2 or wasi:http/handler@0.3, \
                     or a WASI command (wasi:cli/run@0.2, or _start) that answers as a CGI program does.";

/// How a slug answers.
pub(crate) enum Program {
    Proxy(ProxyPre<State>),
    Service(ServicePre<State>),
    Python(Arc<python::Program>),
    /// A component with `wasi:cli/run@0.2`, in CGI form.
    Command(CommandPre<State>),
    /// A core module with `_start`, in CGI form.
    Module(InstancePre<CoreState>),
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

/// Loads the blob `wasm`, and compiles it first if the cache has lost it.
pub(crate) async fn load(rt: &Arc<Shared>, wasm: Digest, app: AppId) -> Result<(Program, Capabilities), Refusal> {
    for _ in 0..2 {
        let native = compile::code(rt, wasm, app).await?;
        let shared = rt.clone();
        if let Some(loaded) = blocking(move || deserialize(&shared, wasm, &native)).await?? {
            return Ok(loaded);
        }
    }
    Err(RuntimeError::WorkerFailed("what it compiled does not load".into()).into())
}

/// The program and the size of its code, if the cache has it. May wait for the disk.
pub(crate) fn find(rt: &Shared, wasm: Digest) -> Result<Option<(Program, u64)>, Refusal> {
    let Some(native) = compile::find(rt, wasm) else { return Ok(None) };
    let size = native.file.metadata().map_or(0, |data| data.len());
    Ok(deserialize(rt, wasm, &native)?.map(|(program, _)| (program, size)))
}

/// `None` for code that this engine does not take; it is removed from the cache.
fn deserialize(rt: &Shared, wasm: Digest, Native { file, kind }: &Native) -> Result<Option<(Program, Capabilities)>, Refusal> {
    let linked = match Engine::detect_precompiled_file(path_of(file)) {
        Ok(Some(Precompiled::Module)) => open_module(&rt.engine, file).map_err(Refusal::from).and_then(|opened| module(rt, &opened)),
        _ => open_component(rt.linker_of(*kind).engine(), file).map_err(Refusal::from).and_then(|opened| component(rt.linker_of(*kind), &opened)),
    };
    match linked {
        Err(Refusal::Fault(RuntimeError::Load(error))) => {
            if let Some(refusal) = fits::refusal(&error) {
                return Err(refusal);
            }
            tracing::warn!(%wasm, error = %format!("{error:#}"), "Compiled code does not load: it is made again.");
            rt.cache.remove(compile::name(*kind), &wasm.to_string());
            Ok(None)
        }
        linked => linked.map(Some),
    }
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
pub(crate) fn open_module(engine: &Engine, file: &File) -> Result<Module, RuntimeError> {
    // SAFETY: as in `open_component`.
    unsafe { Module::deserialize_file(engine, path_of(file)) }.map_err(RuntimeError::Load)
}

/// Has the pages of an engine's code in place: all apps of its language run on it, and the first request of each would wait for the ones it is the first to need.
pub(crate) fn touch(code: &[u8]) {
    const PAGE_BYTES: usize = 4096;
    black_box(code.iter().step_by(PAGE_BYTES).fold(0u8, |sum, byte| sum ^ byte));
}

fn component(linker: &Linker, component: &Component) -> Result<(Program, Capabilities), Refusal> {
    let ty = component.component_type();
    let exports: Vec<String> = ty.exports(linker.engine()).map(|(name, _)| name.to_string()).collect();
    let able = Capabilities::of(ty.imports(linker.engine()).map(|(name, _)| name));
    let has = |interface: &str| exports.iter().any(|export| export.starts_with(interface));
    let link = || linker.instantiate_pre(component).map_err(|error| unlinked(&error));
    let form = |error| Refusal::app(format!("This component does not have the form it claims: {error:#}. Build it again with a current toolchain."));
    let program = if has("wasi:http/handler@0.3.") {
        Program::Service(ServicePre::new(link()?).map_err(form)?)
    } else if has("wasi:http/incoming-handler@0.2.") {
        Program::Proxy(ProxyPre::new(link()?).map_err(form)?)
    } else if has("wasi:cli/run@0.2.") {
        Program::Command(CommandPre::new(link()?).map_err(form)?)
    } else {
        return Err(Refusal::app(format!("This component exports {}. {FORMS}", list(&exports))));
    };
    Ok((program, able))
}

fn module(rt: &Shared, module: &Module) -> Result<(Program, Capabilities), Refusal> {
    let exports: Vec<String> = module.exports().map(|export| export.name().to_string()).collect();
    let start = module.get_export("_start").is_some_and(|start| start.func().is_some());
    if !start {
        return Err(Refusal::app(format!("This core module exports {}. {FORMS}", list(&exports))));
    }
    let able = Capabilities::of(module.imports().flat_map(|import| [import.module(), import.name()]));
    let pre = rt.core_linker.instantiate_pre(module).map_err(|error| unlinked(&error))?;
    Ok((Program::Module(pre), able))
}

/// The linker names the import it lacks in its first sentence.
fn unlinked(error: &wasmtime::Error) -> Refusal {
    let text = error.to_string();
    let import = text.split('`').nth(1).unwrap_or(&text);
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
