//! Fills the holes in the heap that a boot has used, so that what requests allocate lies close together.
//!
//! The C library prefers holes to fresh memory, and each page that a request writes is copied first. What fills the holes is never looked at again.
use wasmtime::{AsContextMut, Instance, TypedFunc};

/// The engine's function that allocates: for an old block of no bytes, a new one of so many.
const ALLOCATE: &str = "cabi_realloc";
type Allocate = TypedFunc<(u32, u32, u32, u32), u32>;
/// No hole is as large. So much fresh memory is there afterwards.
const LARGE: u32 = 2 << 20;
/// The C library's blocks are multiples of this, with four bytes of its own in each.
const STEP: u32 = 16;
const HEAD: u32 = 4;
/// Up to this size each multiple has its turn.
const SMALL: u32 = 1 << 10;

/// What a memory grows by at most.
pub(super) const GROWTH_BYTES: usize = 2 * LARGE as usize;

/// Fills them from the largest to the smallest.
pub(super) fn fill(mut store: impl AsContextMut, engine: &Instance) -> wasmtime::Result<()> {
    let allocate: Allocate = engine.get_typed_func(&mut store, ALLOCATE)?;
    // Taken from the end of the heap and given back: holes lie before it.
    let end = allocate.call(&mut store, (0, 0, 1, LARGE))?;
    allocate.call(&mut store, (end, LARGE, 1, 0))?;
    let mut size = LARGE / 2;
    while size >= STEP {
        let behind = loop {
            match allocate.call(&mut store, (0, 0, 1, size - HEAD))? {
                0 => return Ok(()), // there is no memory left
                at if at < end => {}
                at => break at,
            }
        };
        if size > SMALL {
            allocate.call(&mut store, (behind, size - HEAD, 1, 0))?;
        }
        size -= if size > SMALL { (size / 4) & !(STEP - 1) } else { STEP };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Engine, Module, Store};

    /// Has a hole at each of the first 1,000 multiples of 64 but 0 and fresh memory behind them. Nothing is given back but what was the last.
    const HEAP: &str = r#"(module
      (global $holes (mut i32) (i32.const 1000))
      (global $end (mut i32) (i32.const 64064))
      (func (export "cabi_realloc") (param $old i32) (param $was i32) (param i32) (param $size i32) (result i32)
        (local $at i32)
        (if (i32.eq (i32.add (local.get $old) (local.get $was)) (global.get $end)) (then
          (global.set $end (local.get $old))
          (return (i32.const 0))))
        (if (i32.and (i32.lt_u (local.get $size) (i32.const 60)) (i32.gt_s (global.get $holes) (i32.const 0))) (then
          (global.set $holes (i32.sub (global.get $holes) (i32.const 1)))
          (return (i32.shl (i32.add (global.get $holes) (i32.const 1)) (i32.const 6)))))
        (local.set $at (global.get $end))
        (global.set $end (i32.add (local.get $at) (local.get $size)))
        (local.get $at)))"#;

    #[test]
    fn no_hole_is_left() {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let heap = Instance::new(&mut store, &Module::new(&engine, HEAP).unwrap(), &[]).unwrap();
        fill(&mut store, &heap).unwrap();
        let allocate: Allocate = heap.get_typed_func(&mut store, ALLOCATE).unwrap();
        assert!(allocate.call(&mut store, (0, 0, 1, 8)).unwrap() >= 64_064);
    }
}
