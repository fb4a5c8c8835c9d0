//! What is joined, what it needs from elsewhere, and what is needed of it.
use super::{
    Kind, Unjoined,
    links::{Core, Inside, Links, Place},
};
use std::{collections::HashSet, hash::Hash};
use wasm_encoder::reencode::Error;
use wasmparser::TypeRef;

/// A module that is joined, and where its imports are from, in their order.
pub(super) struct Part<'a> {
    pub bytes: &'a [u8],
    pub imports: Vec<(TypeRef, Place<'a>)>,
}

pub(super) struct Plan<'a> {
    pub links: Links<'a>,
    pub parts: Vec<Part<'a>>,
    /// What parts import from elsewhere, once each.
    pub outside: Vec<Place<'a>>,
    /// What the rest of the component needs of the parts, once each.
    pub exports: Vec<Inside>,
    /// Core instances that go: the parts, and what was gathered for them alone.
    pub gone: HashSet<u32>,
}

impl<'a> Plan<'a> {
    pub fn of(component: &'a [u8]) -> Result<Self, Error<Unjoined>> {
        let links = Links::of(component)?;
        let parts = parts(&links)?;
        let imported = parts.iter().flat_map(|part| &part.imports).map(|(_, place)| *place);
        let outside = once(imported.filter(|place| !matches!(place, Place::Inside(_))));
        let kept = kept(&links);
        let exports = exports(&links, &kept)?;
        let gone = (0..).zip(&links.instances).filter(|(number, instance)| match instance {
            Core::Of { .. } => links.numbers.contains_key(number),
            Core::Items(_) => !kept.contains(number),
        });
        let gone = gone.map(|(number, _)| number).collect();
        Ok(Self { parts, outside, exports, gone, links })
    }
}

fn parts<'a>(links: &Links<'a>) -> Result<Vec<Part<'a>>, Unjoined> {
    let mut instances: Vec<_> = links.numbers.iter().collect();
    instances.sort_by_key(|(_, number)| **number);
    let part = |(instance, number): (&u32, &usize)| {
        let interface = &links.parts[*number];
        let import = |(module, name, ty): &(&'a str, &'a str, TypeRef)| Ok((*ty, links.import(*instance, module, name, Kind::of_type(ty)?)?));
        Ok(Part { bytes: interface.bytes, imports: interface.imports.iter().map(import).collect::<Result<_, Unjoined>>()? })
    };
    instances.into_iter().map(part).collect()
}

/// The instances that those are made with which stay.
fn kept(links: &Links<'_>) -> HashSet<u32> {
    let staying = (0..).zip(&links.instances).filter(|(number, _)| !links.numbers.contains_key(number));
    let with = |instance: &Core<'_>| match instance {
        Core::Of { with, .. } => with.values().copied().collect(),
        Core::Items(_) => Vec::new(),
    };
    staying.flat_map(|(_, instance)| with(instance)).collect()
}

fn exports(links: &Links<'_>, kept: &HashSet<u32>) -> Result<Vec<Inside>, Unjoined> {
    let gathered = kept.iter().flat_map(|number| match &links.instances[*number as usize] {
        Core::Items(items) => items.values().copied().collect(),
        Core::Of { .. } => Vec::new(),
    });
    let wanted = links.spoken_of.iter().copied().chain(gathered).map(|(kind, index)| links.item(kind, index));
    let mut inside = Vec::new();
    for place in wanted {
        if let Place::Inside(one) = place? {
            inside.push(one);
        }
    }
    // In an order of their own, so that the same engine always gives the same module.
    inside.sort_by_key(|one| (one.part, one.kind as u8, one.index));
    inside.dedup();
    Ok(inside)
}

fn once<T: Copy + Eq + Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}
