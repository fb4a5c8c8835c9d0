//! Makes one core module of the many that an engine's component links to each other at each instantiation.
//!
//! componentize-py gives CPython, its libraries and the C library as a module each. Then every request's instance has thousands of functions handed from one module
//! to the next, and a table of six thousand filled, one by one: a third of a small request. In one module they are known when it is compiled, wasmtime
//! makes an entry of the table when somebody calls it, and a call from one library to another is a plain call.
//!
//! What is joined are the modules that share the engine's memory. The component around them stays: what the host offers, and the stubs that call it.
mod component;
mod links; // start here
mod module;
mod plan;
mod survey;

use plan::Plan;
use wasm_encoder::reencode::Error;
use wasmparser::{ExternalKind, TypeRef, Validator, WasmFeatures};

/// Why the modules stay apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unjoined(&'static str);

/// What core modules give each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Func,
    Table,
    Memory,
    Global,
}

impl Kind {
    fn of(kind: ExternalKind) -> Result<Self, Unjoined> {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => Ok(Self::Func),
            ExternalKind::Table => Ok(Self::Table),
            ExternalKind::Memory => Ok(Self::Memory),
            ExternalKind::Global => Ok(Self::Global),
            ExternalKind::Tag => Err(Unjoined("it has tags")),
        }
    }

    fn of_type(ty: &TypeRef) -> Result<Self, Unjoined> {
        match ty {
            TypeRef::Func(_) | TypeRef::FuncExact(_) => Ok(Self::Func),
            TypeRef::Table(_) => Ok(Self::Table),
            TypeRef::Memory(_) => Ok(Self::Memory),
            TypeRef::Global(_) => Ok(Self::Global),
            TypeRef::Tag(_) => Err(Unjoined("it has tags")),
        }
    }
}

impl From<Kind> for wasm_encoder::ExportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Func => Self::Func,
            Kind::Table => Self::Table,
            Kind::Memory => Self::Memory,
            Kind::Global => Self::Global,
        }
    }
}

impl From<Unjoined> for Error<Unjoined> {
    fn from(why: Unjoined) -> Self {
        Self::UserError(why)
    }
}

