//! How the host learns where an instance has its memory: the instance says so when it is made.
//!
//! wasmtime does not tell. But a function that takes a list sees the guest's memory, where the list lies. So an engine's component gets one more core module, whose
//! start function hands the whole memory to the import `place`. No code of the app's can call it.
use super::{Place, WorkingSet};
use crate::{
    index_spaces::{IndexSpaces, MAIN_MEMORY},
    javascript::split::MEMORY,
};
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

/// Instances of one app are made ready by its working set, and their place is noted.
pub(crate) fn link<T: 'static>(linker: &mut Linker<T>, set: Arc<WorkingSet>, lies_at: fn(&mut T, Place)) -> wasmtime::Result<()> {
    linker.root().func_wrap(PLACE, move |mut store, (memory,): (WasmList<u8>,)| {
        let memory = memory.as_le_slice(&store).as_ptr_range();
        let place = Place::new(set.clone(), memory.start as usize..memory.end as usize);
        lies_at(store.data_mut(), place);
        Ok(())
    })
}

/// For a boot, which is done once.
pub(crate) fn link_idle<T: 'static>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
    linker.root().func_wrap(PLACE, |_, (_memory,): (WasmList<u8>,)| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{self, Kind},
        pages::{self, PAGE_BYTES},
    };
    use wasmtime::{Store, component::Component};

    /// Writes one page of its four times sixteen.
    const WRITER: &str = r#"(component
        (core module $m
            (memory (export "memory") 4)
            (data (i32.const 0) "\01")
            (func (export "write") (i32.store (i32.const 65536) (i32.const 1))))
        (core instance $i (instantiate $m))
        (alias core export $i "memory" (core memory $memory))
        (func (export "write") (canon lift (core func $i "write"))))"#;

    #[test]
    fn what_the_first_requests_write_is_there_for_the_next() {
        let (engine, _) = engine::pooled(Kind::Plain).unwrap();
        let component = Component::new(&engine, announcing(wat::parse_str(WRITER).unwrap()).unwrap()).unwrap();
        let set = Arc::<WorkingSet>::default();
        let mut linker = Linker::<Option<Place>>::new(&engine);
        link(&mut linker, set.clone(), |told, place| *told = Some(place)).unwrap();
        let mut stores = Vec::new();
        // All at once: each has a memory that nobody has used.
        for request in 0..4 {
            let mut store = Store::new(&engine, None);
            store.set_epoch_deadline(1_000_000);
            let instance = linker.instantiate(&mut store, &component).unwrap();
            let memory = store.data().as_ref().unwrap().memory.clone();
            assert_eq!(memory.len(), 4 << 16);
            assert_eq!(pages::is_own(memory.start + (1 << 16)), request == 3, "request {request}");
            instance.get_typed_func::<(), ()>(&mut store, "write").unwrap().call(&mut store, ()).unwrap();
            store.data().as_ref().unwrap().learn();
            stores.push(store);
        }
        let second = 1 << 16..(1 << 16) + PAGE_BYTES;
        assert_eq!(set.runs.get(), Some(&vec![second]));
    }
}
