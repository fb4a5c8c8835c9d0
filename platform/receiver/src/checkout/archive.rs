//! The same for a `.tar.gz`: unpacked into a file that has no name, then planned and written as a commit is. The archive's own names, sizes and
//! kinds are an enemy's words; no header is obeyed before it is checked.
use super::{
    CheckoutError, CheckoutLimits, CheckoutStats, links,
    plan::{Content, Counted, Folder, Node, checked_name, checked_target, twice},
    refused, write,
};
use crate::ReceiverError;
use flate2::read::MultiGzDecoder;
use std::{
    collections::btree_map::Entry,
    fs::File,
    io::{self, Read, Seek, Write},
    path::Path,
};
use tar::{Archive, EntryType, PaxExtensions};

/// A header and its padding, which an archive needs for each entry (POSIX pax, "ustar Interchange Format").
const ENTRY_BYTES: u64 = 3 * 512;
/// Headers that hold a long name for the entry behind them.
const MAX_HEADER_BYTES: u64 = 64 << 10;
/// Linux's PATH_MAX.
const MAX_PATH_BYTES: usize = 4096;

/// Writes the archive's files into `into`; a single folder around all of them is left out, as in the archives that git hosts make.
pub(crate) fn checkout(archive: &Path, into: &Path, limits: &CheckoutLimits) -> Result<CheckoutStats, CheckoutError> {
    let mut unpacked = unpack(archive, limits)?;
    let length = unpacked.stream_position().map_err(fault("measuring", archive))?;
    unpacked.rewind().map_err(fault("reading", archive))?;
    let root = Planner { root: Folder::new(), counted: Counted::new(limits), length }.plan(&unpacked)?;
    let root = without_wrapper(root);
    if root.is_empty() {
        return Err(CheckoutError::Refused(
            "The archive has no files in it. Pack the app's files (tar czf source.tgz -C FOLDER .), and send it again.".into(),
        ));
    }
    links::check(&root)?;
    write::write(&write::Origin::Archive(&unpacked), &root, into)
}

/// Unpacks within bounds: what would be larger than any source may be is not unpacked to its end.
fn unpack(archive: &Path, limits: &CheckoutLimits) -> Result<File, CheckoutError> {
    let most = limits.total_bytes + limits.entries as u64 * ENTRY_BYTES;
    let packed = File::open(archive).map_err(fault("opening", archive))?;
    let folder = archive.parent().unwrap_or(archive);
    let mut unpacked = tempfile::tempfile_in(folder).map_err(fault("unpacking", archive))?;
    let mut reader = MultiGzDecoder::new(packed).take(most + 1);
    let mut piece = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let read = reader.read(&mut piece).map_err(|error| unreadable(&error))?;
        if read == 0 {
            return Ok(unpacked);
        }
        bytes += read as u64;
        if bytes > most {
            return Err(CheckoutError::Refused(format!(
                "The archive unpacks to more than {} bytes. Leave out what the build doesn't need, and send it again.",
                limits.total_bytes
            )));
        }
        unpacked.write_all(&piece[..read]).map_err(fault("unpacking", archive))?;
    }
}

fn fault(step: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CheckoutError {
    let path = path.to_path_buf();
    move |error| CheckoutError::Fault(ReceiverError::file(step, path)(error))
}

fn unreadable(error: &io::Error) -> CheckoutError {
    let why = error.to_string();
    CheckoutError::Refused(format!(
        "This is no whole .tar.gz archive: {}. Make it with `tar czf source.tgz -C FOLDER .`, and send it again.",
        why.escape_debug()
    ))
}

/// What headers said about the entry that comes next: GNU's `L` and `K`, and POSIX' `x`.
#[derive(Default)]
struct Ahead {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
}

struct Planner<'a> {
    root: Folder,
    counted: Counted<'a>,
    /// Of the unpacked archive.
    length: u64,
}