/// The component with one core module in the place of those that have its memory.
pub(super) fn join(component: &[u8]) -> Result<Vec<u8>, Error<Unjoined>> {
    let plan = Plan::of(component)?;
    let joined = component::with(component, &plan, &module::join(&plan)?)?;
    Validator::new_with_features(WasmFeatures::all()).validate_all(&joined)?;
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::{Parser, Payload};
    use wasmtime::{
        Config, Engine, Store,
        component::{Component, Linker},
    };

    /// As componentize-py links its libraries: a table and addresses that all share, and what one library has from another by way of gathered instances.
    fn engine(more: &str) -> Vec<u8> {
        let text = format!(
            r#"(component
            (import "host" (func $host (param "x" u32) (result u32)))
            (core module $Snapshot (memory (export "memory") 1))
            (core instance $snapshot (instantiate $Snapshot))
            (core module $Main
                (import "snapshot" "memory" (memory 1))
                (table (export "table") 4 funcref)
                (global (export "base") i32 (i32.const 1))
                (global (export "stack") (mut i32) (i32.const 70))
                (export "memory" (memory 0)))
            (core instance $main (instantiate $Main (with "snapshot" (instance $snapshot))))
            (alias core export $main "memory" (core memory $memory))
            (core func $lowered (canon lower (func $host)))
            (alias core export $main "table" (core table $table))
            (alias core export $main "base" (core global $base))
            (alias core export $main "stack" (core global $stack))
            (core instance $for-lib (export "memory" (memory $memory)) (export "table" (table $table)) (export "base" (global $base))
                (export "stack" (global $stack)) (export "host" (func $lowered)))
            (core module $Lib
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 4 funcref))
                (import "env" "base" (global $base i32))
                (import "env" "stack" (global $stack (mut i32)))
                (import "env" "host" (func $host (param i32) (result i32)))
                (global (export "address") i32 (i32.add (global.get $base) (i32.const 1)))
                (elem (global.get $base) func $deeper $told)
                (func $deeper (param i32) (result i32) (i32.add (local.get 0) (global.get $stack)))
                (func $told (param i32) (result i32) (call $host (local.get 0)))
                (func (export "lower") (global.set $stack (i32.const 5)))
                {more})
            (core instance $lib (instantiate $Lib (with "env" (instance $for-lib))))
            (alias core export $lib "address" (core global $address))
            (alias core export $lib "lower" (core func $lower))
            (core instance $for-app (export "memory" (memory $memory)) (export "table" (table $table)) (export "stack" (global $stack))
                (export "address" (global $address)) (export "lower" (func $lower)))
            (core module $App
                (type $call (func (param i32) (result i32)))
                (import "env" "lower" (func $lower))
                (import "env" "memory" (memory 1))
                (import "env" "table" (table 4 funcref))
                (import "env" "stack" (global $stack (mut i32)))
                (import "env" "address" (global $address i32))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
                (func (export "run") (param i32) (result i32)
                    (i32.store (i32.const 0) (call_indirect (type $call) (local.get 0) (i32.const 1)))
                    (call $lower)
                    (i32.add (i32.load (i32.const 0))
                        (i32.add (call_indirect (type $call) (local.get 0) (i32.const 1)) (call_indirect (type $call) (local.get 0) (global.get $address))))))
            (core instance $app (instantiate $App (with "env" (instance $for-app))))
            (func (export "run") (param "x" u32) (result u32) (canon lift (core func $app "run") (memory (core memory $memory)) (realloc (core func $app "realloc")))))"#
        );
        wat::parse_str(text).unwrap()
    }

    fn modules(component: &[u8]) -> usize {
        Parser::new(0).parse_all(component).filter(|payload| matches!(payload, Ok(Payload::ModuleSection { .. }))).count()
    }

    #[test]
    fn a_joined_engine_does_what_it_did_apart() {
        let apart = engine("");
        let joined = join(&apart).unwrap();
        assert_eq!((modules(&apart), modules(&joined)), (4, 2), "the snapshot stays");
        let wasmtime = Engine::new(&Config::new()).unwrap();
        let mut linker = Linker::<()>::new(&wasmtime);
        linker.root().func_wrap("host", |_, (x,): (u32,)| Ok((x * 1000,))).unwrap();
        for component in [&apart, &joined] {
            let mut store = Store::new(&wasmtime, ());
            let instance = linker.instantiate(&mut store, &Component::new(&wasmtime, component).unwrap()).unwrap();
            let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run").unwrap();
            assert_eq!(run.call(&mut store, (3,)).unwrap(), (73 + 8 + 3000,));
        }
    }

    #[test]
    fn what_does_something_before_it_is_called_stays_apart() {
        for (more, why) in [(r#"(func $first) (start $first)"#, "a part has a start function"), (r#"(data (i32.const 0) "x")"#, "a part has data")] {
            assert_eq!(join(&engine(more)).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn what_asks_for_too_much_stays_apart() {
        let told = |imports: usize, instances: usize| {
            let import = r#"(import "s" "m" (memory 1))"#.repeat(imports);
            let instance = r#"(core instance (instantiate $M (with "s" (instance $s))))"#.repeat(instances);
            let text = format!(
                r#"(component (core module $S (memory (export "m") 1)) (core instance $s (instantiate $S)) (core module $M {import}) {instance})"#
            );
            join(&wat::parse_str(text).unwrap()).map_err(|why| why.to_string()).map(|joined| modules(&joined))
        };
        assert_eq!(told(1, 1), Ok(2));
        assert_eq!(told(100_001, 1), Err("its modules import too much".into()));
        assert_eq!(told(1, 2), Err("it makes two instances of a module".into()));
    }
}
