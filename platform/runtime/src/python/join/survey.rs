//! Reads what a component links.
use super::{
    Kind, Unjoined,
    links::{Core, Interface, Item, Links},
};
use std::{collections::HashMap, convert::Infallible};
use wasm_encoder::{
    CanonicalFunctionSection,
    reencode::{self, Error, Reencode, ReencodeComponent},
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentCanonicalSectionReader, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, Export,
    Instance, Parser, Payload,
};

/// Dozens of times what CPython and its libraries import from each other: an engine of somebody's own does not keep this node busy.
const MOST_IMPORTS: usize = 100_000;

impl<'a> Links<'a> {
    pub fn of(component: &'a [u8]) -> Result<Self, Error<Unjoined>> {
        let (mut links, mut depth) = (Self::default(), 0);
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { unchecked_range, .. } => {
                    if depth == 0 {
                        links.modules.push(Some(&component[unchecked_range]));
                    }
                    depth += 1;
                }
                Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                payload if depth == 0 => links.read(payload)?,
                _ => {}
            }
        }
        links.find_parts()?;
        Ok(links)
    }

    fn read(&mut self, payload: Payload<'a>) -> Result<(), Error<Unjoined>> {
        match payload {
            Payload::ComponentImportSection(section) => section.into_iter().try_for_each(|import| {
                if matches!(import?.ty, ComponentTypeRef::Module(_)) {
                    self.modules.push(None);
                }
                Ok(())
            }),
            Payload::ComponentExportSection(section) => section.into_iter().try_for_each(|export| {
                if export?.kind == ComponentExternalKind::Module {
                    self.modules.push(None);
                }
                Ok(())
            }),
            Payload::ComponentAliasSection(section) => section.into_iter().try_for_each(|alias| self.alias(alias?)),
            Payload::ComponentCanonicalSection(section) => self.functions(section),
            Payload::InstanceSection(section) => section.into_iter().try_for_each(|instance| self.instance(instance?)),
            _ => Ok(()),
        }
    }

    fn alias(&mut self, alias: ComponentAlias<'a>) -> Result<(), Error<Unjoined>> {
        match alias {
            ComponentAlias::CoreInstanceExport { kind, instance_index: instance, name } => {
                self.items.entry(Kind::of(kind)?).or_default().push(Item::Export { instance, name })
            }
            ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. }
            | ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => self.modules.push(None),
            _ => {}
        }
        Ok(())
    }

    fn functions(&mut self, section: ComponentCanonicalSectionReader<'a>) -> Result<(), Error<Unjoined>> {
        let read = Recorder(&mut self.spoken_of).parse_component_canonical_section(&mut CanonicalFunctionSection::new(), section.clone());
        read.map_err(|_| Unjoined("a function of the component's cannot be read"))?;
        for function in section {
            if !matches!(function?, CanonicalFunction::Lift { .. }) {
                self.items.entry(Kind::Func).or_default().push(Item::Host);
            }
        }
        Ok(())
    }

    fn instance(&mut self, instance: Instance<'a>) -> Result<(), Error<Unjoined>> {
        let item = |export: &Export<'a>| Ok((export.name, (Kind::of(export.kind)?, export.index)));
        self.instances.push(match instance {
            Instance::Instantiate { module_index: module, args } => Core::Of { module, with: args.iter().map(|arg| (arg.name, arg.index)).collect() },
            Instance::FromExports(exports) => Core::Items(exports.iter().map(item).collect::<Result<_, Unjoined>>()?),
        });
        Ok(())
    }

    /// The instances of modules that have their memory from elsewhere are parts.
    fn find_parts(&mut self) -> Result<(), Error<Unjoined>> {
        let mut imports = 0;
        for (number, instance) in (0..).zip(&self.instances) {
            let Core::Of { module, .. } = instance else { continue };
            let Some(bytes) = self.modules[*module as usize] else { continue };
            let interface = Interface::of(bytes)?;
            if !interface.imported.contains_key(&Kind::Memory) {
                continue;
            }
            imports += interface.imports.len();
            if imports > MOST_IMPORTS {
                return Err(Unjoined("its modules import too much").into());
            }
            if self.parts.iter().any(|part| std::ptr::eq(part.bytes, bytes)) {
                return Err(Unjoined("it makes two instances of a module").into());
            }
            self.numbers.insert(number, self.parts.len());
            self.parts.push(interface);
        }
        Ok(())
    }
}

impl<'a> Interface<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Error<Unjoined>> {
        let mut interface = Self { bytes, imports: Vec::new(), imported: HashMap::new(), exports: HashMap::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => section.into_imports().try_for_each(|import| {
                    let import = import?;
                    let kind = Kind::of_type(&import.ty)?;
                    interface.imported.entry(kind).or_default().push((import.module, import.name));
                    interface.imports.push((import.module, import.name, import.ty));
                    Ok::<_, Error<Unjoined>>(())
                })?,
                Payload::ExportSection(section) => section.into_iter().try_for_each(|export| {
                    let export = export?;
                    interface.exports.insert(export.name, (Kind::of(export.kind)?, export.index));
                    Ok::<_, Error<Unjoined>>(())
                })?,
                _ => {}
            }
        }
        Ok(interface)
    }
}

/// Notes which core things a function of the component's is made with.
struct Recorder<'a>(&'a mut Vec<(Kind, u32)>);

impl Recorder<'_> {
    fn note(&mut self, kind: Kind, index: u32) -> Result<u32, Error<Infallible>> {
        self.0.push((kind, index));
        Ok(index)
    }
}

impl Reencode for Recorder<'_> {
    type Error = Infallible;

    fn function_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        self.note(Kind::Func, index)
    }
    fn table_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        self.note(Kind::Table, index)
    }
    fn memory_index(&mut self, index: u32) -> Result<u32, reencode::Error> {
        self.note(Kind::Memory, index)
    }
}

impl ReencodeComponent for Recorder<'_> {}
