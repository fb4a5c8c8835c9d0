//! The component around an engine's core module, importing the memory that it used to contain.
use super::split::{ENGINE, MEMORY, SNAPSHOT, SplitError};
use std::convert::Infallible;
use wasm_encoder::{
    Component, ComponentExportKind, ComponentExportSection, ComponentImportSection, ComponentSectionId, ComponentTypeRef, CoreTypeSection,
    InstanceSection, ModuleArg, ModuleType, RawSection,
    reencode::{Error, Reencode, ReencodeComponent, RoundtripReencoder, component_utils},
};
use wasmparser::{Instance, Parser, Payload};

/// `component` with its module `main` replaced by `core` (which is `main` without its memory) and by an import: `snapshot`. It exports `core`, to boot apps on.
pub(super) fn around(component: &[u8], main: &[u8], core: &[u8]) -> Result<Vec<u8>, SplitError> {
    let mut linker = Around { main, core, modules: 0, instances: 0, at: None };
    let mut result = Component::new();
    linker.parse_component(&mut result, Parser::new(0), component)?;
    let at = linker.at.ok_or(SplitError::NotAnEngine("its main module is nested"))?;
    let mut exports = ComponentExportSection::new();
    exports.export(ENGINE, ComponentExportKind::Module, at.module, None);
    result.section(&exports);
    Ok(result.finish())
}

/// Two modules take the place of one, and one instance (of the snapshot) comes first: what comes after moves up by one.
struct Around<'a> {
    main: &'a [u8],
    core: &'a [u8],
    /// Core modules and core instances seen so far.
    modules: u32,
    instances: u32,
    /// Where `main` stood, once it was seen.
    at: Option<At>,
}

#[derive(Clone, Copy)]
struct At {
    module: u32,
    instance: u32,
}

impl Around<'_> {
    fn replace(&mut self, component: &mut Component) -> Result<(), Error> {
        let at = At { module: self.modules, instance: self.instances };
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: self.core });
        let mut types = CoreTypeSection::new();
        types.ty().module(&snapshot_type(self.core)?);
        component.section(&types);
        let mut imports = ComponentImportSection::new();
        imports.import(SNAPSHOT, ComponentTypeRef::Module(0));
        component.section(&imports);
        let mut instances = InstanceSection::new();
        instances.instantiate::<_, &str>(at.module + 1, []);
        component.section(&instances);
        self.at = Some(at);
        Ok(())
    }
}

impl Reencode for Around<'_> {
    type Error = Infallible;
}

impl ReencodeComponent for Around<'_> {
    fn module_index(&mut self, index: u32) -> u32 {
        index + u32::from(self.at.is_some_and(|at| index > at.module))
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        index + u32::from(self.at.is_some_and(|at| index >= at.instance))
    }

    fn parse_component_submodule(&mut self, component: &mut Component, _: Parser, module: &[u8]) -> Result<(), Error> {
        if module == self.main {
            self.replace(component)?;
        } else {
            component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: module });
        }
        self.modules += 1;
        Ok(())
    }

    /// Nested components have index spaces of their own: they are copied as they are.
    fn parse_component_subcomponent(&mut self, component: &mut Component, _: Parser, nested: &[u8], _: &[u8]) -> Result<(), Error> {
        component.section(&RawSection { id: ComponentSectionId::Component.into(), data: nested });
        Ok(())
    }

    fn parse_core_type_section(&mut self, _: &mut CoreTypeSection, _: wasmparser::CoreTypeSectionReader<'_>) -> Result<(), Error> {
        // Our type is number 0; wit-component, which makes engines, declares none.
        Err(Error::UnexpectedNonComponentSection)
    }

    fn parse_instance(&mut self, instances: &mut InstanceSection, instance: Instance<'_>) -> Result<(), Error> {
        self.instances += 1;
        match (&instance, self.at) {
            (Instance::Instantiate { module_index, args }, Some(at)) if *module_index == at.module => {
                let mut with: Vec<(&str, ModuleArg)> =
                    args.iter().map(|arg| (arg.name, ModuleArg::Instance(self.instance_index(arg.index)))).collect();
                with.push((SNAPSHOT, ModuleArg::Instance(at.instance)));
                instances.instantiate(at.module, with);
                Ok(())
            }
            _ => component_utils::parse_instance(self, instances, instance),
        }
    }
}

/// A module without imports that exports a memory as large as the engine's at least.
fn snapshot_type(core: &[u8]) -> Result<ModuleType, Error> {
    let mut result = ModuleType::new();
    for payload in Parser::new(0).parse_all(core) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                if import.module == SNAPSHOT {
                    result.export(MEMORY, RoundtripReencoder.entity_type(import.ty)?);
                }
            }
        }
    }
    Ok(result)
}
