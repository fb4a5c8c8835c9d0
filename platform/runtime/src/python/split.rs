//! Takes a Python engine apart: code that all apps share here, the memory that each app has of its own there.
//!
//! componentize-py makes one component of many core modules. The first of them, `main`, holds the memory of all, in which CPython has already started.
//! Slugs have that component without what the start left in it, and the node has the whole; in earlier slugs it is whole.
//! Split, there are two parts. `link` is that component importing its memory from a core module `snapshot`, with its modules joined, and with functions to read that
//! memory from outside. `base` is the memory as it was, a module of the same form as a snapshot.
use super::{join::join, link};
use crate::{
    javascript::split::{SNAPSHOT, SplitError, base_of, copy},
    working_set::announcing,
};
use wasm_encoder::{
    EntityType, ImportSection, MemoryType, Module,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{Encoding, Parser, Payload, TypeRef, Validator, WasmFeatures};

/// The parts of an engine, each a WebAssembly binary.
#[derive(Debug)]
pub(super) struct Engine {
    pub link: Vec<u8>,
    pub base: Vec<u8>,
}

/// `component` is a slug's; `started` the same with the memory that its start left, if the node has that.
pub(super) fn split(component: &[u8], started: Option<&[u8]>) -> Result<Engine, SplitError> {
    // What follows may then rely on the form of what it reads.
    Validator::new_with_features(WasmFeatures::all()).validate_all(component)?;
    let modules = modules(component)?;
    let (main, memory) = find_main(&modules)?;
    let memory = MemoryType { minimum: least_memory(&modules)?, maximum: None, ..memory };
    let shared = without_memory(main, memory)?;
    let base = base(main, started, &shared, memory)?;
    let apart = link::around(component, main, &shared, memory)?;
    let link = join(&apart).unwrap_or_else(|why| {
        debug_assert!(false, "a new toolchain's engine cannot be joined: {why}");
        tracing::warn!(%why, "The modules of a Python engine cannot be joined: its apps answer slower.");
        apart
    });
    Ok(Engine { link: announcing(link)?, base })
}

/// The memory of `main`, or of the same module of the started engine if `main` has none.
fn base(main: &[u8], started: Option<&[u8]>, shared: &[u8], memory: MemoryType) -> Result<Vec<u8>, SplitError> {
    if has_data(main)? {
        return base_of(main);
    }
    let Some(started) = started else { return Err(SplitError::NotStarted) };
    Validator::new_with_features(WasmFeatures::all()).validate_all(started)?;
    let (main, _) = find_main(&modules(started)?)?;
    match without_memory(main, memory)? == shared {
        true => base_of(main),
        false => Err(SplitError::NotAnEngine("what was started is another engine")),
    }
}

fn has_data(main: &[u8]) -> Result<bool, SplitError> {
    for payload in Parser::new(0).parse_all(main) {
        if matches!(payload?, Payload::DataSection(_)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The core modules of a component that has no components in it.
fn modules(component: &[u8]) -> Result<Vec<&[u8]>, SplitError> {
    let mut found = vec![];
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { encoding: Encoding::Module, .. } if found.is_empty() => return Err(SplitError::NotAnEngine("it is a core module")),
            Payload::ModuleSection { unchecked_range, .. } => found.push(&component[unchecked_range]),
            _ => {}
        }
    }
    Ok(found)
}

/// The one module that defines a memory.
fn find_main<'a>(modules: &[&'a [u8]]) -> Result<(&'a [u8], MemoryType), SplitError> {
    let mut found = None;
    for module in modules {
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::MemorySection(section) = payload? {
                for memory in section {
                    let memory = RoundtripReencoder.memory_type(memory?)?;
                    if found.replace((*module, memory)).is_some() {
                        return Err(SplitError::NotAnEngine("it has more than one memory"));
                    }
                }
            }
        }
    }
    match found {
        Some((_, memory)) if memory.maximum.is_some() || memory.memory64 || memory.shared => {
            Err(SplitError::NotAnEngine("it has not exactly one growing memory"))
        }
        found => found.ok_or(SplitError::NotAnEngine("it has no memory")),
    }
}

/// What all modules can count on; a snapshot may have more.
fn least_memory(modules: &[&[u8]]) -> Result<u64, SplitError> {
    let mut least = 0;
    for module in modules {
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(section) = payload? {
                for import in section.into_imports() {
                    if let TypeRef::Memory(memory) = import?.ty {
                        least = least.max(memory.initial);
                    }
                }
            }
        }
    }
    Ok(least)
}

/// The module with its memory imported and its data left out; its code is not touched.
fn without_memory(main: &[u8], memory: MemoryType) -> Result<Vec<u8>, SplitError> {
    let mut module = Module::new();
    let mut imported = false;
    for payload in Parser::new(0).parse_all(main) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(section) => {
                let mut imports = ImportSection::new();
                RoundtripReencoder.parse_import_section(&mut imports, section.clone())?;
                imports.import(SNAPSHOT, crate::javascript::split::MEMORY, EntityType::Memory(memory));
                module.section(&imports);
                imported = true;
            }
            Payload::StartSection { .. } => return Err(SplitError::NotAnEngine("it has a start function")),
            Payload::MemorySection(_) | Payload::DataSection(_) | Payload::DataCountSection { .. } | Payload::CodeSectionEntry(_) => {}
            _ => copy(&mut module, main, &payload),
        }
    }
    imported.then(|| module.finish()).ok_or(SplitError::NotAnEngine("its main module imports nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An engine's main module is all that counts here.
    fn engine(main: &str) -> Vec<u8> {
        wat::parse_str(format!(r#"(component (core module (import "a" "b" (func)) {main}))"#)).unwrap()
    }

    fn told(component: &str, started: Option<&str>) -> String {
        split(&engine(component), started.map(engine).as_deref()).unwrap_err().to_string()
    }

    #[test]
    fn an_engine_at_rest_needs_its_own_memory() {
        assert!(told("(memory 65536)", None).starts_with("it has not been started on this node"));
        let other = "what was started is another engine";
        assert_eq!(told("(memory 65536)", Some(r#"(memory 1) (data (i32.const 0) "x") (func (export "more"))"#)), other);
        // What comes next in an engine is missing here.
        let next = "it has no C library to bring to rest";
        for (component, started) in
            [("(memory 65536)", Some(r#"(memory 1) (data (i32.const 0) "x")"#)), (r#"(memory 1) (data (i32.const 0) "x")"#, None)]
        {
            assert_eq!(told(component, started), next);
        }
    }
}
