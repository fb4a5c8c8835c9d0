//! The component around the joined module.
use super::{
    Kind, Unjoined,
    links::{Inside, Place},
    module::OUTSIDE,
    plan::Plan,
};
use std::collections::HashMap;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportSection, ComponentImportSection, ComponentSectionId,
    ExportKind, InstanceSection, ModuleArg, RawSection,
    reencode::{Error, Reencode, ReencodeComponent, component_utils},
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentAliasSectionReader, ComponentCanonicalSectionReader, ComponentExportSectionReader,
    ComponentExternalKind, ComponentImportSectionReader, ComponentOuterAliasKind, ComponentTypeRef, CustomSectionReader, InstanceSectionReader,
    Parser, Payload,
};

/// `component` with the module `joined` in the place of the plan's parts.
pub(super) fn with(component: &[u8], plan: &Plan<'_>, joined: &[u8]) -> Result<Vec<u8>, Error<Unjoined>> {
    let (modules, instances) = (Renumbered::default(), Renumbered::default());
    let mut around = Around { plan, joined, is_there: false, modules, instances, items: HashMap::new(), inside: HashMap::new() };
    let mut result = Component::new();
    around.parse_component(&mut result, Parser::new(0), component)?;
    match around.is_there {
        true => Ok(result.finish()),
        false => Err(Unjoined("what the joined module needs is never there").into()),
    }
}

/// Old indices and their new ones.
#[derive(Default)]
struct Renumbered {
    /// By the old ones; `None` for what is gone, or is not there yet.
    new: Vec<Option<u32>>,
    next: u32,
}

impl Renumbered {
    fn keep(&mut self) {
        let new = self.make();
        self.new.push(Some(new));
    }

    /// Something that was not there before.
    fn make(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// An index that no component has, if what had this one is gone: then the whole is not valid, and is not used.
    fn of(&self, old: u32) -> u32 {
        self.new.get(old as usize).copied().flatten().unwrap_or(u32::MAX)
    }
}

/// Copies the component.
struct Around<'a> {
    plan: &'a Plan<'a>,
    joined: &'a [u8],
    /// Whether the joined module has been written.
    is_there: bool,
    modules: Renumbered,
    instances: Renumbered,
    items: HashMap<Kind, Renumbered>,
    /// The joined module's exports, once it is there.
    inside: HashMap<Inside, u32>,
}

impl Around<'_> {
    fn items(&mut self, kind: Kind) -> &mut Renumbered {
        self.items.entry(kind).or_default()
    }

    /// Whether everything has been defined that the joined module imports.
    fn can_be_there(&self) -> bool {
        let is_defined = |place: &Place<'_>| match place {
            Place::Inside(_) => true,
            Place::Item(kind, index) => self.items.get(kind).is_some_and(|items| items.new.len() > *index as usize),
            Place::Export(_, instance, _) => self.instances.new.len() > *instance as usize,
        };
        self.plan.outside.iter().all(is_defined)
    }

    /// Writes the joined module, its instance, and what the rest needs of it.
    fn write(&mut self, component: &mut Component) {
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: self.joined });
        let module = self.modules.make();

        let (mut aliases, mut imports) = (ComponentAliasSection::new(), Vec::new());
        for (number, place) in self.plan.outside.iter().enumerate() {
            let (kind, index) = match *place {
                Place::Inside(_) => continue,
                Place::Item(kind, index) => (kind, self.items(kind).of(index)),
                Place::Export(kind, instance, name) => {
                    aliases.alias(Alias::CoreInstanceExport { instance: self.instances.of(instance), kind: kind.into(), name });
                    (kind, self.items(kind).make())
                }
            };
            imports.push((number.to_string(), ExportKind::from(kind), index));
        }
        let mut instances = InstanceSection::new();
        instances.export_items(imports.iter().map(|(name, kind, index)| (name.as_str(), *kind, *index)));
        let imports = self.instances.make();
        instances.instantiate(module, [(OUTSIDE, ModuleArg::Instance(imports))]);
        let instance = self.instances.make();
        component.section(&aliases).section(&instances);

        let mut aliases = ComponentAliasSection::new();
        for (number, inside) in self.plan.exports.iter().enumerate() {
            aliases.alias(Alias::CoreInstanceExport { instance, kind: inside.kind.into(), name: &number.to_string() });
            let index = self.items(inside.kind).make();
            self.inside.insert(*inside, index);
        }
        component.section(&aliases);
        self.is_there = true;
    }

    /// An alias of something that a part had, or that was gathered for parts alone: of where it is now.
    fn moved(&mut self, aliases: &mut ComponentAliasSection, kind: Kind) -> Result<(), Error<Unjoined>> {
        let old = self.items(kind).new.len() as u32;
        let new = match self.plan.links.item(kind, old)? {
            Place::Inside(inside) => self.inside.get(&inside).copied(),
            Place::Item(kind, index) => self.items(kind).new.get(index as usize).copied().flatten(),
            Place::Export(kind, instance, name) => {
                aliases.alias(Alias::CoreInstanceExport { instance: self.instances.of(instance), kind: kind.into(), name });
                Some(self.items(kind).make())
            }
        };
        self.items(kind).new.push(new);
        Ok(())
    }

    /// The new index of a core thing. What the joined module has may have been spoken of before it is there.
    fn item(&self, kind: Kind, old: u32) -> Result<u32, Error<Unjoined>> {
        let new = self.items.get(&kind).and_then(|items| items.new.get(old as usize)).copied().flatten();
        let inside = || match self.plan.links.item(kind, old) {
            Ok(Place::Inside(inside)) => self.inside.get(&inside).copied(),
            _ => None,
        };
        Ok(new.or_else(inside).ok_or(Unjoined("something of a part's is wanted before all parts can be there"))?)
    }
}

