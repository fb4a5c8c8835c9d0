//! A booted app's memory as a WebAssembly module without code.
use crate::javascript::split::MEMORY;
use wasm_encoder::{ConstExpr, Encode, ExportKind, ExportSection, MemorySection, MemoryType, Module, RawSection, SectionId};
use wasmparser::{BinaryReaderError, DataKind, Operator, Parser, Payload, Validator};

/// Runs of pages of this size that hold anything but zeros are kept: the granularity of the operating system's.
const PAGE_BYTES: usize = 4096;
const WASM_PAGE_BYTES: usize = 65536;

/// The module that, instantiated, has exactly this memory; `memory` is a whole number of WebAssembly's pages.
pub(crate) fn module(memory: &[u8]) -> Vec<u8> {
    let pages = memory.len() / WASM_PAGE_BYTES;
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: pages as u64, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&memories).section(&exports).section(&RawSection { id: SectionId::Data.into(), data: &data(memory) });
    module.finish()
}

/// The content of a data section, in one piece: `DataSection` would copy tens of megabytes each time that it grows.
fn data(memory: &[u8]) -> Vec<u8> {
    const ACTIVE: u8 = 0;
    /// More than what comes before a run's bytes.
    const HEAD_BYTES: usize = 16;
    let runs = runs(memory);
    let mut data = Vec::with_capacity(runs.iter().map(|(start, end)| end - start + HEAD_BYTES).sum::<usize>() + HEAD_BYTES);
    runs.len().encode(&mut data);
    for (start, end) in runs {
        let offset = i32::try_from(start).expect("an interpreter's memory at boot is far below 2 GiB");
        data.push(ACTIVE);
        ConstExpr::i32_const(offset).encode(&mut data);
        memory[start..end].encode(&mut data);
    }
    data
}

/// Start and end of each run of pages that are not all zero.
fn runs(memory: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = vec![];
    for (index, page) in memory.chunks(PAGE_BYTES).enumerate() {
        if page.iter().all(|byte| *byte == 0) {
            continue;
        }
        let start = index * PAGE_BYTES;
        match runs.last_mut() {
            Some((_, end)) if *end == start => *end += page.len(),
            _ => runs.push((start, start + page.len())),
        }
    }
    runs
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BadSnapshot {
    #[error("it is not valid WebAssembly: {0}")]
    Parse(#[from] BinaryReaderError),
    #[error("it holds more than a memory and its data: {0}")]
    MoreThanMemory(&'static str),
}

/// Refuses whatever could do more than fill a memory: a snapshot comes from a process that has run the app's code.
pub(crate) fn validate(bytes: &[u8]) -> Result<(), BadSnapshot> {
    Validator::new().validate_all(bytes)?;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } | Payload::MemorySection(_) | Payload::ExportSection(_) | Payload::End(_) => {}
            Payload::DataSection(section) => {
                for data in section {
                    check_data(data?.kind)?;
                }
            }
            other => return Err(BadSnapshot::MoreThanMemory(section_name(&other))),
        }
    }
    Ok(())
}

fn check_data(kind: DataKind<'_>) -> Result<(), BadSnapshot> {
    let DataKind::Active { offset_expr, .. } = kind else {
        return Err(BadSnapshot::MoreThanMemory("passive data"));
    };
    let mut operators = offset_expr.get_operators_reader();
    match (operators.read()?, operators.read()?) {
        (Operator::I32Const { .. }, Operator::End) => Ok(()),
        _ => Err(BadSnapshot::MoreThanMemory("data at a computed place")),
    }
}

fn section_name(payload: &Payload<'_>) -> &'static str {
    match payload {
        Payload::ImportSection(_) => "imports",
        Payload::TypeSection(_) | Payload::FunctionSection(_) | Payload::CodeSectionStart { .. } => "functions",
        Payload::StartSection { .. } => "a start function",
        Payload::GlobalSection(_) => "globals",
        Payload::TableSection(_) | Payload::ElementSection(_) => "tables",
        _ => "an unknown section",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_has_the_memory_it_was_made_of() {
        let mut memory = vec![0; 3 * WASM_PAGE_BYTES];
        memory[5000] = 1;
        memory[9000] = 2;
        memory[3 * WASM_PAGE_BYTES - 1] = 3;
        assert_eq!(runs(&memory), [(4096, 12288), (3 * WASM_PAGE_BYTES - 4096, 3 * WASM_PAGE_BYTES)]);
        let bytes = module(&memory);
        validate(&bytes).unwrap();

        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, &bytes).unwrap();
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
        assert!(instance.get_memory(&mut store, MEMORY).unwrap().data(&store) == memory);
    }

    #[test]
    fn a_snapshot_with_anything_but_memory_is_refused() {
        for (text, what) in [
            ("(module (import \"a\" \"b\" (memory 1)))", "imports"),
            ("(module (func))", "functions"),
            ("(module (memory 1) (data \"passive\"))", "passive data"),
            ("(module (global (mut i32) i32.const 1))", "globals"),
            ("(module (table 1 funcref))", "tables"),
        ] {
            let bytes = wat::parse_str(text).unwrap();
            let refused = validate(&bytes).unwrap_err().to_string();
            assert!(refused.contains(what), "{text}: {refused}");
        }
    }
}
