//! The engine's component, importing the memory that it used to contain, and telling what that memory holds.
use crate::javascript::split::{MEMORY, SNAPSHOT, SplitError};
use std::convert::Infallible;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentSectionId, ComponentTypeRef, ComponentTypeSection, ComponentValType, CoreTypeSection, EntityType, ExportKind,
    InstanceSection, MemoryType, ModuleArg, ModuleType, PrimitiveValType, RawSection,
    reencode::{Error, Reencode, ReencodeComponent, component_utils},
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentAliasSectionReader, ComponentExternalKind, ComponentImportSectionReader, ComponentOuterAliasKind,
    ComponentTypeRef as Imported, ComponentTypeSectionReader, CoreTypeSectionReader, CustomSectionReader, ExternalKind, Instance, Parser,
};

/// Exports of the linked component. After `REST` no handle of the C library is left in the memory; `OPEN` gives the memory's size, and adds a page to it
/// where `PEEK` then writes where its answers lie.
pub(super) const REST: &str = "paas-rest";
pub(super) const OPEN: &str = "paas-open";
pub(super) const PEEK: &str = "paas-peek";
/// The C library's function that forgets which folders it has opened; componentize-py calls it for the same purpose.
const RESET: &str = "__wasilibc_reset_preopens";

/// The component's own name for the one memory that all its modules share.
const MAIN_MEMORY: u32 = 0;

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
    let mut linker = Around { main, shared, main_at: None, libc: None, count: Count::default() };
    let mut result = Component::new();
    import(&mut result, memory);
    linker.parse_component(&mut result, Parser::new(0), component)?;
    let Some(libc) = linker.libc else { return Err(SplitError::NotAnEngine("it has no C library to bring to rest")) };
    export(&mut result, &linker.count, libc)?;
    Ok(result.finish())
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

/// How many of a kind the component has, before anything is added at its end.
#[derive(Default)]
struct Count {
    modules: u32,
    instances: u32,
    core_functions: u32,
    functions: u32,
    types: u32,
}

/// The three functions, at the component's end.
fn export(component: &mut Component, count: &Count, libc: u32) -> Result<(), SplitError> {
    let reader = wat::parse_str(READER).expect("it is our own text");
    component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: &reader });
    // One more of each: the snapshot, which comes first.
    let (module, instance) = (count.modules + 1, count.instances + 1);
    let mut instances = InstanceSection::new();
    instances.instantiate(module, [(SNAPSHOT, ModuleArg::Instance(0))]);
    component.section(&instances);

    let mut aliases = ComponentAliasSection::new();
    for (instance, name) in [(libc, RESET), (instance, "open"), (instance, "peek")] {
        aliases.alias(Alias::CoreInstanceExport { instance, kind: ExportKind::Func, name });
    }
    component.section(&aliases);

    let mut types = ComponentTypeSection::new();
    let (u8, u32) = (PrimitiveValType::U8, ComponentValType::Primitive(PrimitiveValType::U32));
    types.function().async_(false).params::<[(&str, ComponentValType); 0], _>([]).result(None);
    types.function().async_(false).params::<[(&str, ComponentValType); 0], _>([]).result(Some(u32));
    types.defined_type().list(u8);
    types.function().async_(false).params([("at", u32), ("length", u32)]).result(Some(ComponentValType::Type(count.types + 2)));
    component.section(&types);

    let mut lifts = CanonicalFunctionSection::new();
    lifts.lift(count.core_functions, count.types, []);
    lifts.lift(count.core_functions + 1, count.types + 1, []);
    lifts.lift(count.core_functions + 2, count.types + 3, [CanonicalOption::Memory(MAIN_MEMORY)]);
    component.section(&lifts);

    let mut exports = ComponentExportSection::new();
    for (index, name) in (count.functions..).zip([REST, OPEN, PEEK]) {
        exports.export(name, ComponentExportKind::Func, index, None);
    }
    component.section(&exports);
    Ok(())
}

/// Copies the component, and counts.
struct Around<'a> {
    main: &'a [u8],
    shared: &'a [u8],
    /// Index of `main`, once it was seen.
    main_at: Option<u32>,
    /// The new index of the C library's instance.
    libc: Option<u32>,
    count: Count,
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
            self.main_at = Some(self.count.modules);
        }
        let data = if is_main { self.shared } else { module };
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data });
        self.count.modules += 1;
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
        self.count.instances += 1;
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

    fn parse_component_type_section(&mut self, types: &mut ComponentTypeSection, section: ComponentTypeSectionReader<'_>) -> Result<(), Error> {
        self.count.types += section.count();
        component_utils::parse_component_type_section(self, types, section)
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: ComponentImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section.clone() {
            match import?.ty {
                Imported::Func(_) => self.count.functions += 1,
                Imported::Type(_) => self.count.types += 1,
                _ => {}
            }
        }
        component_utils::parse_component_import_section(self, imports, section)
    }

    fn parse_component_alias_section(&mut self, aliases: &mut ComponentAliasSection, section: ComponentAliasSectionReader<'_>) -> Result<(), Error> {
        for alias in section.clone() {
            match alias? {
                ComponentAlias::InstanceExport { kind, .. } => self.count.one(kind),
                ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.count.types += 1,
                ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, instance_index, name } => {
                    if name == RESET {
                        self.libc = Some(self.instance_index(instance_index));
                    }
                    self.count.core_functions += 1;
                }
                _ => {}
            }
        }
        component_utils::parse_component_alias_section(self, aliases, section)
    }

    fn parse_component_canonical(&mut self, section: &mut CanonicalFunctionSection, function: CanonicalFunction) -> Result<(), Error> {
        match function {
            CanonicalFunction::Lift { .. } => self.count.functions += 1,
            _ => self.count.core_functions += 1,
        }
        component_utils::parse_component_canonical(self, section, function)
    }

    fn parse_component_export(&mut self, exports: &mut ComponentExportSection, export: wasmparser::ComponentExport<'_>) -> Result<(), Error> {
        self.count.one(export.kind);
        component_utils::parse_component_export(self, exports, export)
    }
}

impl Count {
    /// A new index for something that the component has from elsewhere, or gives out.
    fn one(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Type => self.types += 1,
            _ => {}
        }
    }
}