impl Reencode for Around<'_> {
    type Error = Unjoined;

    fn function_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.item(Kind::Func, index)
    }
    fn table_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.item(Kind::Table, index)
    }
    fn memory_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.item(Kind::Memory, index)
    }
    fn global_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.item(Kind::Global, index)
    }
}

impl ReencodeComponent for Around<'_> {
    fn module_index(&mut self, index: u32) -> u32 {
        self.modules.of(index)
    }
    fn instance_index(&mut self, index: u32) -> u32 {
        self.instances.of(index)
    }

    fn parse_component_payload(&mut self, component: &mut Component, payload: Payload<'_>, whole: &[u8]) -> Result<(), Error<Unjoined>> {
        if !self.is_there && self.can_be_there() {
            self.write(component);
        }
        component_utils::parse_component_payload(self, component, payload, whole)
    }

    fn parse_component_submodule(&mut self, component: &mut Component, _: Parser, module: &[u8]) -> Result<(), Error<Unjoined>> {
        if self.plan.parts.iter().any(|part| std::ptr::eq(part.bytes, module)) {
            self.modules.new.push(None);
            return Ok(());
        }
        component.section(&RawSection { id: ComponentSectionId::CoreModule.into(), data: module });
        self.modules.keep();
        Ok(())
    }

    /// Nested components have index spaces of their own: they are copied as they are.
    fn parse_component_subcomponent(&mut self, component: &mut Component, _: Parser, nested: &[u8], _: &[u8]) -> Result<(), Error<Unjoined>> {
        component.section(&RawSection { id: ComponentSectionId::Component.into(), data: nested });
        Ok(())
    }

    /// Names of debuggers, by indices that have moved.
    fn parse_component_custom_section(&mut self, _: &mut Component, _: CustomSectionReader<'_>) -> Result<(), Error<Unjoined>> {
        Ok(())
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: ComponentImportSectionReader<'_>,
    ) -> Result<(), Error<Unjoined>> {
        for import in section.clone() {
            if matches!(import?.ty, ComponentTypeRef::Module(_)) {
                self.modules.keep();
            }
        }
        component_utils::parse_component_import_section(self, imports, section)
    }

    fn parse_component_export_section(
        &mut self,
        exports: &mut ComponentExportSection,
        section: ComponentExportSectionReader<'_>,
    ) -> Result<(), Error<Unjoined>> {
        component_utils::parse_component_export_section(self, exports, section.clone())?;
        for export in section {
            if export?.kind == ComponentExternalKind::Module {
                self.modules.keep();
            }
        }
        Ok(())
    }

    fn parse_component_alias_section(
        &mut self,
        aliases: &mut ComponentAliasSection,
        section: ComponentAliasSectionReader<'_>,
    ) -> Result<(), Error<Unjoined>> {
        for alias in section {
            let alias = alias?;
            match alias {
                ComponentAlias::CoreInstanceExport { kind, instance_index, .. } if self.plan.gone.contains(&instance_index) => {
                    self.moved(aliases, Kind::of(kind)?)?;
                    continue;
                }
                ComponentAlias::CoreInstanceExport { kind, .. } => self.items(Kind::of(kind)?).keep(),
                ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. }
                | ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => self.modules.keep(),
                _ => {}
            }
            aliases.alias(component_utils::component_alias(self, alias)?);
        }
        Ok(())
    }

    fn parse_component_canonical_section(
        &mut self,
        functions: &mut CanonicalFunctionSection,
        section: ComponentCanonicalSectionReader<'_>,
    ) -> Result<(), Error<Unjoined>> {
        for function in section {
            let function = function?;
            let is_core = !matches!(function, CanonicalFunction::Lift { .. });
            self.parse_component_canonical(functions, function)?;
            if is_core {
                self.items(Kind::Func).keep();
            }
        }
        Ok(())
    }

    fn parse_instance_section(&mut self, instances: &mut InstanceSection, section: InstanceSectionReader<'_>) -> Result<(), Error<Unjoined>> {
        for instance in section {
            let instance = instance?;
            if self.plan.gone.contains(&(self.instances.new.len() as u32)) {
                self.instances.new.push(None);
                continue;
            }
            component_utils::parse_instance(self, instances, instance)?;
            self.instances.keep();
        }
        Ok(())
    }
}
