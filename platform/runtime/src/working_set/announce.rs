//! How the host learns where an instance has its memory: the instance says so when it is made.
//!
//! wasmtime does not tell. But a function that takes a list sees the guest's memory, where the list lies. So an engine's component gets one more core module, whose
//! start function hands the whole memory to the import `place`. No code of the app's can call it.
use super::{Place, WorkingSet};
use crate::{index_spaces::IndexSpaces, instance::State, javascript::split::MEMORY};
use std::sync::Arc;
use wasm_encoder::{
    CanonicalFunctionSection, CanonicalOption, ComponentImportSection, ComponentSection, ComponentSectionId, ComponentTypeRef, ComponentTypeSection,
    ComponentValType, ExportKind, InstanceSection, ModuleArg, PrimitiveValType, RawSection,
};
use wasmparser::BinaryReaderError;
use wasmtime::component::{Linker, WasmList};

const PLACE: &str = "place";
const ANNOUNCER: &str = r#"(module
  (import "host" "place" (func $place (param i32 i32)))
  (import "host" "memory" (memory 0))
  (func $start (call $place (i32.const 0) (i32.shl (memory.size) (i32.const 16))))
  (start $start))"#;
/// The first memory that an engine's component speaks of is its interpreter's.
const MAIN_MEMORY: u32 = 0;

/// The component, with instances that say where their memory is.
pub(crate) fn announcing(mut component: Vec<u8>) -> Result<Vec<u8>, BinaryReaderError> {
    let next = IndexSpaces::of(&component)?;
    let mut types = ComponentTypeSection::new();
    types.defined_type().list(PrimitiveValType::U8);
    types.function().async_(false).params([(MEMORY, ComponentValType::Type(next.types))]).result(None);
    let mut imports = ComponentImportSection::new();
    imports.import(PLACE, ComponentTypeRef::Func(next.types + 1));
    let mut lowered = CanonicalFunctionSection::new();
    lowered.lower(next.functions, [CanonicalOption::Memory(MAIN_MEMORY)]);
    let announcer = wat::parse_str(ANNOUNCER).expect("it is our own text");
    let mut instances = InstanceSection::new();
    instances.export_items([(PLACE, ExportKind::Func, next.core_functions), (MEMORY, ExportKind::Memory, MAIN_MEMORY)]);
    instances.instantiate(next.modules, [("host", ModuleArg::Instance(next.core_instances))]);
    let module = RawSection { id: ComponentSectionId::CoreModule.into(), data: &announcer };
    let sections: [&dyn ComponentSection; 5] = [&types, &imports, &lowered, &module, &instances];
    sections.into_iter().for_each(|section| section.append_to_component(&mut component));
    Ok(component)
}

/// Instances of one app are made ready by its working set.
pub(crate) fn link(linker: &mut Linker<State>, set: Arc<WorkingSet>) -> wasmtime::Result<()> {
    linker.root().func_wrap(PLACE, move |mut store, (memory,): (WasmList<u8>,)| {
        let memory = memory.as_le_slice(&store).as_ptr_range();
        let place = Place::new(set.clone(), memory.start as usize..memory.end as usize);
        store.data_mut().lies_at(place);
        Ok(())
    })
}

/// For a boot, which is done once.
pub(crate) fn link_idle<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.root().func_wrap(PLACE, |_, (_memory,): (WasmList<u8>,)| Ok(()))
}
