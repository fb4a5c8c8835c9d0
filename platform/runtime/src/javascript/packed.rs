//! A snapshot at rest: the pages that its engine's own memory does not have, compressed.
//!
//! More than half of a snapshot's file are zeros, and of the rest a good part is the interpreter's constant data, which its `base` has too. What is left is
//! compressed by a method that is quick to undo, since a visitor may wait for it.
use crate::pages::{PAGE_BYTES, is_zero};
use rustix::io::pwritev;
use std::{
    collections::HashMap,
    fs::File,
    io::{self, IoSlice},
    ops::Range,
};

/// Own pages are compressed so many at a time: undone, they fit into a processor's cache, and are on their way into the file before the next ones come.
const BLOCK_BYTES: usize = 64 * PAGE_BYTES;
/// So few zeros between two pieces are written, and no hole: the disk and the system like large pieces.
const GAP_BYTES: usize = 4 * PAGE_BYTES;
/// From so many blocks on, two threads unpack.
const TWO_THREADS_FROM: usize = 4;
/// Of one write; the system takes no more.
const PIECES: usize = 1024;
const FORM: &[u8; 8] = b"packed 2";
/// Instead of a page of the base.
const ZEROS: u32 = u32::MAX;
const OWN: u32 = u32::MAX - 1;

/// An engine's memory before any boot, and the seal that tells it from any other.
pub(super) struct Base {
    pub(super) seal: [u8; 32],
    /// Those that are not zero, in order.
    pages: Vec<u8>,
    /// Where in `pages` each of them lies, by its number in the base.
    places: HashMap<u32, usize>,
}

impl Base {
    pub(super) fn new(content: &[u8], seal: [u8; 32]) -> Self {
        let (mut pages, mut places) = (Vec::new(), HashMap::new());
        for (page, number) in content.chunks_exact(PAGE_BYTES).zip(0..).filter(|(page, _)| !is_zero(page)) {
            places.insert(number, pages.len());
            pages.extend_from_slice(page);
        }
        Self { seal, pages, places }
    }

    /// The number of each page, by its content.
    fn known(&self) -> HashMap<&[u8], u32> {
        self.places.iter().map(|(number, at)| (&self.pages[*at..at + PAGE_BYTES], *number)).collect()
    }

    /// Where `bytes` from page `first` on lie in `pages`.
    fn content(&self, first: u32, bytes: usize) -> io::Result<Range<usize>> {
        let last = first + u32::try_from(bytes.div_ceil(PAGE_BYTES) - 1).unwrap_or(u32::MAX - first);
        let place = |number: u32| self.places.get(&number).copied();
        let span = place(first).zip(place(last)).filter(|(from, to)| to.checked_sub(*from) == Some((last - first) as usize * PAGE_BYTES));
        span.map(|(from, _)| from..from + bytes).ok_or_else(|| damaged("it names what its engine does not have"))
    }
}

/// Pages that follow each other in the snapshot and in the place that they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    pages: u32,
    /// The first page of the base, or [`ZEROS`], or [`OWN`].
    from: u32,
}

/// Packs `image`; `unpack` has to be given the same `base`.
pub(super) fn pack(image: &[u8], base: &Base) -> Vec<u8> {
    let known = base.known();
    let (mut runs, mut own): (Vec<Run>, Vec<u8>) = (vec![], vec![]);
    for page in image.chunks(PAGE_BYTES) {
        let from = if is_zero(page) { ZEROS } else { known.get(page).copied().unwrap_or(OWN) };
        if from == OWN {
            own.extend_from_slice(page);
        }
        match runs.last_mut() {
            Some(run) if follows(*run, from) => run.pages += 1,
            _ => runs.push(Run { pages: 1, from }),
        }
    }
    let mut packed = [FORM, &base.seal[..], &(image.len() as u64).to_le_bytes(), &(runs.len() as u32).to_le_bytes()].concat();
    for run in runs {
        packed.extend(run.pages.to_le_bytes());
        packed.extend(run.from.to_le_bytes());
    }
    for block in own.chunks(BLOCK_BYTES) {
        let block = lz4_flex::compress(block);
        packed.extend((block.len() as u32).to_le_bytes());
        packed.extend(block);
    }
    packed
}

fn follows(run: Run, from: u32) -> bool {
    match run.from {
        ZEROS | OWN => from == run.from,
        base => from < OWN && from == base + run.pages,
    }
}

