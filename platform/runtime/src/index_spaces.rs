//! How many things of each kind a component has: what is added at its end gets the next numbers.
use wasmparser::{
    BinaryReaderError, CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, ComponentTypeRef, ExternalKind, Parser,
    Payload,
};

/// The first memory that an engine's component speaks of: its interpreter's, which all its modules share.
pub(crate) const MAIN_MEMORY: u32 = 0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct IndexSpaces {
    pub modules: u32,
    pub core_instances: u32,
    pub core_functions: u32,
    pub functions: u32,
    pub types: u32,
}

impl IndexSpaces {
    pub(crate) fn of(component: &[u8]) -> Result<Self, BinaryReaderError> {
        let (mut spaces, mut depth) = (Self::default(), 0);
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } => {
                    spaces.modules += u32::from(depth == 0);
                    depth += 1;
                }
                Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                payload if depth == 0 => spaces.count(payload)?,
                _ => {}
            }
        }
        Ok(spaces)
    }

    fn count(&mut self, payload: Payload<'_>) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::InstanceSection(section) => self.core_instances += section.count(),
            Payload::ComponentTypeSection(section) => self.types += section.count(),
            Payload::ComponentImportSection(section) => section.into_iter().try_for_each(|import| {
                match import?.ty {
                    ComponentTypeRef::Module(_) => self.modules += 1,
                    ComponentTypeRef::Func(_) => self.functions += 1,
                    ComponentTypeRef::Type(_) => self.types += 1,
                    _ => {}
                }
                Ok(())
            })?,
            Payload::ComponentExportSection(section) => section.into_iter().try_for_each(|export| {
                self.given(export?.kind);
                Ok(())
            })?,
            Payload::ComponentAliasSection(section) => section.into_iter().try_for_each(|alias| {
                match alias? {
                    ComponentAlias::InstanceExport { kind, .. } => self.given(kind),
                    ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, .. } => self.core_functions += 1,
                    ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.types += 1,
                    _ => {}
                }
                Ok(())
            })?,
            Payload::ComponentCanonicalSection(section) => section.into_iter().try_for_each(|function| {
                match function? {
                    CanonicalFunction::Lift { .. } => self.functions += 1,
                    _ => self.core_functions += 1,
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    }

    /// A new number for something that the component has from elsewhere, or gives out.
    fn given(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Module => self.modules += 1,
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Type => self.types += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_counted_by_kind_and_those_of_nested_components_are_not() {
        let component = r#"(component
            (import "a" (func))
            (import "b" (instance $b (export "c" (func)) (export "r" (type (sub resource)))))
            (alias export $b "c" (func))
            (alias export $b "r" (type))
            (type (func))
            (core module $m (func (export "f")))
            (component (core module) (type (func)) (type (func)))
            (core instance $i (instantiate $m))
            (alias core export $i "f" (core func $f))
            (func $lifted (canon lift (core func $f)))
            (core func (canon lower (func $lifted)))
            (export "e" (func $lifted)))"#;
        let spaces = IndexSpaces::of(&wat::parse_str(component).unwrap()).unwrap();
        // Types: of the import `a`, of the instance `b`, its resource's alias, ours, and of the lifted function.
        assert_eq!(spaces, IndexSpaces { modules: 1, core_instances: 1, core_functions: 2, functions: 4, types: 5 });
    }
}
