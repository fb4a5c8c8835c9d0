//! A booted app's memory as a WebAssembly module without code.
use crate::{
    javascript::split::MEMORY,
    pages::{PAGE_BYTES, is_zero},
};
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    ops::Range,
    path::Path,
};
use wasm_encoder::{ConstExpr, Encode, ExportKind, ExportSection, MemorySection, MemoryType, Module, SectionId};
use wasmparser::{BinaryReaderError, DataKind, Operator, Parser, Payload, Validator};

const WASM_PAGE_BYTES: usize = 65536;

/// Writes the module that, instantiated, has exactly this memory; `memory` is a whole number of WebAssembly's pages. Its bytes, tens of millions, are copied once.
pub(crate) fn write(memory: &[u8], path: &Path) -> io::Result<()> {
    write_module(memory, BufWriter::new(File::create(path)?))
}

fn write_module(memory: &[u8], mut to: impl Write) -> io::Result<()> {
    let pages = memory.len() / WASM_PAGE_BYTES;
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: pages as u64, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export(MEMORY, ExportKind::Memory, 0);
    let mut module = Module::new();
    module.section(&memories).section(&exports);
    to.write_all(&module.finish())?;
    write_data(memory, to)
}

/// The data section: what comes before the bytes of each run is made first, since the section begins with its length.
fn write_data(memory: &[u8], mut to: impl Write) -> io::Result<()> {
    let runs = runs(memory);
    let heads: Vec<Vec<u8>> = runs.iter().map(head).collect();
    let mut start = Vec::new();
    runs.len().encode(&mut start);
    let bytes = start.len() + runs.iter().zip(&heads).map(|(run, head)| head.len() + run.len()).sum::<usize>();
    to.write_all(&[SectionId::Data.into()])?;
    let mut length = Vec::new();
    bytes.encode(&mut length);
    to.write_all(&length)?;
    to.write_all(&start)?;
    for (run, head) in runs.into_iter().zip(heads) {
        to.write_all(&head)?;
        to.write_all(&memory[run])?;
    }
    to.flush()
}

/// Says where in the memory a run begins, and how long it is.
fn head(run: &Range<usize>) -> Vec<u8> {
    const ACTIVE: u8 = 0;
    let mut head = vec![ACTIVE];
    let start = u32::try_from(run.start).expect("a 32-bit memory ends before 4 GiB");
    ConstExpr::i32_const(start.cast_signed()).encode(&mut head);
    run.len().encode(&mut head);
    head
}

/// Runs of pages that are not all zero; the granularity is the operating system's.
fn runs(memory: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = vec![];
    for (index, page) in memory.chunks(PAGE_BYTES).enumerate().filter(|(_, page)| !is_zero(page)) {
        let start = index * PAGE_BYTES;
        match runs.last_mut() {
            Some(run) if run.end == start => run.end += page.len(),
            _ => runs.push(start..start + page.len()),
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
        assert_eq!(runs(&memory), [4096..12288, 3 * WASM_PAGE_BYTES - 4096..3 * WASM_PAGE_BYTES]);
        let mut bytes = Vec::new();
        write_module(&memory, &mut bytes).unwrap();
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