/// Writes the image into an empty file, with holes where it has zeros. `InvalidData` for bytes of which none can be made.
pub(super) fn unpack(packed: &[u8], base: &Base, to: &File) -> io::Result<()> {
    let mut rest = packed;
    if taken(&mut rest, FORM.len())? != FORM || taken(&mut rest, base.seal.len())? != base.seal {
        return Err(damaged("it is of another form, or was packed over another engine"));
    }
    let length = u64::from_le_bytes(number(&mut rest)?);
    let runs: Vec<Run> = (0..u32::from_le_bytes(number(&mut rest)?))
        .map(|_| Ok(Run { pages: u32::from_le_bytes(number(&mut rest)?), from: u32::from_le_bytes(number(&mut rest)?) }))
        .collect::<io::Result<_>>()?;
    to.set_len(length)?;
    let whole = Part { at: 0, runs, blocks: rest };
    let (one, other) = match whole.middle()? {
        Some((block, pages)) => whole.split(block, pages),
        None => (whole, None),
    };
    std::thread::scope(|scope| {
        let other = other.map(|other| scope.spawn(move || other.write(length, base, to)));
        let one = one.write(length, base, to);
        one.and(other.map_or(Ok(()), |other| other.join().unwrap_or_else(|_| Err(io::Error::other("it could not be unpacked")))))
    })
}

/// Runs that follow each other, and the blocks that their own pages are in, from the first one's begin on.
struct Part<'a> {
    at: u64,
    runs: Vec<Run>,
    blocks: &'a [u8],
}

impl<'a> Part<'a> {
    /// Where the second half of the blocks begins, and how many own pages come before, if it is worth a thread: unpacking takes as long as all the rest of a first request.
    fn middle(&self) -> io::Result<Option<(usize, u32)>> {
        let (mut rest, mut begins) = (self.blocks, Vec::new());
        while !rest.is_empty() {
            begins.push(self.blocks.len() - rest.len());
            let length = u32::from_le_bytes(number(&mut rest)?) as usize;
            taken(&mut rest, length)?;
        }
        let middle = begins.len() / 2;
        Ok((begins.len() >= TWO_THREADS_FROM).then(|| (begins[middle], (middle * BLOCK_BYTES / PAGE_BYTES) as u32)))
    }

    /// What is before the block that begins at `block`, with so many own pages, and what comes from there on.
    fn split(self, block: usize, mut pages: u32) -> (Self, Option<Self>) {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for run in self.runs {
            let first = match run.from {
                OWN => run.pages.min(pages),
                _ if pages > 0 => run.pages,
                _ => 0,
            };
            pages -= if run.from == OWN { first } else { 0 };
            before.extend((first > 0).then_some(Run { pages: first, ..run }));
            after.extend((first < run.pages).then_some(Run { pages: run.pages - first, ..run }));
        }
        let at = before.iter().map(|run| u64::from(run.pages) * PAGE_BYTES as u64).sum();
        let (first, second) = self.blocks.split_at(block);
        (Self { at: self.at, runs: before, blocks: first }, Some(Self { at, runs: after, blocks: second }))
    }

    /// Writes it to its place in a file of this length.
    fn write(&self, length: u64, base: &Base, to: &File) -> io::Result<()> {
        let (block, pieces) = (vec![0; BLOCK_BYTES], Vec::new());
        let mut image = Image { to, base, blocks: self.blocks, block, left: 0..0, begin: self.at, at: self.at, pieces };
        for run in &self.runs {
            let bytes = (run.pages as usize * PAGE_BYTES).min(usize::try_from(length.saturating_sub(image.at)).unwrap_or(usize::MAX));
            match run.from {
                _ if bytes == 0 => return Err(damaged("its pages are not as many as its length says")),
                ZEROS => image.zeros(bytes)?,
                OWN => image.own(bytes)?,
                page => image.put(Piece::Base(base.content(page, bytes)?), bytes)?,
            }
        }
        image.write()
    }
}

/// The file as it grows. Pieces that follow each other are written at once: the system then keeps them in large pieces too, and needs half the time.
struct Image<'a> {
    to: &'a File,
    base: &'a Base,
    /// The app's own pages that are still compressed.
    blocks: &'a [u8],
    block: Vec<u8>,
    /// What of `block` is there and not taken.
    left: Range<usize>,
    /// Where the pieces begin that are not written yet, and where the next one goes.
    begin: u64,
    at: u64,
    pieces: Vec<Piece>,
}

/// A range of the block, of the base's pages, or of zeros.
#[derive(Clone)]
enum Piece {
    Block(Range<usize>),
    Base(Range<usize>),
    Zeros(usize),
}

