//! The engine's component, importing the memory that it used to contain, and telling what that memory holds.
use crate::{
    index_spaces::{IndexSpaces, MAIN_MEMORY},
    javascript::split::{MEMORY, SNAPSHOT, SplitError},
};
use std::convert::Infallible;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentSection, ComponentSectionId, ComponentTypeRef, ComponentTypeSection, ComponentValType, CoreTypeSection,
    EntityType, ExportKind, InstanceSection, MemoryType, ModuleArg, ModuleType, PrimitiveValType, RawSection,
    reencode::{Error, Reencode, ReencodeComponent, component_utils},
};
use wasmparser::{ComponentAlias, ComponentAliasSectionReader, CoreTypeSectionReader, CustomSectionReader, ExternalKind, Instance, Parser};

/// Exports of the linked component. After `REST` no handle of the C library is left in the memory; `OPEN` gives the memory's size, and adds a page to it
/// where `PEEK` then writes where its answers lie.
pub(super) const REST: &str = "paas-rest";
pub(super) const OPEN: &str = "paas-open";
pub(super) const PEEK: &str = "paas-peek";
/// The C library's function that forgets which folders it has opened; componentize-py calls it for the same purpose.
const RESET: &str = "__wasilibc_reset_preopens";

/// Reads the memory from outside, without touching what it had when `open` was called.
const READER: &str = r#"(module
  (import "snapshot" "memory" (memory 0))
  (global $end (mut i32) (i32.const 0))
  (func (export "open") (result i32)
    (global.set $end (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))
    (global.get $end))
  (func (export "peek") (param $at i32) (param $length i32) (result i32)
    (i32.store (global.get $end) (local.get $at))
    (i32.store offset=4 (global.get $end) (local.get $length))
    (global.get $end)))"#;

/// `component` with its module `main` replaced by `shared` (which is `main` without its memory), and a module to import: the snapshot.
pub(super) fn around(component: &[u8], main: &[u8], shared: &[u8], memory: MemoryType) -> Result<Vec<u8>, SplitError> {
    let mut linker = Around { main, shared, main_at: None, libc: None, modules: 0 };
    let mut result = Component::new();
    import(&mut result, memory);
    linker.parse_component(&mut result, Parser::new(0), component)?;
    let Some(libc) = linker.libc else { return Err(SplitError::NotAnEngine("it has no C library to bring to rest")) };
    export(result.finish(), libc)
}

/// The snapshot's module and an instance of it: the first of each kind, so that all others move up by one.
fn import(component: &mut Component, memory: MemoryType) {
    let mut ty = ModuleType::new();
    ty.export(MEMORY, EntityType::Memory(memory));
    let mut types = CoreTypeSection::new();
    types.ty().module(&ty);
    let mut imports = ComponentImportSection::new();
    imports.import(SNAPSHOT, ComponentTypeRef::Module(0));
    let mut instances = InstanceSection::new();
    instances.instantiate::<_, &str>(0, []);
    component.section(&types).section(&imports).section(&instances);
}