impl Planner<'_> {
    fn plan(mut self, unpacked: &File) -> Result<Folder, CheckoutError> {
        let mut archive = Archive::new(unpacked);
        let mut ahead = Ahead::default();
        for entry in archive.entries_with_seek().map_err(|error| unreadable(&error))?.raw(true) {
            let mut entry = entry.map_err(|error| unreadable(&error))?;
            match entry.header().entry_type() {
                EntryType::GNULongName => ahead.name = Some(long_name(&mut entry)?),
                EntryType::GNULongLink => ahead.target = Some(long_name(&mut entry)?),
                EntryType::XHeader => extend(&mut ahead, &header(&mut entry)?)?,
                EntryType::XGlobalHeader => {}
                _ => self.entry(&entry, std::mem::take(&mut ahead))?,
            }
        }
        Ok(self.root)
    }

    fn entry<R: Read>(&mut self, entry: &tar::Entry<'_, R>, ahead: Ahead) -> Result<(), CheckoutError> {
        let header = entry.header();
        let name = ahead.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let parts = parts(&name)?;
        let path = parts.join("/");
        let target = || ahead.target.or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned)).unwrap_or_default();
        let node = match header.entry_type() {
            EntryType::Directory => Node::Folder(Folder::new()),
            EntryType::Regular | EntryType::Continuous if name.ends_with(b"/") => Node::Folder(Folder::new()),
            EntryType::Regular | EntryType::Continuous => {
                let (at, bytes) = (entry.raw_file_position(), entry.size());
                self.counted.file(&path, bytes)?;
                if at.saturating_add(bytes) > self.length {
                    return Err(unreadable(&io::ErrorKind::UnexpectedEof.into()));
                }
                Node::File { content: Content::Range { at, bytes }, executable: header.mode().is_ok_and(|mode| mode & 0o100 != 0) }
            }
            EntryType::Symlink => Node::Link { target: checked_target(&target(), &path)? },
            EntryType::Link => self.same_as(&target(), &path)?,
            EntryType::Char | EntryType::Block => {
                return refused(&path, "is a device, and sources have none. Leave it out, then send the archive again.");
            }
            EntryType::Fifo => return refused(&path, "is a pipe, and sources have none. Leave it out, then send the archive again."),
            _ => return refused(&path, "is neither file, folder nor link. Leave it out, then send the archive again."),
        };
        self.put(&parts, node, &path)
    }

    /// A hard link: the same content as a file that came before it.
    fn same_as(&mut self, target: &[u8], path: &str) -> Result<Node, CheckoutError> {
        let parts = parts(target)?;
        match find(&self.root, &parts) {
            Some(Node::File { content: content @ Content::Range { bytes, .. }, executable }) => {
                let (content, bytes, executable) = (*content, *bytes, *executable);
                self.counted.file(path, bytes)?;
                Ok(Node::File { content, executable })
            }
            _ => refused(path, "is a hard link to a file that does not come before it. Replace it by the file itself, then send the archive again."),
        }
    }

    /// Makes the folders on the way; only folders may come twice.
    fn put(&mut self, parts: &[String], node: Node, path: &str) -> Result<(), CheckoutError> {
        let Some((name, above)) = parts.split_last() else { return Ok(()) }; // the archive's own root
        self.counted.depth(path, above.len())?;
        let mut folder = &mut self.root;
        for part in above {
            if !folder.contains_key(part) {
                self.counted.entry(path)?;
            }
            let Node::Folder(inner) = folder.entry(part.clone()).or_insert_with(|| Node::Folder(Folder::new())) else { return twice(path) };
            folder = inner;
        }
        match (folder.entry(name.clone()), node) {
            (Entry::Vacant(place), node) => {
                self.counted.entry(path)?;
                place.insert(node);
                Ok(())
            }
            (Entry::Occupied(known), Node::Folder(_)) if matches!(known.get(), Node::Folder(_)) => Ok(()),
            _ => twice(path),
        }
    }
}

/// A path's names, each checked; `./` in front means nothing.
fn parts(path: &[u8]) -> Result<Vec<String>, CheckoutError> {
    let shown = || String::from_utf8_lossy(&path[..path.len().min(100)]).into_owned();
    if path.len() > MAX_PATH_BYTES {
        return refused(&shown(), format_args!("… is a path of more than {MAX_PATH_BYTES} bytes. Shorten it, then send the archive again."));
    }
    if path.starts_with(b"/") {
        return refused(&shown(), "is an absolute path. Pack the app's files by relative paths (tar -C FOLDER .), then send the archive again.");
    }
    let names = path.split(|byte| *byte == b'/').filter(|name| !name.is_empty() && *name != b".");
    let mut parts: Vec<String> = Vec::new();
    for name in names {
        if name == b".." {
            return refused(&shown(), "leads out of the archive. Pack the app's files by plain relative paths, then send the archive again.");
        }
        parts.push(checked_name(name, &parts.join("/"))?);
    }
    Ok(parts)
}

fn find<'a>(root: &'a Folder, parts: &[String]) -> Option<&'a Node> {
    let (name, above) = parts.split_last()?;
    let mut folder = root;
    for part in above {
        let Node::Folder(inner) = folder.get(part)? else { return None };
        folder = inner;
    }
    folder.get(name)
}

fn header<R: Read>(entry: &mut tar::Entry<'_, R>) -> Result<Vec<u8>, CheckoutError> {
    if entry.size() > MAX_HEADER_BYTES {
        return Err(unreadable(&io::Error::other(format!("a header of it has more than {MAX_HEADER_BYTES} bytes"))));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    Ok(bytes)
}

/// GNU ends it with a NUL.
fn long_name<R: Read>(entry: &mut tar::Entry<'_, R>) -> Result<Vec<u8>, CheckoutError> {
    let mut name = header(entry)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

fn extend(ahead: &mut Ahead, records: &[u8]) -> Result<(), CheckoutError> {
    for record in PaxExtensions::new(records) {
        let record = record.map_err(|error| unreadable(&error))?;
        match record.key_bytes() {
            b"path" => ahead.name = Some(record.value_bytes().to_vec()),
            b"linkpath" => ahead.target = Some(record.value_bytes().to_vec()),
            // Larger than any file may be, or another length than the header's to hide entries in.
            b"size" => return Err(unreadable(&io::Error::other("a file of it has its size in an extended header"))),
            key if key.starts_with(b"GNU.sparse") => return Err(unreadable(&io::Error::other("it has sparse files"))),
            _ => {}
        }
    }
    Ok(())
}

fn without_wrapper(mut root: Folder) -> Folder {
    match root.pop_first() {
        Some((_, Node::Folder(inner))) if root.is_empty() => inner,
        Some((name, node)) => {
            root.insert(name, node);
            root
        }
        None => root,
    }
}
