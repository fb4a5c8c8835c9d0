//! Objects that are there when an app has booted, made immortal in its snapshot: CPython leaves their reference counts alone then, and a request does not write
//! the pages that hold nothing else.
//!
//! What is looked for is looked for in the instance, after its memory was copied: the search leaves nothing in the snapshot. So an address may also be of
//! an object that is younger than the copy; there the copy holds no count.
use wasmtime::{Store, component::Instance};

/// The engine's function that tells addresses, see `engine/wit/world.wit` of the buildpack; those of earlier slugs have none.
const LASTING: &str = "lasting";
/// Beyond what the app may take, for the search.
pub(super) const SEARCH_BYTES: usize = 128 << 20;
/// What CPython 3.14 takes for immortal where addresses have 32 bits (`_Py_IMMORTAL_INITIAL_REFCNT` in its `refcount.h`).
const IMMORTAL: u32 = 5 << 28;
/// Counts below this are changed. What else may begin a block of memory is 0 or the address of another one, and none lies in the first 64 KiB.
const COUNTS: std::ops::Range<u32> = 1..1 << 16;
/// An object begins with its count and its type's address.
const HEAD_BYTES: usize = 8;

/// The addresses, as the engine tells them. An app's snapshot is complete without them, so none are as good as an error.
pub(super) fn told<T: 'static>(store: &mut Store<T>, engine: &Instance) -> Vec<u8> {
    let Ok(lasting) = engine.get_typed_func::<(), (Vec<u8>,)>(&mut *store, LASTING) else { return Vec::new() };
    lasting.call(&mut *store, ()).map(|(addresses,)| addresses).unwrap_or_default()
}

/// Makes the objects at these addresses immortal. An app can tell what it likes: the memory is its own.
pub(super) fn make_immortal(memory: &mut [u8], addresses: &[u8]) {
    for address in addresses.as_chunks().0 {
        let address = u32::from_le_bytes(*address) as usize;
        if let Some(object) = memory.get_mut(address..).filter(|_| address.is_multiple_of(4)).and_then(|rest| rest.first_chunk_mut()) {
            age(object);
        }
    }
}

fn age(object: &mut [u8; HEAD_BYTES]) {
    if let Some((count, kind)) = object.split_first_chunk_mut::<4>()
        && COUNTS.contains(&u32::from_le_bytes(*count))
        && kind.iter().any(|byte| *byte != 0)
    {
        *count = IMMORTAL.to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: u32 = 0x0012_3450;

    /// What a memory of two objects and the begin of a third holds afterwards.
    fn afterwards(words: [u32; 5], addresses: &[u32]) -> Vec<u32> {
        let bytes = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        let mut memory = bytes(&words);
        make_immortal(&mut memory, &bytes(addresses));
        memory.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect()
    }

    #[test]
    fn counts_become_those_of_immortal_objects() {
        assert_eq!(afterwards([1, KIND, 70, KIND, 1], &[0, 8, 8]), [IMMORTAL, KIND, IMMORTAL, KIND, 1]);
        assert_eq!(afterwards([1, KIND, 70, KIND, 1], &[]), [1, KIND, 70, KIND, 1]);
    }

    #[test]
    fn what_is_no_count_stays() {
        let free = [0, KIND, KIND, KIND, 1];
        assert_eq!(afterwards(free, &[0, 8]), free, "free blocks");
        let other = [1, 0, IMMORTAL, KIND, 1];
        assert_eq!(afterwards(other, &[0, 8, 16, 20, 3, u32::MAX]), other, "no type, immortal, and outside of the memory");
    }
}
