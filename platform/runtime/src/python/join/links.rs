//! A component's core instances, and where each thing that one of them imports is really defined.
use super::{Kind, Unjoined};
use std::{collections::HashMap, convert::Infallible};
use wasm_encoder::{
    CanonicalFunctionSection,
    reencode::{self, Error, Reencode, ReencodeComponent},
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, Instance, Parser, Payload, TypeRef,
};

/// Something in a part, which is a core instance that is joined with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Inside {
    pub part: usize,
    pub kind: Kind,
    /// In the part's own counting.
    pub index: u32,
}

/// Where something is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place<'a> {
    Inside(Inside),
    /// By the component, which counts it as this.
    Item(Kind, u32),
    /// By another core instance.
    Export(Kind, u32, &'a str),
}

/// A core instance.
pub(super) enum Core<'a> {
    /// Of this module, with these instances for its imports.
    Of { module: u32, with: HashMap<&'a str, u32> },
    /// Gathered from what the component has.
    Items(HashMap<&'a str, (Kind, u32)>),
}

/// Where the component has a core thing from.
enum Item<'a> {
    Host,
    Export { instance: u32, name: &'a str },
}

/// What a part imports and exports.
pub(super) struct Interface<'a> {
    pub bytes: &'a [u8],
    pub imports: Vec<(&'a str, &'a str, TypeRef)>,
    exports: HashMap<&'a str, (Kind, u32)>,
}

#[derive(Default)]
pub(super) struct Links<'a> {
    /// `None`: not defined in this component.
    modules: Vec<Option<&'a [u8]>>,
    pub instances: Vec<Core<'a>>,
    items: HashMap<Kind, Vec<Item<'a>>>,
    /// What the component's own functions are made with.
    pub spoken_of: Vec<(Kind, u32)>,
    pub parts: Vec<Interface<'a>>,
    /// The parts' numbers, by their instances.
    pub numbers: HashMap<u32, usize>,
}

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
            Payload::ComponentImportSection(section) => {
                for import in section {
                    if matches!(import?.ty, ComponentTypeRef::Module(_)) {
                        self.modules.push(None);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    if export?.kind == ComponentExternalKind::Module {
                        self.modules.push(None);
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    match alias? {
                        ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                            self.items.entry(Kind::of(kind)?).or_default().push(Item::Export { instance: instance_index, name })
                        }
                        ComponentAlias::InstanceExport { kind: ComponentExternalKind::Module, .. }
                        | ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => self.modules.push(None),
                        _ => {}
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                let mut recorder = Recorder(&mut self.spoken_of);
                let made = recorder.parse_component_canonical_section(&mut CanonicalFunctionSection::new(), section.clone());
                made.map_err(|_| Unjoined("a function of the component's cannot be read"))?;
                for function in section {
                    if !matches!(function?, CanonicalFunction::Lift { .. }) {
                        self.items.entry(Kind::Func).or_default().push(Item::Host);
                    }
                }
            }
            Payload::InstanceSection(section) => {
                for instance in section {
                    self.instances.push(match instance? {
                        Instance::Instantiate { module_index, args } => {
                            Core::Of { module: module_index, with: args.iter().map(|arg| (arg.name, arg.index)).collect() }
                        }
                        Instance::FromExports(exports) => {
                            let item = |export: &wasmparser::Export<'a>| Ok((export.name, (Kind::of(export.kind)?, export.index)));
                            Core::Items(exports.iter().map(item).collect::<Result<_, Unjoined>>()?)
                        }
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The instances of modules that have their memory from elsewhere are parts.
    fn find_parts(&mut self) -> Result<(), Error<Unjoined>> {
        for (number, instance) in (0..).zip(&self.instances) {
            let Core::Of { module, .. } = instance else { continue };
            let Some(bytes) = self.modules[*module as usize] else { continue };
            let interface = Interface::of(bytes)?;
            if !interface.imports.iter().any(|(.., ty)| matches!(ty, TypeRef::Memory(_))) {
                continue;
            }
            if self.parts.iter().any(|part| std::ptr::eq(part.bytes, bytes)) {
                return Err(Unjoined("it makes two instances of a module").into());
            }
            self.numbers.insert(number, self.parts.len());
            self.parts.push(interface);
        }
        Ok(())
    }

    /// Where an instance has an import from.
    pub fn import(&self, instance: u32, module: &str, name: &'a str, kind: Kind) -> Result<Place<'a>, Unjoined> {
        let Core::Of { with, .. } = &self.instances[instance as usize] else { return Err(Unjoined("what imports has no module")) };
        let from = with.get(module).ok_or(Unjoined("an import comes from nowhere"))?;
        self.export(*from, name, kind)
    }

    /// Where the component has something from that it counts as this.
    pub fn item(&self, kind: Kind, index: u32) -> Result<Place<'a>, Unjoined> {
        let items = self.items.get(&kind).ok_or(Unjoined("it speaks of what it does not have"))?;
        match items.get(index as usize).ok_or(Unjoined("it speaks of what it does not have"))? {
            Item::Export { instance, name } if self.is_defined_elsewhere(*instance) => self.export(*instance, name, kind),
            _ => Ok(Place::Item(kind, index)),
        }
    }

    /// Whether what the instance gives is in a part, or is only passed on.
    fn is_defined_elsewhere(&self, instance: u32) -> bool {
        self.numbers.contains_key(&instance) || matches!(self.instances[instance as usize], Core::Items(_))
    }

    fn export(&self, instance: u32, name: &'a str, kind: Kind) -> Result<Place<'a>, Unjoined> {
        let absent = Unjoined("an instance does not give what is wanted of it");
        match &self.instances[instance as usize] {
            Core::Items(items) => {
                let (kind, index) = items.get(name).ok_or(absent)?;
                self.item(*kind, *index)
            }
            Core::Of { .. } => {
                let Some(&part) = self.numbers.get(&instance) else { return Ok(Place::Export(kind, instance, name)) };
                let interface = &self.parts[part];
                let &(kind, index) = interface.exports.get(name).ok_or(absent)?;
                match interface.imported(kind, index) {
                    Some((module, name)) => self.import(instance, module, name, kind),
                    None => Ok(Place::Inside(Inside { part, kind, index })),
                }
            }
        }
    }
}

impl<'a> Interface<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, Error<Unjoined>> {
        let mut interface = Self { bytes, imports: Vec::new(), exports: HashMap::new() };
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        Kind::of_type(&import.ty)?;
                        interface.imports.push((import.module, import.name, import.ty));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        interface.exports.insert(export.name, (Kind::of(export.kind)?, export.index));
                    }
                }
                _ => {}
            }
        }
        Ok(interface)
    }

    /// What it imports of this kind at this index; `None` for what it defines.
    fn imported(&self, kind: Kind, index: u32) -> Option<(&'a str, &'a str)> {
        let mut of_kind = self.imports.iter().filter(|(.., ty)| Kind::of_type(ty) == Ok(kind));
        of_kind.nth(index as usize).map(|(module, name, _)| (*module, *name))
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
