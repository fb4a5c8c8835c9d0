//! Names for apps whose author gave none.
use paas_model::{AppId, AppName};

const FIRST: [&str; 16] =
    ["amber", "bold", "brisk", "calm", "clear", "coral", "dawn", "early", "fresh", "gentle", "keen", "light", "misty", "quiet", "swift", "warm"];
const SECOND: [&str; 16] =
    ["bay", "brook", "cliff", "field", "grove", "harbor", "hill", "island", "lake", "meadow", "path", "ridge", "river", "shore", "stone", "valley"];

/// Such as `quiet-harbor-48213`.
pub fn generate() -> AppName {
    let random = AppId::generate().0.as_u64_pair().1; // the second half of a version 7 UUID is random
    let pick = |shift: u32| (random >> shift) as usize % 16;
    let name = format!("{}-{}-{}", FIRST[pick(0)], SECOND[pick(8)], 10_000 + (random >> 16) % 90_000);
    name.parse().expect("made of lower-case words and a number")
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_differ() {
        let names: std::collections::BTreeSet<_> = (0..50).map(|_| super::generate()).collect();
        assert!(names.len() > 45, "{names:?}");
    }
}
