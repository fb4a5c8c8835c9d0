//! A component's core instances, and where each thing that one of them imports is really defined.
use super::{Kind, Unjoined};
use std::collections::HashMap;
use wasmparser::TypeRef;

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
pub(super) enum Item<'a> {
    Host,
    Export { instance: u32, name: &'a str },
}

/// What a part imports and exports.
pub(super) struct Interface<'a> {
    pub bytes: &'a [u8],
    pub imports: Vec<(&'a str, &'a str, TypeRef)>,
    /// Module and name of what it imports of each kind, in the order of their indices.
    pub imported: HashMap<Kind, Vec<(&'a str, &'a str)>>,
    pub exports: HashMap<&'a str, (Kind, u32)>,
}

#[derive(Default)]
pub(super) struct Links<'a> {
    /// `None`: not defined in this component.
    pub modules: Vec<Option<&'a [u8]>>,
    pub instances: Vec<Core<'a>>,
    pub items: HashMap<Kind, Vec<Item<'a>>>,
    /// What the component's own functions are made with.
    pub spoken_of: Vec<(Kind, u32)>,
    pub parts: Vec<Interface<'a>>,
    /// The parts' numbers, by their instances.
    pub numbers: HashMap<u32, usize>,
}

impl<'a> Links<'a> {
    /// Where an instance has an import from.
    pub fn import(&self, instance: u32, module: &str, name: &'a str, kind: Kind) -> Result<Place<'a>, Unjoined> {
        let Core::Of { with, .. } = &self.instances[instance as usize] else { return Err(Unjoined("what imports has no module")) };
        let from = with.get(module).ok_or(Unjoined("an import comes from nowhere"))?;
        self.export(*from, name, kind)
    }

    /// Where the component has something from that it counts as this.
    pub fn item(&self, kind: Kind, index: u32) -> Result<Place<'a>, Unjoined> {
        let item = self.items.get(&kind).and_then(|items| items.get(index as usize));
        match item.ok_or(Unjoined("it speaks of what it does not have"))? {
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
                match interface.imported.get(&kind).and_then(|imported| imported.get(index as usize)) {
                    Some((module, name)) => self.import(instance, module, name, kind),
                    None => Ok(Place::Inside(Inside { part, kind, index })),
                }
            }
        }
    }
}
