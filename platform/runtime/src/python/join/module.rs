//! The one core module: the parts' functions, tables and globals beside one another, and a reference where one part imported what another has.
use super::{
    Kind, Unjoined,
    links::{Inside, Place},
    plan::{Part, Plan},
};
use std::collections::HashMap;
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, EntityType, ExportSection, FunctionSection, GlobalSection, ImportSection, Module, NameMap, NameSection,
    TableSection, TypeSection,
    reencode::{Error, Reencode, utils},
};
use wasmparser::{KnownCustom, Name, NameSectionReader, Operator, Parser, Payload};

/// Where the joined module imports from what [`Plan::outside`] lists, each by its number. Its exports are named by their numbers in [`Plan::exports`].
pub(super) const OUTSIDE: &str = "outside";

pub(super) fn join(plan: &Plan<'_>) -> Result<Vec<u8>, Error<Unjoined>> {
    let (mut joined, mut sections) = (Joined::default(), Sections::default());
    joined.number_outside(plan)?;
    for part in &plan.parts {
        joined.number(part)?;
    }
    for (number, part) in plan.parts.iter().enumerate() {
        joined.part = number;
        joined.import(part, plan, &mut sections)?;
        joined.copy(part, &mut sections)?;
    }
    joined.export(&plan.exports, &mut sections)?;
    Ok(sections.finish())
}

/// The module in the making.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    names: NameMap,
}

impl Sections {
    fn finish(self) -> Vec<u8> {
        let mut names = NameSection::new();
        names.functions(&self.names);
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports).section(&self.functions).section(&self.tables).section(&self.globals);
        module.section(&self.exports).section(&self.elements).section(&self.code).section(&names);
        module.finish()
    }
}

/// How the parts' indices become those of the joined module.
#[derive(Default)]
struct Joined<'a> {
    /// What is outside, by where it is from.
    outside: HashMap<Place<'a>, u32>,
    /// What each part's own indices stand for.
    indices: Vec<HashMap<Kind, Vec<u32>>>,
    /// Where each part's types and elements begin.
    begins: Vec<(u32, u32)>,
    /// How many there are so far: of each kind, of types and of elements.
    counts: HashMap<Kind, u32>,
    type_count: u32,
    element_count: u32,
    /// Of the joined module's globals, those whose value never changes.
    constants: HashMap<u32, i32>,
    /// The part that is being read.
    part: usize,
}

impl<'a> Joined<'a> {
    fn next(&mut self, kind: Kind) -> u32 {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        *count - 1
    }

    /// What is outside comes before anything that the parts have.
    fn number_outside(&mut self, plan: &Plan<'a>) -> Result<(), Error<Unjoined>> {
        for place in &plan.outside {
            let (Place::Item(kind, _) | Place::Export(kind, ..)) = place else { return Err(Unjoined("what is outside is inside").into()) };
            let index = self.next(*kind);
            self.outside.insert(*place, index);
        }
        Ok(())
    }