/// The component with the three functions, at its end.
fn export(mut component: Vec<u8>, libc: u32) -> Result<Vec<u8>, SplitError> {
    let next = IndexSpaces::of(&component)?;
    let reader = wat::parse_str(READER).expect("it is our own text");
    let mut instances = InstanceSection::new();
    instances.instantiate(next.modules, [(SNAPSHOT, ModuleArg::Instance(0))]);

    let mut aliases = ComponentAliasSection::new();
    for (instance, name) in [(libc, RESET), (next.core_instances, "open"), (next.core_instances, "peek")] {
        aliases.alias(Alias::CoreInstanceExport { instance, kind: ExportKind::Func, name });
    }

    let mut types = ComponentTypeSection::new();
    let (u8, u32) = (PrimitiveValType::U8, ComponentValType::Primitive(PrimitiveValType::U32));
    types.function().async_(false).params::<[(&str, ComponentValType); 0], _>([]).result(None);
    types.function().async_(false).params::<[(&str, ComponentValType); 0], _>([]).result(Some(u32));
    types.defined_type().list(u8);
    types.function().async_(false).params([("at", u32), ("length", u32)]).result(Some(ComponentValType::Type(next.types + 2)));

    let mut lifts = CanonicalFunctionSection::new();
    lifts.lift(next.core_functions, next.types, []);
    lifts.lift(next.core_functions + 1, next.types + 1, []);
    lifts.lift(next.core_functions + 2, next.types + 3, [CanonicalOption::Memory(MAIN_MEMORY)]);

    let mut exports = ComponentExportSection::new();
    for (index, name) in (next.functions..).zip([REST, OPEN, PEEK]) {
        exports.export(name, ComponentExportKind::Func, index, None);
    }
    let module = RawSection { id: ComponentSectionId::CoreModule.into(), data: &reader };
    let sections: [&dyn ComponentSection; 6] = [&module, &instances, &aliases, &types, &lifts, &exports];
    sections.into_iter().for_each(|section| section.append_to_component(&mut component));
    Ok(component)
}

/// Copies the component.
struct Around<'a> {
    main: &'a [u8],
    shared: &'a [u8],
    /// Index of `main`, once it was seen.
    main_at: Option<u32>,
    /// The new index of the C library's instance.
    libc: Option<u32>,
    /// Core modules seen so far.
    modules: u32,
}

impl Reencode for Around<'_> {
    type Error = Infallible;
}

impl ReencodeComponent for Around<'_> {
    fn module_index(&mut self, index: u32) -> u32 {
        index + 1
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        index + 1
    }

    fn parse_component_submodule(&mut self, component: &mut Component, _: Parser, module: &[u8]) -> Result<(), Error> {
        let is_main = module == self.main;
        if is_main {
            self.main_at = Some(self.modules);
        }
        let data = if is_main { self.shared } else { module };
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data });
        self.modules += 1;
        Ok(())
    }

    /// Nested components have index spaces of their own: they are copied as they are.
    fn parse_component_subcomponent(&mut self, component: &mut Component, _: Parser, nested: &[u8], _: &[u8]) -> Result<(), Error> {
        component.section(&RawSection { id: ComponentSectionId::Component.into(), data: nested });
        Ok(())
    }

    /// Names of debuggers, by indices that have moved.
    fn parse_component_custom_section(&mut self, _: &mut Component, _: CustomSectionReader<'_>) -> Result<(), Error> {
        Ok(())
    }

    fn parse_core_type_section(&mut self, _: &mut CoreTypeSection, _: CoreTypeSectionReader<'_>) -> Result<(), Error> {
        // Our type is number 0; wit-component, which makes engines, declares none.
        Err(Error::UnexpectedNonComponentSection)
    }

    fn parse_instance(&mut self, instances: &mut InstanceSection, instance: Instance<'_>) -> Result<(), Error> {
        match &instance {
            Instance::Instantiate { module_index, args } if Some(*module_index) == self.main_at => {
                let mut with: Vec<(&str, ModuleArg)> =
                    args.iter().map(|arg| (arg.name, ModuleArg::Instance(self.instance_index(arg.index)))).collect();
                with.push((SNAPSHOT, ModuleArg::Instance(0)));
                instances.instantiate(self.module_index(*module_index), with);
                Ok(())
            }
            _ => component_utils::parse_instance(self, instances, instance),
        }
    }

    fn parse_component_alias_section(&mut self, aliases: &mut ComponentAliasSection, section: ComponentAliasSectionReader<'_>) -> Result<(), Error> {
        for alias in section.clone() {
            if let ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, instance_index, name: RESET } = alias? {
                self.libc = Some(self.instance_index(instance_index));
            }
        }
        component_utils::parse_component_alias_section(self, aliases, section)
    }
}
