//! A snapshot at rest: the pages that its engine's own memory does not have, compressed.
//!
//! More than half of a snapshot's file are zeros, and of the rest a good part is the interpreter's constant data, which its `base` has too. What is left is
//! compressed by a method that is quick to undo, since a visitor may wait for it.
use std::{collections::HashMap, fs::File, io, os::unix::fs::FileExt};

const PAGE_BYTES: usize = 4096;
const FORM: &[u8; 8] = b"packed 1";
/// Instead of a page of the base.
const ZEROS: u32 = u32::MAX;
const OWN: u32 = u32::MAX - 1;

/// Pages that follow each other in the snapshot and in the place that they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    pages: u32,
    /// The first page of the base, or [`ZEROS`], or [`OWN`].
    from: u32,
}

/// Packs `image`; `unpack` has to be given the same `base`, which `seal` names.
pub(super) fn pack(image: &[u8], base: &[u8], seal: &[u8; 32]) -> Vec<u8> {
    let known: HashMap<&[u8], u32> = base.chunks_exact(PAGE_BYTES).zip(0..).collect();
    let (mut runs, mut own): (Vec<Run>, Vec<u8>) = (vec![], vec![]);
    for page in image.chunks(PAGE_BYTES) {
        let from = if page.iter().all(|byte| *byte == 0) { ZEROS } else { known.get(page).copied().unwrap_or(OWN) };
        if from == OWN {
            own.extend_from_slice(page);
        }
        match runs.last_mut() {
            Some(run) if follows(*run, from) => run.pages += 1,
            _ => runs.push(Run { pages: 1, from }),
        }
    }
    let mut packed = [FORM, &seal[..], &(image.len() as u64).to_le_bytes(), &(runs.len() as u32).to_le_bytes()].concat();
    for run in runs {
        packed.extend(run.pages.to_le_bytes());
        packed.extend(run.from.to_le_bytes());
    }
    packed.extend(lz4_flex::compress_prepend_size(&own));
    packed
}

fn follows(run: Run, from: u32) -> bool {
    match run.from {
        ZEROS | OWN => from == run.from,
        base => from < OWN && from == base + run.pages,
    }
}

/// Writes the image into an empty file, with holes where it has zeros.
pub(super) fn unpack(packed: &[u8], base: &[u8], seal: &[u8; 32], to: &File) -> io::Result<()> {
    let mut rest = packed;
    if taken(&mut rest, FORM.len())? != FORM || taken(&mut rest, seal.len())? != seal {
        return Err(damaged("it is of another form, or was packed over another engine"));
    }
    let length = u64::from_le_bytes(number(&mut rest)?);
    let runs: Vec<Run> = (0..u32::from_le_bytes(number(&mut rest)?))
        .map(|_| Ok(Run { pages: u32::from_le_bytes(number(&mut rest)?), from: u32::from_le_bytes(number(&mut rest)?) }))
        .collect::<io::Result<_>>()?;
    let own = lz4_flex::decompress_size_prepended(rest).map_err(io::Error::other)?;
    let (mut own, mut at) = (&own[..], 0);
    to.set_len(length)?;
    for run in runs {
        let bytes = (run.pages as usize * PAGE_BYTES).min(usize::try_from(length.saturating_sub(at)).unwrap_or(usize::MAX));
        match run.from {
            ZEROS => {}
            OWN => to.write_all_at(taken(&mut own, bytes)?, at)?,
            page => {
                let begin = page as usize * PAGE_BYTES;
                to.write_all_at(base.get(begin..begin + bytes).ok_or_else(|| damaged("it names what its engine does not have"))?, at)?;
            }
        }
        at += bytes as u64;
    }
    Ok(())
}

fn taken<'a>(rest: &mut &'a [u8], bytes: usize) -> io::Result<&'a [u8]> {
    rest.split_off(..bytes).ok_or_else(|| damaged("it ends too early"))
}

fn number<const BYTES: usize>(rest: &mut &[u8]) -> io::Result<[u8; BYTES]> {
    let bytes = taken(rest, BYTES)?;
    Ok(bytes.try_into().expect("as many as asked for"))
}

fn damaged(how: &str) -> io::Error {
    io::Error::other(how)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::MetadataExt};

    const SEAL: [u8; 32] = [7; 32];

    fn page(byte: u8) -> Vec<u8> {
        vec![byte; PAGE_BYTES]
    }

    #[test]
    fn what_was_packed_comes_back_with_holes() {
        let base = [page(1), page(2), page(3)].concat();
        let image = [page(0), page(2), page(3), page(9), page(0), page(1), vec![8; 100]].concat();
        let packed = pack(&image, &base, &SEAL);
        let file = tempfile::NamedTempFile::new().unwrap();
        unpack(&packed, &base, &SEAL, file.as_file()).unwrap();
        assert!(fs::read(file.path()).unwrap() == image);
        let dense = tempfile::NamedTempFile::new().unwrap();
        fs::write(dense.path(), &image).unwrap();
        assert!(file.path().metadata().unwrap().blocks() < dense.path().metadata().unwrap().blocks());
    }

    #[test]
    fn only_what_the_base_lacks_is_kept() {
        let base: Vec<u8> = (0..100u32).flat_map(|number| number.to_le_bytes().repeat(PAGE_BYTES / 4)).collect();
        assert!(pack(&base, &base, &SEAL).len() < 200);
    }

    #[test]
    fn nothing_is_made_of_damaged_bytes_or_over_another_base() {
        let (base, image) = (page(1), [page(1), page(9)].concat());
        let packed = pack(&image, &base, &SEAL);
        let unpacked = |packed: &[u8], base: &[u8], seal| unpack(packed, base, seal, tempfile::NamedTempFile::new().unwrap().as_file());
        assert!(unpacked(&packed, &base, &SEAL).is_ok());
        assert!(unpacked(&packed, &base, &[8; 32]).is_err());
        assert!(unpacked(&packed, &[], &SEAL).is_err());
        for end in [0, 7, 20, 45, packed.len() - 1] {
            assert!(unpacked(&packed[..end], &base, &SEAL).is_err(), "{end}");
        }
    }
}