    /// Numbers what a part has, after what came before.
    fn number(&mut self, part: &Part<'a>) -> Result<(), Error<Unjoined>> {
        let mut own: HashMap<Kind, Vec<u32>> = HashMap::new();
        for (ty, place) in &part.imports {
            let kind = Kind::of_type(ty)?;
            let index = match place {
                // Of a part before this one: instances are in an order in which each finds what it needs.
                Place::Inside(Inside { part, index, .. }) => {
                    self.indices.get(*part).and_then(|part| part.get(&kind)).and_then(|all| all.get(*index as usize))
                }
                outside => self.outside.get(outside),
            };
            own.entry(kind).or_default().push(*index.ok_or(Unjoined("a part imports what is not there"))?);
        }
        self.begins.push((self.type_count, self.element_count));
        for payload in Parser::new(0).parse_all(part.bytes) {
            let (kind, count) = match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        self.type_count += group?.types().len() as u32;
                    }
                    continue;
                }
                Payload::ElementSection(section) => {
                    self.element_count += section.count();
                    continue;
                }
                Payload::FunctionSection(section) => (Kind::Func, section.count()),
                Payload::TableSection(section) => (Kind::Table, section.count()),
                Payload::GlobalSection(section) => (Kind::Global, section.count()),
                Payload::MemorySection(_) => return Err(Unjoined("a part has a memory of its own").into()),
                Payload::DataSection(_) => return Err(Unjoined("a part has data").into()),
                Payload::StartSection { .. } => return Err(Unjoined("a part has a start function").into()),
                Payload::TagSection(_) => return Err(Unjoined("a part has tags").into()),
                _ => continue,
            };
            let next: Vec<u32> = (0..count).map(|_| self.next(kind)).collect();
            own.entry(kind).or_default().extend(next);
        }
        self.indices.push(own);
        Ok(())
    }

    /// What is outside has the type that the first part gives it which imports it: they are listed in that order.
    fn import(&mut self, part: &Part<'a>, plan: &Plan<'a>, to: &mut Sections) -> Result<(), Error<Unjoined>> {
        for (ty, place) in &part.imports {
            let declared = to.imports.len() as usize;
            if plan.outside.get(declared) == Some(place) {
                let ty: EntityType = self.entity_type(*ty)?;
                to.imports.import(OUTSIDE, &declared.to_string(), ty);
            }
        }
        Ok(())
    }

    fn copy(&mut self, part: &Part<'a>, to: &mut Sections) -> Result<(), Error<Unjoined>> {
        let imported = part.imports.iter().filter(|(ty, _)| Kind::of_type(ty) == Ok(Kind::Func)).count() as u32;
        for payload in Parser::new(0).parse_all(part.bytes) {
            match payload? {
                Payload::TypeSection(section) => self.parse_type_section(&mut to.types, section)?,
                Payload::FunctionSection(section) => self.parse_function_section(&mut to.functions, section)?,
                Payload::TableSection(section) => self.parse_table_section(&mut to.tables, section)?,
                Payload::GlobalSection(section) => self.parse_global_section(&mut to.globals, section)?,
                Payload::ElementSection(section) => self.parse_element_section(&mut to.elements, section)?,
                Payload::CodeSectionEntry(body) => self.parse_function_body(&mut to.code, body)?,
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        self.name(names, imported, &mut to.names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// For traces. What is imported has its name where it is defined.
    fn name(&self, section: NameSectionReader<'_>, imported: u32, names: &mut NameMap) -> Result<(), Error<Unjoined>> {
        for name in section {
            let Name::Function(all) = name? else { continue };
            for one in all {
                let one = one?;
                if one.index >= imported {
                    names.append(self.own(Kind::Func, one.index)?, one.name);
                }
            }
        }
        Ok(())
    }

    fn export(&mut self, exports: &[Inside], to: &mut Sections) -> Result<(), Error<Unjoined>> {
        for (number, Inside { part, kind, index }) in exports.iter().enumerate() {
            self.part = *part;
            let index = self.own(*kind, *index)?;
            to.exports.export(&number.to_string(), (*kind).into(), index);
        }
        Ok(())
    }

    /// What an index of the part's stands for.
    fn own(&self, kind: Kind, index: u32) -> Result<u32, Error<Unjoined>> {
        let found = self.indices[self.part].get(&kind).and_then(|own| own.get(index as usize));
        Ok(*found.ok_or(Unjoined("a part speaks of what it does not have"))?)
    }

    /// The value of an expression that has one before anything runs.
    fn value(&self, expression: &wasmparser::ConstExpr<'_>) -> Option<i32> {
        let mut stack = Vec::new();
        for operator in expression.get_operators_reader() {
            match operator.ok()? {
                Operator::I32Const { value } => stack.push(value),
                Operator::GlobalGet { global_index } => stack.push(*self.constants.get(&self.own(Kind::Global, global_index).ok()?)?),
                Operator::I32Add => {
                    let (right, left) = (stack.pop()?, stack.pop()?);
                    stack.push(left.wrapping_add(right));
                }
                Operator::End => {}
                _ => return None,
            }
        }
        stack.pop()
    }
}

impl Reencode for Joined<'_> {
    type Error = Unjoined;

    fn type_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        Ok(self.begins[self.part].0 + index)
    }
    fn element_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        Ok(self.begins[self.part].1 + index)
    }
    fn function_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.own(Kind::Func, index)
    }
    fn table_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.own(Kind::Table, index)
    }
    fn memory_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.own(Kind::Memory, index)
    }
    fn global_index(&mut self, index: u32) -> Result<u32, Error<Unjoined>> {
        self.own(Kind::Global, index)
    }

    /// Addresses become the numbers that they are: only then wasmtime knows, before anything runs, which functions a table has where.
    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Result<ConstExpr, Error<Unjoined>> {
        match self.value(&expression) {
            Some(value) => Ok(ConstExpr::i32_const(value)),
            None => utils::const_expr(self, expression),
        }
    }

    fn parse_global_section(&mut self, globals: &mut GlobalSection, section: wasmparser::GlobalSectionReader<'_>) -> Result<(), Error<Unjoined>> {
        let all = self.indices[self.part].get(&Kind::Global).map_or(0, Vec::len) as u32;
        for (index, global) in (all - section.count()..).zip(section) {
            let global = global?;
            if let (false, Some(value)) = (global.ty.mutable, self.value(&global.init_expr)) {
                let index = self.own(Kind::Global, index)?;
                self.constants.insert(index, value);
            }
            self.parse_global(globals, global)?;
        }
        Ok(())
    }
}
