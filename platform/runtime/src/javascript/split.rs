//! Takes an engine component apart: code that all apps share here, memory that each app has of its own there.
//!
//! Interpreters come as one component in which a core module holds the interpreter's code *and* its memory. Split, there are
//! three parts. `core` is that module importing its memory. `link` is the component around it, which every app shares: it imports a core module, `snapshot`
//! (an app's memory), and exports `core` as `engine`, which apps are booted on. `base` is the memory before any app has booted, a module of the same form as a snapshot.
use super::link;
use crate::working_set::announcing;
use wasm_encoder::{
    EntityType, ExportKind, ExportSection, ImportSection, Module, RawSection,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{DataKind, Encoding, Parser, Payload, SectionLimited, Validator, WasmFeatures};

/// Namespace of the memory among the core module's imports, and name of the module that brings it.
pub(crate) const SNAPSHOT: &str = "snapshot";
/// Name under which `link` exports `core`.
pub(super) const ENGINE: &str = "engine";
pub(crate) const MEMORY: &str = "memory";
/// Under this name `core` exports its shadow stack pointer, so that a boot can prove that it came back to where it began.
pub(super) const STACK: &str = "snapshot:stack";
/// The function that boots an app marks the interpreter's module.
pub(super) const BOOT: &str = "componentize.wizer";

/// The parts of an engine that are compiled, each a WebAssembly binary.
#[derive(Debug)]
pub(super) struct Engine {
    pub link: Vec<u8>,
    pub base: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum SplitError {
    #[error("{0}")]
    NotAnEngine(&'static str),
    #[error("it has not been started on this node, which a push of a Python app's source does")]
    NotStarted,
    #[error("it is not valid WebAssembly: {0}")]
    Parse(#[from] wasmparser::BinaryReaderError),
    #[error("it cannot be encoded again: {0}")]
    Encode(#[from] wasm_encoder::reencode::Error),
}

pub(super) fn split(component: &[u8]) -> Result<Engine, SplitError> {
    // What follows may then rely on the form of what it reads.
    Validator::new_with_features(WasmFeatures::all()).validate_all(component)?;
    let main = find_main(component)?;
    Ok(Engine { link: announcing(link::around(component, main, &core_of(main)?)?)?, base: base_of(main)? })
}

/// The bytes of the one core module that boots apps.
fn find_main(component: &[u8]) -> Result<&[u8], SplitError> {
    let mut found = None;
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => return Err(SplitError::NotAnEngine("it is a core module")),
            Payload::ModuleSection { unchecked_range, .. } => {
                depth += 1;
                let bytes = &component[unchecked_range];
                if exports(bytes, BOOT)? && found.replace(bytes).is_some() {
                    return Err(SplitError::NotAnEngine("two of its modules boot apps"));
                }
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    found.ok_or(SplitError::NotAnEngine("none of its modules boots apps"))
}

fn exports(module: &[u8], name: &str) -> Result<bool, SplitError> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ExportSection(section) = payload? {
            return Ok(section.into_iter().any(|export| export.is_ok_and(|export| export.name == name)));
        }
    }
    Ok(false)
}

/// The module with its memory imported and its data left out; its code is not touched.
fn core_of(main: &[u8]) -> Result<Vec<u8>, SplitError> {
    let memory = EntityType::Memory(RoundtripReencoder.memory_type(memory_of(main)?)?);
    let mut module = Module::new();
    let mut imported = false;
    for payload in Parser::new(0).parse_all(main) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(section) => {
                let mut imports = ImportSection::new();
                RoundtripReencoder.parse_import_section(&mut imports, section.clone())?;
                imports.import(SNAPSHOT, MEMORY, memory);
                module.section(&imports);
                imported = true;
            }
            Payload::ExportSection(section) => {
                let mut exports = ExportSection::new();
                RoundtripReencoder.parse_export_section(&mut exports, section.clone())?;
                exports.export(STACK, ExportKind::Global, 0);
                module.section(&exports);
            }
            Payload::GlobalSection(section) => {
                check_globals(section.clone())?;
                copy(&mut module, main, &payload);
            }
            Payload::StartSection { .. } => return Err(SplitError::NotAnEngine("it has a start function")),
            Payload::MemorySection(_) | Payload::DataSection(_) | Payload::DataCountSection { .. } => {}
            // A code section's entries are parts of it.
            Payload::CodeSectionEntry(_) => {}
            _ => copy(&mut module, main, &payload),
        }
    }
    imported.then(|| module.finish()).ok_or(SplitError::NotAnEngine("it imports nothing"))
}

/// A snapshot keeps the memory and nothing else, so the only thing that may change besides it is the shadow stack's pointer.
fn check_globals(section: SectionLimited<'_, wasmparser::Global<'_>>) -> Result<(), SplitError> {
    let globals = section.into_iter().collect::<Result<Vec<_>, _>>()?;
    let stack_first = globals.first().is_some_and(|global| global.ty.mutable);
    let others_const = globals.iter().skip(1).all(|global| !global.ty.mutable);
    (stack_first && others_const).then_some(()).ok_or(SplitError::NotAnEngine("it has state outside its memory"))
}

pub(crate) fn copy(module: &mut Module, bytes: &[u8], payload: &Payload<'_>) {
    if let Some((id, range)) = payload.as_section() {
        module.section(&RawSection { id, data: &bytes[range] });
    }
}

/// The memory and its data, alone.
pub(crate) fn base_of(main: &[u8]) -> Result<Vec<u8>, SplitError> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(main) {
        let payload = payload?;
        match &payload {
            Payload::MemorySection(_) => {
                copy(&mut module, main, &payload);
                let mut exports = ExportSection::new();
                exports.export(MEMORY, ExportKind::Memory, 0);
                module.section(&exports);
            }
            Payload::DataSection(section) => {
                for data in section.clone() {
                    if matches!(data?.kind, DataKind::Passive) {
                        return Err(SplitError::NotAnEngine("it has passive data"));
                    }
                }
                copy(&mut module, main, &payload);
            }
            _ => {}
        }
    }
    Ok(module.finish())
}

fn memory_of(main: &[u8]) -> Result<wasmparser::MemoryType, SplitError> {
    let mut memories = vec![];
    for payload in Parser::new(0).parse_all(main) {
        if let Payload::MemorySection(section) = payload? {
            memories = section.into_iter().collect::<Result<_, _>>()?;
        }
    }
    match memories[..] {
        [memory] if memory.maximum.is_none() && !memory.memory64 && !memory.shared => Ok(memory),
        _ => Err(SplitError::NotAnEngine("it has not exactly one growing memory")),
    }
}