impl Image<'_> {
    fn zeros(&mut self, bytes: usize) -> io::Result<()> {
        if bytes <= GAP_BYTES {
            return self.put(Piece::Zeros(bytes), bytes);
        }
        self.write()?;
        self.at += bytes as u64;
        self.begin = self.at;
        Ok(())
    }

    fn own(&mut self, mut bytes: usize) -> io::Result<()> {
        while bytes > 0 {
            if self.left.is_empty() {
                self.write()?; // what is pending may lie in the block
                self.next()?;
            }
            let taken = self.left.len().min(bytes);
            self.put(Piece::Block(self.left.start..self.left.start + taken), taken)?;
            (self.left.start, bytes) = (self.left.start + taken, bytes - taken);
        }
        Ok(())
    }

    fn put(&mut self, piece: Piece, bytes: usize) -> io::Result<()> {
        if self.pieces.len() == PIECES {
            self.write()?;
        }
        self.pieces.push(piece);
        self.at += bytes as u64;
        Ok(())
    }

    /// Writes what is pending.
    fn write(&mut self) -> io::Result<()> {
        let content = |piece: &Piece| match piece.clone() {
            Piece::Block(range) => &self.block[range],
            Piece::Base(range) => &self.base.pages[range],
            Piece::Zeros(bytes) => &[0; GAP_BYTES][..bytes],
        };
        let mut slices: Vec<IoSlice<'_>> = self.pieces.iter().map(|piece| IoSlice::new(content(piece))).collect();
        let mut slices = &mut slices[..];
        while !slices.is_empty() {
            let written = pwritev(self.to, slices, self.begin)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.begin += written as u64;
            IoSlice::advance_slices(&mut slices, written);
        }
        self.pieces.clear();
        Ok(())
    }

    fn next(&mut self) -> io::Result<()> {
        let length = u32::from_le_bytes(number(&mut self.blocks)?) as usize;
        let block = lz4_flex::decompress_into(taken(&mut self.blocks, length)?, &mut self.block).map_err(|error| damaged(&error.to_string()))?;
        self.left = 0..block;
        if block == 0 { Err(damaged("it has an empty block")) } else { Ok(()) }
    }
}

fn taken<'a>(rest: &mut &'a [u8], bytes: usize) -> io::Result<&'a [u8]> {
    rest.split_off(..bytes).ok_or_else(|| damaged("it ends too early"))
}

fn number<const BYTES: usize>(rest: &mut &[u8]) -> io::Result<[u8; BYTES]> {
    let bytes = taken(rest, BYTES)?;
    Ok(bytes.try_into().expect("as many as asked for"))
}

fn damaged(how: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, how)
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
        let base = Base::new(&[page(1), page(0), page(2), page(3)].concat(), SEAL);
        let own: Vec<u8> = (0..100).flat_map(|number| page(number + 100)).collect();
        let hole = vec![0; GAP_BYTES + PAGE_BYTES];
        let image = [page(0), page(2), page(3), page(9), page(0), page(1), own, hole, page(3), vec![8; 100]].concat();
        let packed = pack(&image, &base);
        let file = tempfile::NamedTempFile::new().unwrap();
        unpack(&packed, &base, file.as_file()).unwrap();
        assert!(fs::read(file.path()).unwrap() == image);
        let dense = tempfile::NamedTempFile::new().unwrap();
        fs::write(dense.path(), &image).unwrap();
        assert!(file.path().metadata().unwrap().blocks() < dense.path().metadata().unwrap().blocks());
    }

    #[test]
    fn halves_that_are_unpacked_apart_meet() {
        let base = Base::new(&[page(1), page(2)].concat(), SEAL);
        let own = |pages: usize| (0..pages).flat_map(|number| page(3 + (number % 250) as u8)).collect::<Vec<u8>>();
        let pages = TWO_THREADS_FROM * BLOCK_BYTES / PAGE_BYTES;
        for before in [0, 1, pages / 2 - 1, pages / 2, pages / 2 + 1, pages] {
            let image = [own(before), page(1), page(0), page(2), own(pages), vec![0; 10 * PAGE_BYTES], page(1), vec![7; 100]].concat();
            let file = tempfile::NamedTempFile::new().unwrap();
            unpack(&pack(&image, &base), &base, file.as_file()).unwrap();
            assert!(fs::read(file.path()).unwrap() == image, "{before}");
        }
    }

    #[test]
    fn only_what_the_base_lacks_is_kept() {
        let content: Vec<u8> = (1..101u32).flat_map(|number| number.to_le_bytes().repeat(PAGE_BYTES / 4)).collect();
        assert!(pack(&content, &Base::new(&content, SEAL)).len() < 200);
    }

    #[test]
    fn nothing_is_made_of_damaged_bytes_or_over_another_base() {
        let base = Base::new(&page(1), SEAL);
        let packed = pack(&[page(1), page(9)].concat(), &base);
        let unpacked = |packed: &[u8], base: &Base| unpack(packed, base, tempfile::NamedTempFile::new().unwrap().as_file());
        assert!(unpacked(&packed, &base).is_ok());
        let refused = |packed: &[u8], base: &Base| unpacked(packed, base).unwrap_err().kind() == io::ErrorKind::InvalidData;
        assert!(refused(&packed, &Base::new(&page(1), [8; 32])));
        assert!(refused(&packed, &Base::new(&[], SEAL)));
        for end in [0, 7, 20, 45, packed.len() - 1] {
            assert!(refused(&packed[..end], &base), "{end}");
        }
    }
}
